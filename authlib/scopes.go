package authlib

import "slices"

// bars reports whether r keeps p out whatever scopes p holds.
func (v *vocabulary) bars(r *Rule, p *Principal) bool {
	return len(r.AnyIssuer) > 0 && !slices.Contains(r.AnyIssuer, p.Issuer) ||
		len(r.AnyRole) > 0 && !slices.ContainsFunc(r.AnyRole, func(s string) bool { return slices.Contains(p.Roles, s) }) ||
		len(r.AnyPermission) > 0 && !slices.ContainsFunc(r.AnyPermission, func(s string) bool { return v.permitted(p.Roles, s) })
}

// missing returns the fewest scopes that p would need besides its own.
func (v *vocabulary) missing(p *Principal, rules []Rule) []string {
	var out []string
	for i := range rules {
		for _, s := range rules[i].AllScopes {
			if !v.covered(p.Scopes, s) && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	for i := range rules {
		if either := rules[i].AnyScope; len(either) > 0 && !v.coversOne(p.Scopes, either) && !v.coversOne(out, either) {
			out = append(out, either[0])
		}
	}
	return v.minimal(out)
}

// ask returns what to ask for so that rules are satisfied, and no more than that.
// One of several alternatives is enough, one that p (which may be nil) holds if
// there is one. offline_access is the client's to ask for (MCP authorization,
// Refresh Tokens).
func (v *vocabulary) ask(p *Principal, rules ...Rule) []string {
	var out []string
	add := func(s string) {
		if s != "offline_access" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for i := range rules {
		for _, s := range rules[i].AllScopes {
			add(s)
		}
	}
	for i := range rules {
		if either := rules[i].AnyScope; len(either) > 0 && !v.coversOne(out, either) {
			add(v.choose(p, either))
		}
	}
	return v.minimal(out)
}

// choose returns the alternative that p holds, or else the first.
func (v *vocabulary) choose(p *Principal, either []string) string {
	if p != nil {
		for _, s := range either {
			if v.covered(p.Scopes, s) {
				return s
			}
		}
	}
	return either[0]
}

func (v *vocabulary) coversOne(scopes, either []string) bool {
	return slices.ContainsFunc(either, func(s string) bool { return v.covered(scopes, s) })
}
