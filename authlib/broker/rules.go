package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// AllowRules returns a Config.Allow that lets in whoever one of the rules names:
//
//	user:NAME    the user name at the provider, or issuer|subject in full
//	org:NAME     members of the organisation; the provider must be asked for them
//	domain:NAME  whose verified e-mail address is exactly at the domain
//	anyone       everybody with an account at the provider; must be the only rule
//
// Names are compared without regard to the case of the letters A to Z. A rule may itself be a comma list.
// No rule at all, an unknown one or one without a name is an error.
func AllowRules(rules ...string) (func(context.Context, *provider.Identity) error, error) {
	var tests []allowTest
	anyone := false
	for _, list := range rules {
		for _, rule := range strings.Split(list, ",") {
			rule = strings.TrimSpace(rule)
			if strings.EqualFold(rule, "anyone") {
				anyone = true
				continue
			}
			t, err := parseRule(rule)
			if err != nil {
				return nil, err
			}
			tests = append(tests, t)
		}
	}
	switch {
	case anyone && len(tests) > 0:
		return nil, errors.New("broker: allow rule \"anyone\" makes the other rules void; write it alone or drop it")
	case anyone:
		return func(context.Context, *provider.Identity) error { return nil }, nil
	case len(tests) == 0:
		return nil, errors.New("broker: no allow rule; write user:NAME, org:NAME, domain:NAME or anyone")
	}
	return func(_ context.Context, id *provider.Identity) error { return allow(tests, id) }, nil
}

type allowTest struct{ kind, name string }

func parseRule(rule string) (allowTest, error) {
	kind, name, ok := strings.Cut(rule, ":")
	kind, name = strings.ToLower(strings.TrimSpace(kind)), strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, "*? \t\r\n") {
		return allowTest{}, fmt.Errorf("broker: allow rule %.60q is not user:NAME, org:NAME, domain:NAME or anyone", rule)
	}
	switch kind {
	case "user", "org":
	case "domain":
		name = strings.TrimPrefix(name, "@")
		if name == "" || strings.Contains(name, "@") {
			return allowTest{}, fmt.Errorf("broker: allow rule %.60q: a domain has no @", rule)
		}
	default:
		return allowTest{}, fmt.Errorf("broker: allow rule %.60q: %.20q is not user, org or domain", rule, kind)
	}
	return allowTest{kind, name}, nil
}

func allow(tests []allowTest, id *provider.Identity) error {
	if id == nil {
		return errors.New("no identity")
	}
	unasked := false
	for _, t := range tests {
		switch {
		case t.kind == "user" && t.matchesUser(id):
			return nil
		case t.kind == "org" && id.Orgs == nil:
			unasked = true
		case t.kind == "org" && containsName(id.Orgs, t.name):
			return nil
		case t.kind == "domain" && t.matchesDomain(id):
			return nil
		}
	}
	if unasked {
		return errors.New("no rule lets the user in, and org rules could not be tested: configure the provider to ask for organisations (GitHub: Orgs: true)")
	}
	return errors.New("no rule lets the user in")
}

// matchesUser takes the name, which users can change at some providers, or the
// subject, which is for ever: as "issuer|subject", since a bare subject could be
// somebody's name.
func (t allowTest) matchesUser(id *provider.Identity) bool {
	return (id.Username != "" && sameName(id.Username, t.name)) || t.name == id.Issuer+"|"+id.Subject
}

func (t allowTest) matchesDomain(id *provider.Identity) bool {
	at := strings.LastIndexByte(id.Email, '@')
	return id.EmailVerified && at > 0 && sameName(id.Email[at+1:], t.name)
}

func containsName(list []string, s string) bool {
	for _, v := range list {
		if sameName(v, s) {
			return true
		}
	}
	return false
}

// sameName ignores the case of ASCII letters only: Unicode folding would take the
// Kelvin sign for a k.
func sameName(a, b string) bool { return lowerASCII(a) == lowerASCII(b) }

func lowerASCII(s string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}
