package authlib_test

import (
	"context"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// Rules may demand scopes, of which broader ones include narrower ones, permissions,
// which roles give, and who vouches for the caller.
func ExamplePolicy() {
	g, err := authlib.New(authlib.Config{
		Resource:             "https://notes.example.com/mcp",
		Verifier:             authlib.VerifierFunc(verify), // such as a broker, jwtauth or apikey
		AuthorizationServers: []string{"https://id.example.com"},
		Policy: authlib.Policy{
			Base: authlib.Rule{AllScopes: []string{"notes:read"}},
			Tools: map[string]authlib.Rule{
				"list_notes":  {},
				"write_note":  {AllScopes: []string{"notes:write"}},
				"purge_notes": {AnyPermission: []string{"notes:purge"}},
				"open_pull":   {AnyIssuer: []string{"https://github.com"}},
			},
			Implies:         map[string][]string{"notes:write": {"notes:read"}},
			RolePermissions: map[string][]string{"keeper": {"notes:*"}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ada := &authlib.Principal{Issuer: "https://id.example.com", Subject: "ada", Scopes: []string{"notes:write"}}
	kim := &authlib.Principal{Issuer: "https://id.example.com", Subject: "kim", Scopes: []string{"notes:read"}, Roles: []string{"keeper"}}
	for _, tool := range []string{"list_notes", "write_note", "purge_notes", "open_pull", "not_listed"} {
		op := authlib.Operation{Method: "tools/call", Name: tool}
		fmt.Printf("%s: ada %v, kim %v\n", tool, g.Authorize(context.Background(), ada, op) == nil, g.Authorize(context.Background(), kim, op) == nil)
	}
	// Output:
	// list_notes: ada true, kim true
	// write_note: ada true, kim false
	// purge_notes: ada false, kim true
	// open_pull: ada false, kim false
	// not_listed: ada false, kim false
}

func verify(context.Context, string) (*authlib.Principal, error) { return nil, authlib.ErrInvalidToken }
