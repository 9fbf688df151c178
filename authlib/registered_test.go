package authlib

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
)

// templates is a policy that names two templates, one for everybody who signs in.
func templates(unlisted Unlisted) Policy {
	return Policy{
		Base: Rule{AllScopes: []string{"read"}},
		Resources: map[string]Rule{
			"item://{id}":  {},
			"item://named": {},
			"open://{id}":  {Public: true},
			"raw://{id}":   {AnyRole: []string{"ops"}},
		},
		Unlisted: unlisted,
	}
}

// A template's rule holds for what is registered under that very template, and for
// nothing that the server would run instead.
func TestATemplateOpensNothingElse(t *testing.T) {
	user := &Principal{Subject: "u", Scopes: []string{"read"}}
	item := Registry{Templates: []string{"item://{id}", "other://{x}", "open://{id}"}}
	broken := errors.New("no list")
	for _, tt := range []struct {
		name     string
		p        *Principal
		unlisted Unlisted
		uri      string
		reg      Registry
		err      error
		want     error
	}{
		{"registered as it is named", user, UnlistedDeny, "item://1", item, nil, nil},
		{"a resource below it", user, UnlistedDeny, "item://1", Registry{Resources: []string{"item://1"}, Templates: item.Templates}, nil, ErrForbidden},
		{"a resource below it, for who may do what is unlisted", user, UnlistedBase, "item://1", Registry{Resources: []string{"item://1"}}, nil, nil},
		{"a resource that is named", user, UnlistedDeny, "item://named", Registry{Resources: []string{"item://named"}}, nil, nil},
		{"another template", user, UnlistedDeny, "item://x1", Registry{Templates: []string{"item://x{id}"}}, nil, ErrForbidden},
		{"both templates", user, UnlistedDeny, "item://x1", Registry{Templates: []string{"item://x{id}", "item://{id}"}}, nil, ErrForbidden},
		{"a wider template", user, UnlistedDeny, "item://1", Registry{Templates: []string{"item://{id}", "{+all}"}}, nil, ErrForbidden},
		{"a template that can't be read", user, UnlistedDeny, "item://1", Registry{Templates: []string{"item://{id}", "item://{"}}, nil, ErrForbidden},
		{"nothing is registered", user, UnlistedDeny, "item://1", Registry{}, nil, ErrForbidden},
		{"nobody knows", user, UnlistedDeny, "item://1", item, broken, ErrForbidden},
		{"stranger, public template", nil, UnlistedDeny, "open://1", item, nil, nil},
		{"stranger, a resource below a public template", nil, UnlistedDeny, "open://1", Registry{Resources: []string{"open://1"}}, nil, ErrUnauthenticated},
		{"the same, unlisted is open to users", nil, UnlistedBase, "open://1", Registry{Resources: []string{"open://1"}}, nil, ErrUnauthenticated},
		{"user without the base scope", &Principal{Subject: "n"}, UnlistedBase, "open://1", Registry{Resources: []string{"open://1"}}, nil, ErrInsufficientScope},
		{"the template's rule still holds", user, UnlistedBase, "raw://1", Registry{Resources: []string{"raw://1"}}, nil, ErrForbidden},
	} {
		g := newGuard(t, func(c *Config) {
			c.Policy, c.AllowAnonymous = templates(tt.unlisted), true
			c.Registered = func(context.Context) (Registry, error) { return tt.reg, tt.err }
		})
		for _, method := range []string{"resources/read", "resources/subscribe", "resources/unsubscribe"} {
			op := Operation{method, tt.uri}
			err := g.Authorize(context.Background(), tt.p, op)
			if err == nil {
				err = g.AuthorizeRegistered(tt.p, op, func() (Registry, error) { return tt.reg, tt.err })
			}
			if !errors.Is(err, tt.want) || (tt.want == nil) != (err == nil) {
				t.Errorf("%s, %s: %v, want %v", tt.name, method, err, tt.want)
			}
		}
	}
}

// What a list names is named itself, or it is not listed: a template says nothing
// about a resource that looks like one of its own.
func TestItemsOfAListAreNamedThemselves(t *testing.T) {
	user := &Principal{Subject: "u", Scopes: []string{"read"}}
	for unlisted, want := range map[Unlisted]error{UnlistedDeny: ErrForbidden, UnlistedBase: nil} {
		g := newGuard(t, func(c *Config) { c.Policy, c.AllowAnonymous = templates(unlisted), true })
		for uri, want := range map[string]error{
			"item://{id}": nil, "item://named": nil, "open://{id}": nil, "raw://{id}": ErrForbidden,
			"item://secret": want, "item://x{id}": want, "other://x": want,
		} {
			if err := g.AuthorizeItem(context.Background(), user, Operation{"resources/read", uri}); !errors.Is(err, want) || (want == nil) != (err == nil) {
				t.Errorf("unlisted %d: %s: %v, want %v", unlisted, uri, err, want)
			}
		}
	}
}

// Where nobody says what is registered, a template opens nothing.
func TestWithoutARegistryATemplateOpensNothing(t *testing.T) {
	read := func(g *Guard, uri string) int {
		w := httptest.NewRecorder()
		g.Protect(record(&seen{})).ServeHTTP(w, post(call("resources/read", `{"uri":"`+uri+`"}`), as("alice")...))
		return w.Code
	}
	item := func(context.Context) (Registry, error) { return Registry{Templates: []string{"item://{id}"}}, nil }
	for _, tt := range []struct {
		name       string
		registered func(context.Context) (Registry, error)
		deferred   bool
		uri        string
		want       int
	}{
		{"nobody says", nil, false, "item://1", 403},
		{"nobody says, but it is named", nil, false, "item://named", 200},
		{"the program says", item, false, "item://1", 200},
		{"the program fails to say", func(context.Context) (Registry, error) { return Registry{}, errNoRegistry }, false, "item://1", 403},
		{"an adapter decides", nil, true, "item://1", 200},
	} {
		g := newGuard(t, func(c *Config) {
			c.Policy, c.AllowAnonymous, c.Registered = templates(UnlistedDeny), true, tt.registered
		})
		if tt.deferred {
			g.DeferResources()
		}
		if got := read(g, tt.uri); got != tt.want {
			t.Errorf("%s: %s: status %d, want %d", tt.name, tt.uri, got, tt.want)
		}
	}
}
