package authlib

import "slices"

// bars reports whether r keeps p out whatever scopes p holds.
func (v *vocabulary) bars(r *Rule, p *Principal) bool {
	return len(r.AnyIssuer) > 0 && !slices.Contains(r.AnyIssuer, p.Issuer) ||
		len(r.AnyRole) > 0 && !slices.ContainsFunc(r.AnyRole, func(s string) bool { return slices.Contains(p.Roles, s) }) ||
		len(r.AnyPermission) > 0 && !slices.ContainsFunc(r.AnyPermission, func(s string) bool { return v.permitted(p.Roles, s) })
}

const offlineAccess = "offline_access"

// missing returns what p would need besides its own scopes.
func (v *vocabulary) missing(p *Principal, rules []Rule) []string {
	return v.need(p.Scopes, nil, rules)
}

// ask returns what to ask for so that rules are satisfied. One of several
// alternatives is enough, one that p (which may be nil) holds if there is one.
// offline_access is the client's to ask for (MCP authorization, Refresh Tokens).
func (v *vocabulary) ask(p *Principal, rules ...Rule) []string {
	var preferred []string
	if p != nil {
		preferred = p.Scopes
	}
	return v.need([]string{offlineAccess}, preferred, rules)
}

// need returns scopes without which rules are not satisfied by held alone, and of
// which none could be left out.
func (v *vocabulary) need(held, preferred []string, rules []Rule) []string {
	var out []string
	for i := range rules {
		for _, s := range rules[i].AllScopes {
			if !v.covered(held, s) && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	for i := range rules {
		if either := rules[i].AnyScope; len(either) > 0 && !v.coversOne(held, either) && !v.coversOne(out, either) {
			out = append(out, v.choose(preferred, either))
		}
	}
	return v.prune(out, held, rules)
}

// choose returns the first alternative that is covered by preferred, or else the
// first.
func (v *vocabulary) choose(preferred, either []string) string {
	for _, s := range either {
		if v.covered(preferred, s) {
			return s
		}
	}
	return either[0]
}

// prune drops scopes that rules can do without: another one includes them, or is an
// alternative as well.
func (v *vocabulary) prune(scopes, held []string, rules []Rule) []string {
	for i := 0; i < len(scopes) && len(scopes) > 1; {
		rest := slices.Concat(scopes[:i], scopes[i+1:])
		if v.enough(slices.Concat(held, rest), rules) {
			scopes = rest
		} else {
			i++
		}
	}
	return scopes
}

// enough reports whether scopes satisfy rules.
func (v *vocabulary) enough(scopes []string, rules []Rule) bool {
	for i := range rules {
		for _, s := range rules[i].AllScopes {
			if !v.covered(scopes, s) {
				return false
			}
		}
		if either := rules[i].AnyScope; len(either) > 0 && !v.coversOne(scopes, either) {
			return false
		}
	}
	return true
}

func (v *vocabulary) coversOne(scopes, either []string) bool {
	for _, s := range either {
		if v.covered(scopes, s) {
			return true
		}
	}
	return false
}
