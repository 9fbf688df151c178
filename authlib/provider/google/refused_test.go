package google_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
)

// exchange comes back from Google and redeems the code.
func exchange(t *testing.T, p *google.Provider, client *http.Client) (*oauth2.Token, error) {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	c := &http.Client{Transport: client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(google.Issuer + authtest.IssuerAuthorize + "?" + authURL(t, p, verifier).Encode())
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return p.Exchange(context.Background(), provider.ExchangeRequest{
		Code: back.Query().Get("code"), Verifier: verifier, RedirectURL: "http://localhost/cb", Nonce: "n", Issuer: back.Query().Get("iss")})
}

// An ID token that Google did not make for this app and this sign-in is refused,
// emulators of Google notwithstanding, which check none of it.
func TestRefusedIDTokens(t *testing.T) {
	for what, change := range map[string]func(map[string]any){
		"another issuer":          func(c map[string]any) { c["iss"] = "https://accounts.google.com.evil.test" },
		"the issuer's old name":   func(c map[string]any) { c["iss"] = "accounts.google.com" },
		"another app's":           func(c map[string]any) { c["aud"] = "9-other.apps.googleusercontent.com" },
		"got by another app":      func(c map[string]any) { c["azp"] = "9-other.apps.googleusercontent.com" },
		"ended":                   func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
		"of another sign-in":      func(c map[string]any) { c["nonce"] = "m" },
		"of no sign-in":           func(c map[string]any) { delete(c, "nonce") },
		"nobody's":                func(c map[string]any) { delete(c, "sub") },
		"of another access token": func(c map[string]any) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" },
	} {
		p, is, client := newGoogle(t, nil)
		is.Tamper(authtest.IssuerIDToken, change)
		if tok, err := exchange(t, p, client); tok != nil || !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("%s: %v, want ErrInvalidToken", what, err)
		}
	}
	p, is, client := newGoogle(t, nil)
	is.SignWith("EdDSA") // which Google does not use
	if tok, err := exchange(t, p, client); tok != nil || !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("another algorithm: %v, want ErrInvalidToken", err)
	}
}

// The Workspace domain is the one that Google says now, and nothing that looks like
// one.
func TestWorkspaceDomains(t *testing.T) {
	for what, hd := range map[string]any{"a list": []string{"example.com"}, "a number": 1, "nothing": nil, "empty": ""} {
		p, is, client := newGoogle(t, nil)
		is.SetUser(map[string]any{"sub": "1", "email": "ada@example.com", "email_verified": true, "hd": hd})
		tok, err := exchange(t, p, client)
		if err != nil {
			t.Fatal(err)
		}
		id, err := p.Identify(context.Background(), tok)
		if err != nil || len(id.Orgs) != 0 || id.EmailVerified || id.Username != "" {
			t.Errorf("hd is %s: %+v, %v", what, id, err)
		}
	}
	p, is, client := newGoogle(t, nil)
	is.SetUser(map[string]any{"sub": "1", "email": "ada@example.com", "email_verified": true, "hd": "example.com"})
	tok, err := exchange(t, p, client)
	if err != nil {
		t.Fatal(err)
	}
	is.Tamper(authtest.IssuerUserInfo, func(c map[string]any) { c["sub"] = "2" })
	if id, err := p.Identify(context.Background(), tok); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("UserInfo of another user: %+v, %v", id, err)
	}
}
