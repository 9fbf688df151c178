package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// AllowRules returns a Config.Allow that lets in whoever one of the rules names:
//
//	user:NAME    the user name at the provider, or issuer|subject in full
//	org:NAME     members of the organisation, or with NAME as ORG/TEAM of a team; the provider must be asked for them
//	domain:NAME  whose verified e-mail address is exactly at the domain
//	role:NAME    to whom the provider gives the role, letter for letter
//	anyone       everybody with an account at the provider; must be the only rule
//
// With several providers a name says nothing by itself: somebody else may have it
// at another one. Each rule then begins with the name of its provider, such as
// "github:user:octocat", "google:domain:acme.com" or "oidc:anyone"; one that does
// not lets nobody in, unless it is issuer|subject or the bare anyone.
//
// Names are compared without regard to the case of the letters A to Z. A rule may itself be a comma list.
// No rule at all, an unknown one or one without a name is an error.
func AllowRules(rules ...string) (func(context.Context, *provider.Identity) error, error) {
	list, err := parseRules(rules)
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return nil, errors.New("broker: no allow rule; write user:NAME, org:NAME, domain:NAME or anyone")
	}
	if err := checkAnyone(list); err != nil {
		return nil, err
	}
	return func(_ context.Context, id *provider.Identity) error { return allow(list, id) }, nil
}

// A rule names users.
type rule struct {
	provider string // where they sign in; "": at the only provider
	kind     string
	name     string
}

const kindAnyone = "anyone"

var ruleKinds = []string{"user", "org", "domain", "role"}

// parseRules parses comma lists.
func parseRules(lists []string) ([]rule, error) {
	var out []rule
	for _, list := range lists {
		for _, text := range strings.Split(list, ",") {
			r, err := parseRule(strings.TrimSpace(text))
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
	}
	return out, nil
}

func parseRule(text string) (rule, error) {
	r := rule{kind: text}
	first, rest, ok := cut(text)
	if ok && !slices.Contains(ruleKinds, first) && validProviderName(first) {
		r.provider, r.kind = first, rest
	}
	if r.kind = lowerASCII(r.kind); r.kind == kindAnyone {
		return r, nil
	}
	if r.provider != "" {
		text = rest
	}
	r.kind, r.name, ok = cut(text)
	if !ok || !slices.Contains(ruleKinds, r.kind) || r.name == "" || strings.ContainsAny(r.name, "*? \t\r\n") {
		return rule{}, fmt.Errorf("broker: rule %.60q is not user:NAME, org:NAME, domain:NAME, role:NAME or anyone, with the name of a provider and a colon before it or not", text)
	}
	if r.kind == "domain" {
		r.name = strings.TrimPrefix(r.name, "@")
		if r.name == "" || strings.Contains(r.name, "@") {
			return rule{}, fmt.Errorf("broker: rule %.60q: a domain has no @", text)
		}
	}
	return r, nil
}

// cut splits at the first colon; what is before it has no case.
func cut(s string) (before, after string, ok bool) {
	before, after, ok = strings.Cut(s, ":")
	return lowerASCII(strings.TrimSpace(before)), strings.TrimSpace(after), ok
}

// checkAnyone refuses rules that another one makes void: whoever wrote both meant
// something else.
func checkAnyone(list []rule) error {
	for _, r := range list {
		for _, other := range list {
			if r.kind == kindAnyone && other != r && (r.provider == "" || r.provider == other.provider) {
				return fmt.Errorf("broker: rule %q makes the rule %q void; drop one of them", r, other)
			}
		}
	}
	return nil
}

// String is the rule as it is written.
func (r rule) String() string {
	s := r.kind
	if r.kind != kindAnyone {
		s += ":" + r.name
	}
	if r.provider != "" {
		s = r.provider + ":" + s
	}
	return s
}

func allow(list []rule, id *provider.Identity) error {
	if id == nil {
		return errors.New("no identity")
	}
	why := errors.New("no rule lets the user in")
	for _, r := range list {
		switch {
		case r.matches(id):
			return nil
		case r.ambiguous() && !id.Sole:
			why = fmt.Errorf("no rule lets the user in, and rule %.60q does not say at which of the providers; write PROVIDER:%s", r, r)
		case r.kind == "org" && r.at(id) && id.Orgs == nil:
			why = errors.New("no rule lets the user in, and org rules could not be tested: configure the provider to ask for organisations (GitHub: Orgs: true)")
		}
	}
	return why
}

// ambiguous reports whether the rule names other people at each provider.
func (r rule) ambiguous() bool { return r.provider == "" && r.kind != kindAnyone && !r.full() }

// full reports whether the rule names a user by issuer and subject: an issuer is
// a URI, and neither a login nor an address has a colon.
func (r rule) full() bool {
	issuer, _, ok := strings.Cut(r.name, "|")
	return ok && r.kind == "user" && strings.Contains(issuer, ":")
}

// at reports whether the rule speaks of the provider that identified id.
func (r rule) at(id *provider.Identity) bool {
	if r.provider != "" {
		return r.provider == id.Provider
	}
	return id.Sole || !r.ambiguous()
}

func (r rule) matches(id *provider.Identity) bool {
	if !r.at(id) {
		return false
	}
	switch r.kind {
	case "user":
		return r.matchesUser(id)
	case "org":
		return slices.ContainsFunc(id.Orgs, func(org string) bool { return sameName(org, r.name) })
	case "domain":
		return r.matchesDomain(id)
	case "role":
		return slices.Contains(id.Roles, r.name)
	}
	return r.kind == kindAnyone
}

// matchesUser takes the name, which users can change at some providers, or the
// subject, which is for ever: as "issuer|subject", since a bare subject could be
// somebody's name. Nobody can take such a name and be somebody else.
func (r rule) matchesUser(id *provider.Identity) bool {
	if r.full() {
		return r.name == id.Issuer+"|"+id.Subject
	}
	return id.Username != "" && sameName(id.Username, r.name)
}

func (r rule) matchesDomain(id *provider.Identity) bool {
	at := strings.LastIndexByte(id.Email, '@')
	return id.EmailVerified && at > 0 && sameName(id.Email[at+1:], r.name)
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
