package policyfile

import (
	"sort"

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
	upTo := func(i int) error {
		some := map[string][]string{}
		for _, pair := range n.pairs[:i+1] {
			some[pair.key.text] = all[pair.key.text]
		}
		return authlib.Policy{Implies: some}.Validate()
	}
	first := sort.Search(len(n.pairs)-1, func(i int) bool { return upTo(i) != nil })
	d.valid(n.pairs[first].key, upTo(first))
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
	for rest := d.wanted; len(rest) > 0 && len(d.faults) < maxFaults; {
		most := 1 // among so many is one that is not given; few are asked about first
		for most < len(rest) && given(p, rest[:most]) {
			most = min(2*most, len(rest))
		}
		first := sort.Search(most, func(i int) bool { return !given(p, rest[:i+1]) })
		if first == most {
			break
		}
		d.at(rest[first].at, "no role gives the permission "+quote(rest[first].text), "correct it, or give it to a role under roles")
		rest = rest[first+1:]
	}
	if len(d.faults) == 0 {
		d.valid(root, p.Validate())
	}
}

// given reports whether roles of p give all these permissions.
func given(p authlib.Policy, list []word) bool {
	var r authlib.Rule
	for _, w := range list {
		r.AnyPermission = append(r.AnyPermission, w.text)
	}
	return authlib.Policy{Base: r, RolePermissions: p.RolePermissions}.Validate() == nil
}
