package authtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
)

const notes = "https://mcp.example.com/mcp"

func verifier(t *testing.T, is *authtest.Issuer) *jwtauth.Verifier {
	t.Helper()
	v, err := jwtauth.New(jwtauth.Config{Issuer: is.URL, Audience: notes, Now: is.Now})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Tokens of every algorithm are what a verifier takes that shares no code with the
// stand-in, and no token of a key that is gone.
func TestIssuerSigns(t *testing.T) {
	ctx := context.Background()
	for _, alg := range []string{"RS256", "PS256", "ES256", "EdDSA"} {
		is := authtest.NewIssuer(t)
		is.SignWith(alg)
		old := is.Token(authlib.Principal{Subject: "42", Scopes: []string{"a", "b"}, Roles: []string{"admin"}, ClientID: "c"}, notes)
		p, err := verifier(t, is).Verify(ctx, old)
		if err != nil || p.Subject != "42" || !p.HasScope("b") || !p.HasRole("admin") || p.ClientID != "c" {
			t.Errorf("%s: %+v, %v", alg, p, err)
		}
		is.AddKey()
		for what, token := range map[string]string{"old": old, "new": is.Token(authlib.Principal{Subject: "42"}, notes)} {
			if _, err := verifier(t, is).Verify(ctx, token); err != nil {
				t.Errorf("%s, both keys are published, the %s token: %v", alg, what, err)
			}
		}
		is.Rotate()
		if _, err := verifier(t, is).Verify(ctx, old); !errors.Is(err, authlib.ErrInvalidToken) {
			t.Errorf("%s, the key is withdrawn: %v", alg, err)
		}
		ended := is.Token(authlib.Principal{Subject: "42", Expiry: time.Now().Add(-time.Hour)}, notes)
		if _, err := verifier(t, is).Verify(ctx, ended); !errors.Is(err, authlib.ErrTokenExpired) {
			t.Errorf("%s, ended: %v", alg, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("HS256 is signed with")
		}
	}()
	authtest.NewIssuer(t).SignWith("HS256")
}

// Opaque tokens are known to the introspection endpoint until they end or are revoked,
// one by one or all together.
func TestIssuerIntrospects(t *testing.T) {
	is, ctx := authtest.NewIssuer(t), context.Background()
	now := time.Now()
	is.Now = func() time.Time { return now }
	ask := func(token string) error {
		v, err := jwtauth.NewIntrospection(jwtauth.IntrospectionConfig{
			Issuer: is.URL, Endpoint: is.URL + authtest.IssuerIntrospection, ClientID: is.ClientID, ClientSecret: is.ClientSecret, Audience: notes, Now: is.Now})
		if err != nil {
			t.Fatal(err)
		}
		_, err = v.Verify(ctx, token)
		return err
	}
	alice := authlib.Principal{Subject: "alice", Scopes: []string{"notes"}}
	one, two := is.OpaqueToken(alice, notes), is.OpaqueToken(alice, notes)
	if err := ask(one); err != nil {
		t.Error(err)
	}
	revoke(t, is, one, is.ClientSecret, http.StatusOK)
	revoke(t, is, two, "wrong", http.StatusUnauthorized)
	if err := ask(one); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("revoked: %v", err)
	}
	for what, token := range map[string]string{"for another": is.OpaqueToken(alice, "https://another.example.com"), "none": "x", "one for UserInfo": is.Opaque()} {
		if err := ask(token); !errors.Is(err, authlib.ErrInvalidToken) {
			t.Errorf("%s: %v", what, err)
		}
	}
	now = now.Add(2 * time.Hour)
	if err := ask(two); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("ended: %v", err)
	}
	now = now.Add(-2 * time.Hour)
	if is.RevokeAll(); ask(two) == nil {
		t.Error("all are revoked, and one works")
	}
}

func revoke(t *testing.T, is *authtest.Issuer, token, secret string, want int) {
	t.Helper()
	res, err := http.PostForm(is.URL+authtest.IssuerRevocation, url.Values{"token": {token}, "client_id": {is.ClientID}, "client_secret": {secret}})
	if err != nil || res.StatusCode != want {
		t.Fatalf("revoke: %v, %v; want %d", res, err, want)
	}
	res.Body.Close()
}

// A path fails as it is told, and the others go on.
func TestIssuerFails(t *testing.T) {
	is := authtest.NewIssuer(t)
	get := func(path string) (int, string) {
		res, err := http.Get(is.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var m map[string]any
		_ = json.NewDecoder(res.Body).Decode(&m)
		code, _ := m["error"].(string)
		return res.StatusCode, code
	}
	is.Fail(authtest.IssuerKeys, http.StatusTooManyRequests, "temporarily_unavailable")
	if status, code := get(authtest.IssuerKeys); status != http.StatusTooManyRequests || code != "temporarily_unavailable" {
		t.Errorf("%d %s", status, code)
	}
	if status, _ := get(authtest.IssuerMetadata); status != http.StatusOK {
		t.Errorf("the metadata fail as well: %d", status)
	}
	if _, err := verifier(t, is).Verify(context.Background(), is.Token(authlib.Principal{Subject: "42"}, notes)); err == nil || errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("no keys can be had: %v", err)
	}
	is.Fail(authtest.IssuerKeys, 0, "")
	if status, _ := get(authtest.IssuerKeys); status != http.StatusOK || is.Calls(authtest.IssuerKeys) < 2 {
		t.Errorf("%d", status)
	}
	is.SetDown(true)
	if status, _ := get(authtest.IssuerMetadata); status != http.StatusServiceUnavailable {
		t.Errorf("down: %d", status)
	}
	is.SetDown(false)
	is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["error"] = "tampered" })
	if _, code := get(authtest.IssuerMetadata); code != "tampered" {
		t.Errorf("%q", code)
	}
	for path, want := range map[string]int{
		authtest.IssuerAuthorize + "?client_id=x": http.StatusBadRequest, authtest.IssuerUserInfo: http.StatusUnauthorized,
	} {
		if status, _ := get(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

// An issuer at another address listens nowhere and is its handler.
func TestIssuerElsewhere(t *testing.T) {
	is := authtest.NewIssuerAs(t, "https://id.example.com")
	if token := is.MintAs("at+jwt", "k", map[string]any{"iss": is.URL}); strings.Count(token, ".") != 2 {
		t.Errorf("%s", token)
	}
	if is.Handler() == nil || is.URL != "https://id.example.com" {
		t.Errorf("%s", is.URL)
	}
}
