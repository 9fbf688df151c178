package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// RoleRules returns a Config.Roles that gives roles by rules, which normally come
// from MCP_ROLES:
//
//	admin=user:octocat,org:acme;auditor=domain:acme.com
//
// The rules are those of [AllowRules]; "anyone" is everybody who may sign in, and
// "nobody", alone, gives the role to no one. A role that a provider gives is
// never one of ours by itself: "admin=role:mcp-admins" says so.
//
// demanded are the roles that the policy demands. One without a rule is an error,
// and so are a malformed rule, a rule for a provider that is not among providers,
// and, where there are several, one that names none: somebody could take the name
// at the other provider. A change shows when the program is started again, and
// for users who are signed in when their token is refreshed, within Config.RolesTTL.
func RoleRules(rules string, demanded []string, providers ...provider.Provider) (func(context.Context, *provider.Identity) ([]string, error), error) {
	byRole, err := parseRoles(rules)
	if err != nil {
		return nil, fmt.Errorf("broker: MCP_ROLES: %w", err)
	}
	for _, role := range demanded {
		if _, ok := byRole[role]; !ok {
			return nil, missingRole(role, rules, providers)
		}
	}
	for _, role := range slices.Sorted(maps.Keys(byRole)) {
		if err := checkProvidersOf(byRole[role], providers); err != nil {
			return nil, fmt.Errorf("broker: MCP_ROLES: role %s: %w", role, err)
		}
	}
	return func(_ context.Context, id *provider.Identity) ([]string, error) { return rolesOf(byRole, id), nil }, nil
}

// missingRole says how to give a role that nobody has.
func missingRole(role, rules string, providers []provider.Provider) error {
	who := "user:NAME"
	if len(providers) > 1 {
		who = providers[0].Name() + ":" + who
	}
	what := "gives nobody the role " + role
	if strings.TrimSpace(rules) == "" {
		what = "is not set, so nobody has the role " + role
	}
	return fmt.Errorf("broker: MCP_ROLES %s: say who has it, such as %s=%s, or %s=nobody; several with commas, further roles after a semicolon", what, role, who, role)
}

// parseRoles returns the rules of each role.
func parseRoles(rules string) (map[string][]rule, error) {
	byRole := map[string][]rule{}
	for _, part := range strings.Split(rules, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		role, list, ok := strings.Cut(part, "=")
		role = strings.TrimSpace(role)
		if _, twice := byRole[role]; !ok || !validRole(role) || twice {
			return nil, fmt.Errorf("%.60q is not ROLE=user:NAME,org:NAME, or the role is there twice; separate roles by semicolons", part)
		}
		parsed, err := parseMembers(list)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", role, err)
		}
		byRole[role] = parsed
	}
	return byRole, nil
}

// parseMembers parses the rules of one role.
func parseMembers(list string) ([]rule, error) {
	if strings.EqualFold(strings.TrimSpace(list), "nobody") {
		return nil, nil
	}
	parsed, err := parseRules([]string{list})
	if err != nil {
		return nil, err
	}
	return parsed, checkAnyone(parsed)
}

// validRole leaves out what separates roles and rules.
func validRole(s string) bool {
	return s != "" && len(s) <= 100 && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= 0x20 || c >= 0x7f || strings.ContainsRune(`,;="\`, c)
	})
}

func checkProvidersOf(list []rule, providers []provider.Provider) error {
	var names []string
	for _, p := range providers {
		names = append(names, p.Name())
	}
	for _, r := range list {
		switch {
		case r.provider != "" && !slices.Contains(names, r.provider):
			return fmt.Errorf("rule %.60q: %q is not one of the providers, %s", r, r.provider, strings.Join(names, ", "))
		case r.ambiguous() && len(names) > 1:
			return fmt.Errorf("rule %.60q does not say at which provider; write %s:%s", r, names[0], r)
		}
	}
	if len(names) == 0 {
		return errors.New("there is no provider")
	}
	return nil
}

// rolesOf returns the roles of which a rule names id, sorted.
func rolesOf(byRole map[string][]rule, id *provider.Identity) []string {
	var out []string
	for role, list := range byRole {
		if id != nil && slices.ContainsFunc(list, func(r rule) bool { return r.matches(id) }) {
			out = append(out, role)
		}
	}
	slices.Sort(out)
	return out
}
