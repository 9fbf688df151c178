package jwtauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

const resource = "https://mcp.test/mcp"

// bench is a verifier and its issuer, with one clock.
type bench struct {
	*testing.T
	is    *authtest.Issuer
	clock *storetest.Clock
	v     *Verifier
}

func newBench(t *testing.T, change func(*Config)) *bench {
	t.Helper()
	b := &bench{T: t, is: authtest.NewIssuer(t), clock: storetest.NewClock()}
	b.is.Now = b.clock.Now
	cfg := Config{Issuer: b.is.URL, Audience: resource, Now: b.clock.Now}
	if change != nil {
		change(&cfg)
	}
	v, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.v = v
	return b
}

// claims are those of a good token, changed.
func (b *bench) claims(changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": b.is.URL, "sub": "42", "aud": resource, "exp": b.clock.Now().Add(time.Hour).Unix(),
		"iat": b.clock.Now().Unix(), "client_id": "c1", "scope": "mcp:use files:read",
	}
	maps.Copy(c, changes)
	maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
	return c
}

func (b *bench) mint(changes map[string]any) string { return b.is.Mint("at+jwt", b.claims(changes)) }

func (b *bench) good(token string) *authlib.Principal {
	b.Helper()
	p, err := b.v.Verify(context.Background(), token)
	if err != nil {
		b.Fatalf("refused: %v", err)
	}
	return p
}

// bad wants the token refused, and neither it nor a part of it in the error.
func (b *bench) bad(what, token string, want error) {
	b.Helper()
	p, err := b.v.Verify(context.Background(), token)
	if p != nil || !errors.Is(err, want) {
		b.Errorf("%s: %v, %v; want %v", what, p, err, want)
		return
	}
	for _, part := range strings.Split(token, ".") {
		if len(part) > 8 && strings.Contains(err.Error(), part) {
			b.Errorf("%s: the error holds the token: %v", what, err)
		}
	}
}

func TestVerify(t *testing.T) {
	b := newBench(t, nil)
	p := b.good(b.mint(map[string]any{"roles": []string{"admin"}, "preferred_username": "ada"}))
	if p.Issuer != b.is.URL || p.Subject != "42" || p.ClientID != "c1" || p.Username != "ada" ||
		!slices.Equal(p.Scopes, []string{"mcp:use", "files:read"}) || !slices.Equal(p.Roles, []string{"admin"}) {
		t.Errorf("principal %+v", p)
	}
	if want := time.Unix(b.clock.Now().Add(time.Hour+defaultLeeway).Unix(), 0); !p.Expiry.Equal(want) {
		t.Errorf("expires %v, want %v", p.Expiry, want)
	}
	b.good(b.is.Token(authlib.Principal{Subject: "7", Scopes: []string{"a"}}, resource))
}

func TestAudienceAndScopeForms(t *testing.T) {
	b := newBench(t, func(c *Config) { c.ExtraAudiences = []string{"api://guid"}; c.RolesClaim = "/realm_access/roles" })
	for _, aud := range []any{resource, resource + "/", "https://MCP.test/mcp", "https://mcp.test:443/mcp", []string{"x", resource}, "api://guid"} {
		b.good(b.mint(map[string]any{"aud": aud}))
	}
	p := b.good(b.mint(map[string]any{"scope": nil, "scp": []string{"a", "b"}, "realm_access": map[string]any{"roles": []string{"r"}}}))
	if !slices.Equal(p.Scopes, []string{"a", "b"}) || !slices.Equal(p.Roles, []string{"r"}) {
		t.Errorf("scopes %v, roles %v", p.Scopes, p.Roles)
	}
}

func TestBadClaims(t *testing.T) {
	b := newBench(t, nil)
	now := b.clock.Now()
	other := authtest.NewIssuer(t)
	for _, tt := range []struct {
		what    string
		changes map[string]any
		want    error
	}{
		{"another issuer", map[string]any{"iss": other.URL}, authlib.ErrInvalidToken},
		{"no issuer", map[string]any{"iss": nil}, authlib.ErrInvalidToken},
		{"issuer in capitals", map[string]any{"iss": nil, "ISS": b.is.URL}, authlib.ErrInvalidToken},
		{"issuer with a slash", map[string]any{"iss": b.is.URL + "/"}, authlib.ErrInvalidToken},
		{"another audience", map[string]any{"aud": "https://other.test/mcp"}, authlib.ErrWrongAudience},
		{"audience with another path", map[string]any{"aud": "https://mcp.test/"}, authlib.ErrWrongAudience},
		{"audience that begins alike", map[string]any{"aud": resource + "x"}, authlib.ErrWrongAudience},
		{"audience with a query", map[string]any{"aud": resource + "?x"}, authlib.ErrWrongAudience},
		{"no audience", map[string]any{"aud": nil}, authlib.ErrWrongAudience},
		{"empty audience", map[string]any{"aud": ""}, authlib.ErrWrongAudience},
		{"audience of mixed kinds", map[string]any{"aud": []any{resource, 1}}, authlib.ErrInvalidToken},
		{"audience is an object", map[string]any{"aud": map[string]any{resource: true}}, authlib.ErrInvalidToken},
		{"ended", map[string]any{"exp": now.Add(-time.Minute).Unix()}, authlib.ErrTokenExpired},
		{"ended, just beyond the leeway", map[string]any{"exp": now.Add(-defaultLeeway).Unix()}, authlib.ErrTokenExpired},
		{"no end", map[string]any{"exp": nil}, authlib.ErrInvalidToken},
		{"end is text", map[string]any{"exp": "9999999999"}, authlib.ErrInvalidToken},
		{"end beyond all time", map[string]any{"exp": 1e300}, authlib.ErrInvalidToken},
		{"negative end", map[string]any{"exp": -1}, authlib.ErrInvalidToken},
		{"not yet", map[string]any{"nbf": now.Add(time.Hour).Unix()}, authlib.ErrInvalidToken},
		{"nbf is text", map[string]any{"nbf": "0"}, authlib.ErrInvalidToken},
		{"issued in the future", map[string]any{"iat": now.Add(time.Hour).Unix()}, authlib.ErrInvalidToken},
		{"no subject", map[string]any{"sub": nil}, authlib.ErrInvalidToken},
		{"subject is a number", map[string]any{"sub": 42}, authlib.ErrInvalidToken},
		{"bound to a key", map[string]any{"cnf": map[string]any{"jkt": "x"}}, authlib.ErrInvalidToken},
	} {
		b.bad(tt.what, b.mint(tt.changes), tt.want)
	}
	b.good(b.mint(map[string]any{"exp": now.Add(-defaultLeeway + time.Second).Unix()}))
}

// b64 encodes one part of a token.
func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestBadTokens(t *testing.T) {
	b := newBench(t, nil)
	good := b.mint(nil)
	part := strings.Split(good, ".")
	claims, err := json.Marshal(b.claims(nil))
	if err != nil {
		t.Fatal(err)
	}
	other := authtest.NewIssuer(t)
	header := func(alg string) string { return b64(`{"alg":"` + alg + `","typ":"at+jwt","kid":"key-1"}`) }
	mac := hmac.New(sha256.New, []byte(b.is.URL)) // any secret: the algorithm is what must be refused
	mac.Write([]byte(header("HS256") + "." + b64(string(claims))))
	for what, token := range map[string]string{
		"empty": "", "a dot": ".", "two dots": "..", "opaque": "at-0123456789abcdef", "broker token": "mcp_at_0123",
		"none":              header("none") + "." + b64(string(claims)) + ".",
		"NoNe":              header("NoNe") + "." + b64(string(claims)) + ".",
		"hmac":              header("HS256") + "." + b64(string(claims)) + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)),
		"algorithm of RSA":  header("RS256") + "." + b64(string(claims)) + "." + part[2],
		"no signature":      part[0] + "." + part[1] + ".",
		"claims swapped":    part[0] + "." + b64(string(claims)+" ") + "." + part[2],
		"signature changed": part[0] + "." + part[1] + "." + strings.Repeat("A", len(part[2])),
		"signed by another": other.Mint("at+jwt", b.claims(nil)),
		"own key in header": b64(`{"alg":"ES256","typ":"at+jwt","jwk":{"kty":"EC","crv":"P-256","x":"x","y":"y"}}`) + "." + part[1] + "." + part[2],
		"five parts":        good + ".x.y",
		"JSON form":         `{"payload":"` + part[1] + `","protected":"` + part[0] + `","signature":"` + part[2] + `"}`,
		"with a space":      good[:20] + " " + good[20:],
		"huge":              part[0] + "." + strings.Repeat("A", 20<<10) + "." + part[2],
		"unknown key":       b.is.MintAs("at+jwt", "nobody", b.claims(nil)),
		"no type":           b.is.Mint("", b.claims(nil)),
		"type JWT":          b.is.Mint("JWT", b.claims(nil)),
		"type of logout":    b.is.Mint("logout+jwt", b.claims(nil)),
	} {
		b.bad(what, token, authlib.ErrInvalidToken)
	}
	b.good(good)
	b.good(b.is.Mint("application/AT+JWT", b.claims(nil)))
	b.good(b.is.MintAs("at+jwt", "", b.claims(nil))) // the set has one key only
}

// With AnyType other tokens are taken, but no ID token and nothing else that the
// same issuer signs.
func TestAnyType(t *testing.T) {
	b := newBench(t, func(c *Config) { c.AnyType = true })
	for _, typ := range []string{"", "JWT", "at+jwt"} {
		b.good(b.is.Mint(typ, b.claims(nil)))
	}
	plain := map[string]any{"scope": nil, "client_id": nil}
	for _, one := range []map[string]any{{"scope": nil}, {"client_id": nil}, {"scope": nil, "client_id": nil, "scp": []string{"a"}}} {
		b.good(b.is.Mint("JWT", b.claims(one)))
	}
	for what, token := range map[string]string{
		"no scope, no client": b.is.Mint("JWT", b.claims(plain)),
		"at_hash":             b.is.Mint("JWT", b.claims(map[string]any{"at_hash": "x"})),
		"c_hash":              b.is.Mint("JWT", b.claims(map[string]any{"c_hash": "x"})),
		"logout":              b.is.Mint("logout+jwt", b.claims(nil)),
		"security event":      b.is.Mint("JWT", b.claims(map[string]any{"events": map[string]any{}})),
	} {
		b.bad(what, token, authlib.ErrInvalidToken)
	}
}

// Fifty tokens with invented keys cost the issuer one fetch.
func TestKeyFlood(t *testing.T) {
	b := newBench(t, nil)
	var wg sync.WaitGroup
	for n := range 50 {
		token := b.is.MintAs("at+jwt", fmt.Sprint("invented-", n), b.claims(map[string]any{"jti": n}))
		wg.Add(1)
		go func() {
			defer wg.Done()
			b.bad("invented key", token, authlib.ErrInvalidToken)
		}()
	}
	wg.Wait()
	if n := b.is.Calls(authtest.IssuerKeys); n != 1 {
		t.Errorf("%d fetches of the keys, want 1", n)
	}
	b.clock.Advance(31 * time.Second)
	for n := range 50 {
		b.bad("invented key", b.is.MintAs("at+jwt", fmt.Sprint("again-", n), b.claims(nil)), authlib.ErrInvalidToken)
	}
	if n := b.is.Calls(authtest.IssuerKeys); n != 2 {
		t.Errorf("%d fetches of the keys, want 2", n)
	}
	for range 50 { // a known key and a bad signature is no reason to ask
		b.bad("bad signature", b.mint(nil)+"AA", authlib.ErrInvalidToken)
	}
	if n := b.is.Calls(authtest.IssuerKeys); n != 2 {
		t.Errorf("%d fetches of the keys, want 2", n)
	}
}

func TestRotation(t *testing.T) {
	b := newBench(t, nil)
	old := b.mint(nil)
	b.good(old)
	b.is.Rotate()
	b.bad("new key within the cool-down", b.mint(nil), authlib.ErrInvalidToken)
	b.clock.Advance(time.Second)
	b.good(b.mint(nil))
	b.clock.Advance(31 * time.Second)
	b.good(old) // remembered, until the keys it was checked with are due
	b.clock.Advance(59 * time.Minute)
	b.is.Rotate()
	fresh := b.mint(map[string]any{"exp": b.clock.Now().Add(2 * time.Hour).Unix()})
	b.clock.Advance(10 * time.Minute)
	b.good(fresh)
	b.bad("the key was withdrawn", b.is.MintAs("at+jwt", "key-1", b.claims(nil)), authlib.ErrInvalidToken)
}

// A token whose key was withdrawn is refused once the keys are due, however long
// it lasts.
func TestWithdrawnKeyEndsRememberedTokens(t *testing.T) {
	b := newBench(t, nil)
	long := b.mint(map[string]any{"exp": b.clock.Now().Add(12 * time.Hour).Unix()})
	b.good(long)
	b.is.Rotate()
	b.clock.Advance(61 * time.Minute)
	b.bad("withdrawn", long, authlib.ErrInvalidToken)
}

// outage wants an error that is not about the token.
func (b *bench) outage(what, token string) {
	b.Helper()
	if _, err := b.v.Verify(context.Background(), token); err == nil || errors.Is(err, authlib.ErrInvalidToken) {
		b.Errorf("%s: %v, want an error that is not about the token", what, err)
	}
}

func TestOutage(t *testing.T) {
	b := newBench(t, nil)
	b.is.SetDown(true)
	for range 20 {
		b.outage("down from the start", b.mint(nil))
	}
	if n := b.is.Calls(authtest.IssuerMetadata); n != 1 {
		t.Errorf("%d fetches of the metadata while down, want 1", n)
	}
	b.is.SetDown(false)
	b.clock.Advance(6 * time.Second)
	b.good(b.mint(nil))

	b.is.SetDown(true)
	b.clock.Advance(23 * time.Hour)
	b.good(b.mint(nil)) // with the keys of yesterday
	before := b.is.Calls(authtest.IssuerKeys)
	for range 20 {
		b.good(b.mint(nil))
	}
	if n := b.is.Calls(authtest.IssuerKeys); n != before {
		t.Errorf("%d more fetches within the cool-down", n-before)
	}
	b.outage("an unknown key cannot be judged", b.is.MintAs("at+jwt", "new", b.claims(nil)))
	b.clock.Advance(2 * time.Hour)
	b.outage("keys older than a day", b.mint(nil))
}

func TestCallerLeaves(t *testing.T) {
	b := newBench(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.v.Verify(ctx, b.mint(nil)); err == nil || errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("error %v", err)
	}
	b.good(b.mint(nil))
}

func TestRemembers(t *testing.T) {
	b := newBench(t, nil)
	token := b.mint(nil)
	p := b.good(token)
	p.Scopes[0], p.Claims["sub"] = "changed", "changed"
	b.is.SetDown(true)
	if again := b.good(token); again.Scopes[0] != "mcp:use" || again.Claims["sub"] != "42" {
		t.Errorf("what one caller changed reached another: %+v", again)
	}
	b.clock.Advance(time.Hour + defaultLeeway)
	b.bad("ended while remembered", token, authlib.ErrTokenExpired)
}

func TestNewRefuses(t *testing.T) {
	good := Config{Issuer: "https://login.test", Audience: resource}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"OIDC_ISSUER to":     func(c *Config) { c.Issuer = "" },
		"must be https":      func(c *Config) { c.Issuer = "http://login.test" },
		"not an absolute":    func(c *Config) { c.Issuer = "login.test" },
		"has a query":        func(c *Config) { c.Issuer = "https://login.test?x=y" },
		"Audience is empty":  func(c *Config) { c.Audience = "" },
		"contains an empty":  func(c *Config) { c.ExtraAudiences = []string{""} },
		`"HS256" is not one`: func(c *Config) { c.Algorithms = []string{"RS256", "HS256"} },
		`"none" is not one`:  func(c *Config) { c.Algorithms = []string{"none"} },
		"use 0 to 1m":        func(c *Config) { c.Leeway = 2 * time.Minute },
		"Leeway is -1s":      func(c *Config) { c.Leeway = -time.Second },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
	}
}

// Metadata of another issuer, or with addresses that are not encrypted, are not
// used.
func TestMetadataOfAnother(t *testing.T) {
	for what, change := range map[string]func(map[string]any){
		"another issuer": func(m map[string]any) { m["issuer"] = "https://evil.test" },
		"keys in clear":  func(m map[string]any) { m["jwks_uri"] = "http://keys.test/" },
		"no keys":        func(m map[string]any) { delete(m, "jwks_uri") },
	} {
		b := newBench(t, nil)
		b.is.Tamper(authtest.IssuerMetadata, change)
		b.outage(what, b.mint(nil))
	}
}

func FuzzVerify(f *testing.F) {
	is := authtest.NewIssuerAs(f, "http://localhost:1")
	v, err := New(Config{Issuer: is.URL, Audience: resource})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(is.Token(authlib.Principal{Subject: "42"}, resource))
	for _, s := range []string{"", "..", "a.b.c", b64(`{"alg":"none"}`) + "." + b64("{}") + ".", b64(`{"alg":"ES256","crit":["x"],"x":1}`) + ".e30.AA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // nobody is asked
		if p, err := v.Verify(ctx, token); err == nil || p != nil {
			t.Errorf("%q was taken: %+v", token, p)
		}
	})
}
