package authlib

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// names reports whether p names any tool, prompt or resource.
func (p *Policy) names() bool { return len(p.Tools)+len(p.Prompts)+len(p.Resources) > 0 }

// publicRule returns the first public operation of p in a stable order, or "".
func (p *Policy) publicRule() string {
	for _, k := range p.kinds() {
		for _, name := range slices.Sorted(maps.Keys(k.rules)) {
			if k.rules[name].Public {
				return k.name + " " + quote(name)
			}
		}
	}
	return ""
}

type ruleKind struct {
	name  string
	rules map[string]Rule
}

func (p *Policy) kinds() []ruleKind {
	return []ruleKind{{"tool", p.Tools}, {"prompt", p.Prompts}, {"resource", p.Resources}}
}

func (p *Policy) validate() error {
	errs := []error{p.Base.validate("Policy.Base")}
	if p.Base.Public {
		errs = append(errs, errors.New("authlib: Policy.Base can't be Public: it would open everything; mark single operations"))
	}
	if p.Unlisted != UnlistedDeny && p.Unlisted != UnlistedBase {
		errs = append(errs, fmt.Errorf("authlib: Policy.Unlisted has the unknown value %d", p.Unlisted))
	}
	for _, k := range p.kinds() {
		for _, name := range slices.Sorted(maps.Keys(k.rules)) {
			where := k.name + " " + quote(name)
			if name == "" {
				errs = append(errs, fmt.Errorf("authlib: the policy has a %s without a name", k.name))
			}
			errs = append(errs, k.rules[name].validate(where))
		}
	}
	return errors.Join(append(errs, p.validateWords())...)
}

// demands reports whether r demands anything besides an authenticated caller.
func (r Rule) demands() bool {
	return len(r.AllScopes)+len(r.AnyScope)+len(r.AnyRole)+len(r.AnyPermission)+len(r.AnyIssuer) > 0
}

func (r Rule) validate(where string) error {
	if r.Public && r.demands() {
		return fmt.Errorf("authlib: %s is Public and demands something as well; it can only be one of the two", where)
	}
	for _, s := range slices.Concat(r.AllScopes, r.AnyScope) {
		if !validScope(s) {
			return fmt.Errorf("authlib: %s demands the scope %q, which RFC 6749 §3.3 does not allow", where, clip(s))
		}
	}
	if slices.Contains(r.AnyRole, "") {
		return fmt.Errorf("authlib: %s demands a role without a name", where)
	}
	for _, s := range r.AnyPermission {
		if err := validatePermission(where, s); err != nil {
			return err
		}
	}
	for _, s := range r.AnyIssuer {
		if err := validateIssuer(where, s); err != nil {
			return err
		}
	}
	return nil
}

// validScope reports whether s is a scope-token (RFC 6749 §3.3), and so may
// stand in a challenge unescaped.
func validScope(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}
