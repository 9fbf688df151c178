package authlib

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestAuthorize(t *testing.T) {
	user := &Principal{Issuer: "i", Subject: "u", Scopes: []string{"read"}}
	admin := &Principal{Issuer: "i", Subject: "a", Scopes: []string{"read", "write"}, Roles: []string{"ops"}}
	strict := newGuard(t, withPublic)
	open := newGuard(t, func(c *Config) { c.Policy = Policy{} })
	willing := newGuard(t, func(c *Config) { c.Policy = Policy{Unlisted: UnlistedBase} })
	base := newGuard(t, func(c *Config) { c.Policy.Unlisted = UnlistedBase })
	tests := []struct {
		name   string
		g      *Guard
		p      *Principal
		method string
		op     string
		want   error
	}{
		{"zero policy, user", open, user, "tools/call", "anything", nil},
		{"zero policy, unknown method", open, user, "vendor/x", "", ErrForbidden},
		{"zero policy, stranger's unknown method", open, nil, "vendor/x", "", ErrUnauthenticated},
		{"zero policy that says so, unknown method", willing, user, "vendor/x", "", nil},
		{"zero policy, the server's own method", open, user, "sampling/createMessage", "", ErrForbidden},
		{"zero policy, another's notification", open, user, "notifications/x", "", ErrForbidden},
		{"zero policy, stranger", open, nil, "tools/call", "anything", ErrUnauthenticated},
		{"zero policy, stranger initializes", open, nil, "initialize", "", ErrUnauthenticated},
		{"stranger initializes", strict, nil, "initialize", "", nil},
		{"stranger's notification", strict, nil, "notifications/initialized", "", nil},
		{"stranger's other notification", strict, nil, "notifications/progress", "", ErrUnauthenticated},
		{"stranger, unknown method", strict, nil, "vendor/x", "", ErrUnauthenticated},
		{"public", strict, nil, "tools/call", "hello", nil},
		{"public, for a user", strict, user, "tools/call", "hello", nil},
		{"public tool is no public prompt", strict, nil, "prompts/get", "hello", ErrUnauthenticated},
		{"scope", strict, user, "tools/call", "delete", ErrInsufficientScope},
		{"role", strict, user, "tools/call", "deploy", ErrForbidden},
		{"admin", strict, admin, "tools/call", "deploy", nil},
		{"unlisted", strict, admin, "tools/call", "x", ErrForbidden},
		{"unlisted prompt", strict, admin, "prompts/get", "x", ErrForbidden},
		{"unlisted method", strict, admin, "vendor/x", "", ErrForbidden},
		{"unlisted, base", base, user, "tools/call", "x", nil},
		{"unlisted method, base", base, user, "vendor/x", "", nil},
		{"unlisted, base, no scope", base, &Principal{Subject: "n"}, "tools/call", "x", ErrInsufficientScope},
		{"level", strict, user, "logging/setLevel", "", nil},
		{"method in capitals", strict, admin, "Tools/call", "echo", ErrForbidden},
	}
	for _, tt := range tests {
		err := tt.g.Authorize(context.Background(), tt.p, Operation{tt.method, tt.op})
		var d *DeniedError
		if !errors.Is(err, tt.want) || (tt.want == nil) != (err == nil) || err != nil && !errors.As(err, &d) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// What the protocol defines for clients is allowed without a word in the policy.
func TestMethodsOfTheProtocolAreKnown(t *testing.T) {
	user := &Principal{Subject: "u", Scopes: []string{"read"}}
	open := newGuard(t, func(c *Config) { c.Policy = Policy{} })
	strict := newGuard(t, nil)
	for _, m := range []string{
		"initialize", "ping", "server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list",
		"logging/setLevel", "subscriptions/listen", "tasks/get", "tasks/result", "tasks/cancel", "tasks/list", "tasks/update",
		"notifications/initialized", "notifications/cancelled", "notifications/progress", "notifications/roots/list_changed",
		"notifications/elicitation/complete", "notifications/tasks/status", "response",
	} {
		for _, g := range []*Guard{open, strict} {
			if err := g.Authorize(context.Background(), user, Operation{Method: m}); err != nil {
				t.Errorf("%s: %v", m, err)
			}
		}
	}
	for _, op := range []Operation{{"tools/call", "x"}, {"prompts/get", "x"}, {"resources/read", "x://y"}, {"resources/subscribe", "x://y"}, {"resources/unsubscribe", "x://y"}} {
		if err := open.Authorize(context.Background(), user, op); err != nil {
			t.Errorf("%v: %v", op, err)
		}
	}
}

// Who calls a method of the program's own learns why it is refused; who calls what
// the policy does not name learns nothing.
func TestARefusedMethodSaysWhy(t *testing.T) {
	g := newGuard(t, nil)
	for body, want := range map[string]bool{
		call("vendor/reindex", "{}"):            true,
		call("tools/call", `{"name":"x"}`):      false,
		call("tools/call", `{"name":"deploy"}`): false,
	} {
		w := httptest.NewRecorder()
		g.Protect(record(&seen{})).ServeHTTP(w, post(body, as("alice")...))
		if w.Code != 403 || strings.Contains(w.Body.String(), "no methods besides MCP's own") != want || w.Header().Get("WWW-Authenticate") != "" {
			t.Errorf("%s: %d %s %v", body, w.Code, w.Body, w.Header())
		}
	}
}

func TestScopesOfAChallenge(t *testing.T) {
	g := newGuard(t, func(c *Config) {
		c.Policy.Base = Rule{AllScopes: []string{"read", "offline_access"}}
		c.Policy.Tools["many"] = Rule{AllScopes: []string{"a", "b"}, AnyScope: []string{"x", "y"}}
	})
	err := g.Authorize(context.Background(), &Principal{Subject: "u", Scopes: []string{"read", "offline_access", "b"}}, Operation{"tools/call", "many"})
	var d *DeniedError
	if !errors.As(err, &d) || !slices.Equal(d.Missing, []string{"a", "x"}) || !slices.Equal(d.Scopes, []string{"read", "a", "b", "x"}) {
		t.Errorf("missing %v, scopes %v", d.Missing, d.Scopes)
	}
	for _, have := range [][]string{{"x"}, {"y"}} {
		p := &Principal{Subject: "u", Scopes: append(have, "read", "offline_access", "a", "b")}
		if err := g.Authorize(context.Background(), p, Operation{"tools/call", "many"}); err != nil {
			t.Errorf("%v is one of the alternatives: %v", have, err)
		}
	}
}

// Where a role is missing as well as a scope, asking for the scope would send the
// user through consent in vain.
func TestRoleBeforeScope(t *testing.T) {
	g := newGuard(t, func(c *Config) {
		c.Policy.Tools["both"] = Rule{AllScopes: []string{"write"}, AnyRole: []string{"ops"}}
	})
	err := g.Authorize(context.Background(), &Principal{Subject: "u"}, Operation{"tools/call", "both"})
	if !errors.Is(err, ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

func TestResourceRules(t *testing.T) {
	user := &Principal{Subject: "u", Scopes: []string{"read"}}
	g := newGuard(t, func(c *Config) {
		c.Policy.Resources = map[string]Rule{
			"repo://{owner}/{name}": {},
			"repo://{owner}/secret": {AllScopes: []string{"write"}},
			"repo://me/open":        {},
			"files://{+path}":       {},
			"search://q{?text}":     {},
		}
	})
	for uri, want := range map[string]error{
		"repo://a/b":            nil,
		"repo://a/secret":       ErrForbidden, // two templates match
		"repo://me/open":        nil,
		"repo://a/b/c":          ErrForbidden,
		"repo://a/b?x":          ErrForbidden,
		"repo://a/%2e%2e":       ErrForbidden,
		"repo://a/..":           ErrForbidden,
		"repo://./b":            ErrForbidden,
		"repo://a%2Fb/c":        ErrForbidden,
		"repo://a/b%5cc":        ErrForbidden,
		"repo://a/b%252fc":      ErrForbidden,
		`repo://a\b/c`:          ErrForbidden,
		"repo://a/b%0a":         ErrForbidden,
		"repo://a/b%":           ErrForbidden,
		"repo://a/%zz":          ErrForbidden,
		"repo://a/b%20c":        nil,
		"files://x/y/z":         nil,
		"files://x/../z":        ErrForbidden,
		"search://q?text=a":     nil,
		"search://q?text=/../a": nil,
		"repo://a/b\x01":        ErrForbidden,
		"repo://a/b\x7f":        ErrForbidden,
		"repo://{owner}/{name}": nil, // the template itself, as completion and lists name it
		"REPO://a/b":            ErrForbidden,
		"other://x":             ErrForbidden,
	} {
		for _, method := range []string{"resources/read", "resources/subscribe", "resources/unsubscribe"} {
			if err := g.Authorize(context.Background(), user, Operation{method, uri}); !errors.Is(err, want) || (want == nil) != (err == nil) {
				t.Errorf("%s %s: %v, want %v", method, uri, err, want)
			}
		}
	}
}

// A template that can't be read in one way only is refused at the start.
func TestBrokenTemplatesAreRefused(t *testing.T) {
	for text, broken := range map[string]bool{
		"a://{x}": false, "a://{x}/{+y}": false, "a://{x,y}": false, "a://{x*}": false,
		"a://{}": true, "a://{x": true, "a://x}": true, "a://{x{y}}": true, "a://{x}}": true, "}": true,
	} {
		_, err := New(Config{
			Resource: resourceURL, Verifier: people, AuthorizationServers: []string{"https://id.example.com"},
			Policy: Policy{Resources: map[string]Rule{text: {}}},
		})
		if (err != nil) != broken || err != nil && !strings.Contains(err.Error(), "template") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestNamesAreHarmlessInErrors(t *testing.T) {
	g := newGuard(t, nil)
	err := g.Authorize(context.Background(), &Principal{Subject: "u", Scopes: []string{"read"}},
		Operation{"tools/call", "x\x1b[2J\nfake record\u202e" + strings.Repeat("é", 500)})
	if s := err.Error(); strings.ContainsAny(s, "\x1b\n\u202e") || len(s) > 1000 {
		t.Errorf("%d bytes: %s", len(s), s)
	}
}

func TestPolicyRoles(t *testing.T) {
	p := Policy{
		Base:      Rule{AnyRole: []string{"staff"}},
		Tools:     map[string]Rule{"a": {AnyRole: []string{"ops", "admin"}}, "b": {Public: true}},
		Prompts:   map[string]Rule{"a": {AnyRole: []string{"writer"}}},
		Resources: map[string]Rule{"x://": {AnyRole: []string{"admin", "staff"}}},
	}
	if got := strings.Join(p.Roles(), " "); got != "admin ops staff writer" {
		t.Errorf("Roles() = %s", got)
	}
	if got := (Policy{}).Roles(); len(got) != 0 {
		t.Errorf("the zero policy demands %q", got)
	}
}
