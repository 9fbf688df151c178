package policyfile

import (
	"slices"
	"strings"
)

// elsewhere and inARule say what to write instead of keys that other formats have.
var (
	elsewhere = map[string]string{
		"deny_unlisted": "write unlisted: deny, which holds without it too", "allow_unlisted": "write unlisted: base",
		"methods":   "there are no rules by method: base holds for the protocol's methods that name nothing",
		"templates": "write URI templates under resources", "resource_templates": "write URI templates under resources",
		"role_permissions": "write it under roles", "permissions": "write what each role permits under roles",
		"scopes": "what all need is base: {all_scopes: [name]}; what a scope includes stands under implies",
		"public": "mark single tools, prompts or resources as public",
	}
	inARule = map[string]string{
		"scopes": "write all_scopes where all are needed, any_scope where one is enough", "scope": "write all_scopes: [name]",
		"roles": "write any_role: one is enough", "role": "write any_role: [name]",
		"permissions": "write any_permission: one is enough", "permission": "write any_permission: [name]",
		"issuers": "write any_issuer: one is enough", "issuer": "write any_issuer: [URL]",
		"dangerous": "nothing would follow from it: demand a role or a scope", "description": "write a comment",
	}
)

// unknown refuses a key. It is never passed over: what it was meant to demand would
// not be demanded.
func (d *decoder) unknown(key *node, known []string, cures map[string]string) {
	cure := cures[strings.ToLower(key.text)]
	if cure == "" {
		cure = "the keys here are " + strings.Join(known, ", ")
	}
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s)) }
	if i := slices.IndexFunc(known, func(k string) bool { return plain(k) == plain(key.text) }); i >= 0 {
		cure = "write " + known[i]
	}
	d.at(key, "the key "+quote(key.text)+" is not known", cure)
}
