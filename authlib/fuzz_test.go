package authlib

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// bearerForm is the credentials of RFC 6750 §2.1, with the spaces that RFC 9110
// §11.4 allows and the scheme in any case (§11.1).
var bearerForm = regexp.MustCompile(`\A(?i:bearer) +([A-Za-z0-9._~+/-]+=*)\z`)

// FuzzBearer checks that the verifier is asked about exactly those headers that
// the grammar allows, with exactly the token, and that nothing else gets through.
func FuzzBearer(f *testing.F) {
	for _, s := range []string{
		"Bearer alice", "bearer  alice", "BEARER alice=", "Bearer alice,bob", "Bearer", "Bearer ", "Bearer alice ", "Bearer\talice",
		"Basic YTpi", "alice", "", "Bearer =", "Bearer al=ice", "Bearer ali\x00ce", "Bearer " + strings.Repeat("a", maxToken+1),
	} {
		f.Add(s)
	}
	asked := ""
	g := newGuard(f, func(c *Config) {
		c.Verifier = VerifierFunc(func(ctx context.Context, token string) (*Principal, error) {
			asked = token
			return people(ctx, token)
		})
	})
	reached := false
	h := g.Protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	f.Fuzz(func(t *testing.T, value string) {
		asked, reached = "", false
		r := post(call("tools/call", `{"name":"echo"}`))
		r.Header["Authorization"] = []string{value}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		want := ""
		if m := bearerForm.FindStringSubmatch(value); m != nil && len(m[1]) <= maxToken {
			want = m[1]
		}
		if asked != want {
			t.Fatalf("%q: the verifier was asked about %q, want %q", value, asked, want)
		}
		known := slices.Contains([]string{"alice", "bob", "admin"}, want)
		if reached != known || known != (w.Code == http.StatusOK) {
			t.Fatalf("%q: status %d, reached %v", value, w.Code, reached)
		}
		if !known && w.Code != http.StatusServiceUnavailable && w.Code != http.StatusForbidden && w.Header().Get("WWW-Authenticate") == "" {
			t.Fatalf("%q: status %d without a challenge", value, w.Code)
		}
	})
}

// FuzzPolicy checks what holds for every policy that New takes: strangers get what
// is public and nothing else, and whoever has more may do no less.
func FuzzPolicy(f *testing.F) {
	f.Add("read", "write", "admin write", "ops", "echo", "echo", "read", "write", "ops", false, false)
	f.Add("", "", "", "", "echo", "other", "", "", "", true, true)
	f.Add("read", "", "a b", "", "*", "x", "read b", "a", "", false, true)
	f.Add("mcp:*", "x:*", "", "r", "x", "x", "mcp:read x:y", "mcp:*", "r", false, false)
	f.Fuzz(func(t *testing.T, base, all, any, roles, name, called, held, more, role string, public, unlistedBase bool) {
		rule := Rule{Public: public, AllScopes: strings.Fields(all), AnyScope: strings.Fields(any), AnyRole: strings.Fields(roles)}
		p := Policy{Base: Rule{AllScopes: strings.Fields(base)}, Tools: map[string]Rule{name: rule}}
		if unlistedBase {
			p.Unlisted = UnlistedBase
		}
		g, err := New(Config{Resource: resourceURL, Verifier: people, AuthorizationServers: []string{"https://id.example.com"}, Policy: p, AllowAnonymous: public})
		if err != nil {
			return
		}
		op := Operation{Method: "tools/call", Name: called}
		allows := func(p *Principal) bool { return g.Authorize(context.Background(), p, op) == nil }
		if got, want := allows(nil), public && called == name; got != want {
			t.Fatalf("a stranger may call %q: %v, want %v; %+v", called, got, want, p)
		}
		who := &Principal{Issuer: "https://id", Subject: "alice", Scopes: strings.Fields(held)}
		richer := who.Clone()
		richer.Scopes, richer.Roles = append(richer.Scopes, strings.Fields(more)...), strings.Fields(role)
		if allows(nil) && !allows(who) || allows(who) && !allows(richer) {
			t.Fatalf("%q: stranger %v, %v %v, with more %v; %+v", called, allows(nil), who.Scopes, allows(who), allows(richer), p)
		}
		if allows(&Principal{Issuer: "https://id", Subject: "alice"}) && !public && !(len(p.Base.AllScopes) == 0 && open(rule, name, called, unlistedBase)) {
			t.Fatalf("who holds nothing may call %q; %+v", called, p)
		}
	})
}

// open reports whether a caller who holds nothing may do what rule says of name.
func open(rule Rule, name, called string, unlistedBase bool) bool {
	if called != name {
		return unlistedBase
	}
	return len(rule.AllScopes)+len(rule.AnyScope)+len(rule.AnyRole) == 0
}
