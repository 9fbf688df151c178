package authlib

import (
	"maps"
	"slices"
	"strings"
)

// A vocabulary is what the words of a policy mean: which scopes include which, and
// what each role may do. It is made once, from a policy that has been checked, and
// never changes. nil is the vocabulary of a policy that says nothing of the kind.
type vocabulary struct {
	broader map[string][]string // by scope: those that include it, at any remove
	roles   map[string]permissions
}

func newVocabulary(p Policy) *vocabulary {
	if len(p.Implies)+len(p.RolePermissions) == 0 {
		return nil
	}
	v := &vocabulary{broader: map[string][]string{}, roles: map[string]permissions{}}
	for _, scope := range slices.Sorted(maps.Keys(p.Implies)) {
		for narrower := range reach(p.Implies, scope) {
			v.broader[narrower] = append(v.broader[narrower], scope)
		}
	}
	for role, list := range p.RolePermissions {
		v.roles[role] = newPermissions(list)
	}
	return v
}

// reach returns what scope implies, at any remove.
func reach(implies map[string][]string, scope string) map[string]bool {
	found := map[string]bool{}
	for queue := slices.Clone(implies[scope]); len(queue) > 0; queue = queue[1:] {
		if !found[queue[0]] {
			found[queue[0]] = true
			queue = append(queue, implies[queue[0]]...)
		}
	}
	return found
}

// covered reports whether one of scopes is s, or includes it.
func (v *vocabulary) covered(scopes []string, s string) bool {
	if slices.Contains(scopes, s) {
		return true
	}
	return v != nil && slices.ContainsFunc(v.broader[s], func(b string) bool { return slices.Contains(scopes, b) })
}

// permitted reports whether one of roles gives permission.
func (v *vocabulary) permitted(roles []string, permission string) bool {
	return v != nil && slices.ContainsFunc(roles, func(r string) bool { return v.roles[r].cover(permission) })
}

// permissions are what a role gives.
type permissions struct {
	all   bool            // "*"
	exact map[string]bool // "notes:read"
	below map[string]bool // "notes:", for "notes:*"
}

func newPermissions(list []string) permissions {
	set := permissions{exact: map[string]bool{}, below: map[string]bool{}}
	for _, s := range list {
		switch prefix, wild := strings.CutSuffix(s, "*"); {
		case s == "*":
			set.all = true
		case wild:
			set.below[prefix] = true
		default:
			set.exact[s] = true
		}
	}
	return set
}

// cover reports whether everything that permission stands for is in the set: a
// permission with a wildcard is covered by the same one or a wider one only.
func (set permissions) cover(permission string) bool {
	if set.all || set.exact[permission] {
		return true
	}
	for i := range len(permission) {
		if permission[i] == ':' && set.below[permission[:i+1]] {
			return true
		}
	}
	return false
}
