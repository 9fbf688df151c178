package policyfile_test

import (
	"fmt"
	"testing/fstest"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/policyfile"
)

// A program that carries its policy: fsys is what go:embed fills.
//
//	//go:embed policy.yaml
//	var fsys embed.FS
func ExampleLoadFS() {
	fsys := fstest.MapFS{"policy.yaml": {Data: []byte(`
base: {all_scopes: [notes:read]}
tools:
  list_notes: {}
  delete_note: {any_role: [keeper]}
  status: {public: true}
`)}}
	policy, err := policyfile.LoadFS(fsys, "policy.yaml")
	if err != nil {
		fmt.Println(err) // end the program: without its policy it must not serve
		return
	}
	fmt.Println(policy.Base.AllScopes, policy.Tools["delete_note"].AnyRole, policy.Tools["status"].Public, policy.Unlisted == authlib.UnlistedDeny)
	// Output: [notes:read] [keeper] true true
}

// Every fault is reported with its place and what to do.
func ExampleParse() {
	_, err := policyfile.Parse("policy.yaml", []byte("tools:\n  delete_note: {roles: [keeper]}\n  status: {public: yes}\n"))
	fmt.Println(err)
	// Output:
	// policy.yaml:2:17: the key "roles" is not known; write any_role: one is enough
	// policy.yaml:3:20: true or false is wanted, and this is text; write true or false, without quotes
}

// A policy that was Go before can be written as a file.
func ExampleMarshal() {
	text, err := policyfile.Marshal(authlib.Policy{
		Base:            authlib.Rule{AllScopes: []string{"notes:read"}},
		Tools:           map[string]authlib.Rule{"list_notes": {}, "purge_notes": {AnyPermission: []string{"notes:purge"}}},
		RolePermissions: map[string][]string{"keeper": {"notes:*"}},
	})
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// base: {all_scopes: ["notes:read"]}
	// tools:
	//   list_notes: {}
	//   purge_notes: {any_permission: ["notes:purge"]}
	// roles:
	//   keeper: ["notes:*"]
	// <nil>
}
