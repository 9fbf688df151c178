package policyfile

import (
	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// implies reads which scopes include which others.
func (d *decoder) implies(n *node) map[string][]string {
	out := d.table(n, "scope", func(scope, narrower string) error {
		return authlib.Policy{Implies: map[string][]string{scope: {narrower}}}.Validate()
	})
	if len(d.faults) == 0 && (authlib.Policy{Implies: out}).Validate() != nil {
		d.circle(n, out)
	}
	return out
}

// circle says which line makes scopes go round.
func (d *decoder) circle(n *node, all map[string][]string) {
	some := map[string][]string{}
	for _, pair := range n.pairs {
		some[pair.key.text] = all[pair.key.text]
		if !d.valid(pair.key, authlib.Policy{Implies: some}.Validate()) {
			return
		}
	}
}

// roles reads what roles permit.
func (d *decoder) roles(n *node) map[string][]string {
	return d.table(n, "role", func(role, permission string) error {
		return authlib.Policy{RolePermissions: map[string][]string{role: {permission}}}.Validate()
	})
}

// table reads a mapping from names to lists of names.
func (d *decoder) table(n *node, what string, valid func(name, word string) error) map[string][]string {
	if !d.section(n, what, maxWords) {
		return nil
	}
	out := map[string][]string{}
	d.each(n, func(key, value *node) {
		if d.name(key) {
			out[key.text] = d.words(value, func(s string) error { return valid(key.text, s) })
		}
	})
	return out
}

// together checks what no part can be blamed for alone: the permissions that no role
// gives, and whatever else authlib refuses.
func (d *decoder) together(root *node, p authlib.Policy) {
	if len(d.faults) > 0 || p.Validate() == nil {
		return
	}
	for _, w := range d.wanted {
		one := authlib.Policy{Base: authlib.Rule{AnyPermission: []string{w.text}}, RolePermissions: p.RolePermissions}
		if one.Validate() != nil && len(d.faults) < maxFaults {
			d.at(w.at, "no role gives the permission "+quote(w.text), "correct it, or give it to a role under roles")
		}
	}
	if len(d.faults) == 0 {
		d.valid(root, p.Validate())
	}
}
