package authlib

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// validateWords reports what is wrong with the policy's scope and role tables.
func (p *Policy) validateWords() error {
	return errors.Join(p.validateImplies(), p.validateRolePermissions(), p.validatePermissions())
}

func (p *Policy) validateImplies() error {
	var errs []error
	for _, scope := range slices.Sorted(maps.Keys(p.Implies)) {
		if len(p.Implies[scope]) == 0 {
			errs = append(errs, fmt.Errorf("authlib: Policy.Implies: %s implies nothing; name a scope or drop it", quote(scope)))
		}
		for _, s := range append([]string{scope}, p.Implies[scope]...) {
			switch {
			case s == offlineAccess:
				errs = append(errs, errors.New("authlib: Policy.Implies has offline_access, which says nothing of what may be done"))
			case !validScope(s):
				errs = append(errs, fmt.Errorf("authlib: Policy.Implies has the scope %s, which RFC 6749 §3.3 does not allow", quote(s)))
			}
		}
		if reach(p.Implies, scope)[scope] {
			errs = append(errs, fmt.Errorf("authlib: Policy.Implies goes round in a circle: %s implies itself", quote(scope)))
		}
	}
	return errors.Join(errs...)
}

func (p *Policy) validateRolePermissions() error {
	var errs []error
	for _, role := range slices.Sorted(maps.Keys(p.RolePermissions)) {
		if role == "" {
			errs = append(errs, errors.New("authlib: Policy.RolePermissions has a role without a name"))
		}
		if len(p.RolePermissions[role]) == 0 {
			errs = append(errs, fmt.Errorf("authlib: Policy.RolePermissions gives the role %s no permission; name one or drop it", quote(role)))
		}
		for _, s := range p.RolePermissions[role] {
			errs = append(errs, validatePermission("Policy.RolePermissions", s))
		}
	}
	return errors.Join(errs...)
}

// validatePermissions wants a role for every permission that a rule demands: what
// nobody can have is a mistake in writing.
func (p *Policy) validatePermissions() error {
	var errs []error
	given := newPermissions(slices.Concat(slices.Collect(maps.Values(p.RolePermissions))...))
	for _, s := range p.demandedPermissions() {
		if !given.cover(s) {
			errs = append(errs, fmt.Errorf("authlib: the policy demands the permission %s, which no role in Policy.RolePermissions gives", quote(s)))
		}
	}
	return errors.Join(errs...)
}

func (p *Policy) demandedPermissions() []string {
	out := slices.Clone(p.Base.AnyPermission)
	for _, k := range p.kinds() {
		for _, r := range k.rules {
			out = append(out, r.AnyPermission...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// validatePermission allows segments that are joined by colons. A star stands for
// everything as a whole permission, and for everything below as the last segment:
// anywhere else it would be taken for more than it was meant for.
func validatePermission(where, s string) error {
	segments := strings.Split(s, ":")
	last := len(segments) - 1
	for i, seg := range segments {
		if seg == "" || strings.Contains(seg, "*") && (seg != "*" || i != last) || !validScope(seg) {
			return fmt.Errorf("authlib: %s has the permission %s; write it like %q, %q or %q", where, quote(s), "notes:read", "notes:*", "*")
		}
	}
	return nil
}

// validateIssuer wants an issuer identifier. Something else, such as the name of a
// provider, would never be anybody's issuer.
func validateIssuer(where, s string) error {
	if u, err := url.Parse(s); err != nil || u.Scheme == "" || !validScope(s) || strings.Contains(s, "*") {
		return fmt.Errorf("authlib: %s demands the issuer %s; name an issuer in full, such as https://github.com", where, quote(s))
	}
	return nil
}
