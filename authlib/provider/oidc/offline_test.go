package oidc_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
)

// query returns what a sign-in asks the issuer for.
func query(t *testing.T, p *oidc.Provider) url.Values {
	t.Helper()
	s, err := p.AuthCodeURL(context.Background(), request())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// An issuer that keeps to OpenID Connect Core §11 gives a refresh token, and not to
// a client that leaves the prompt out.
func TestOfflineAccessIsAskedForWithConsent(t *testing.T) {
	is := authtest.NewIssuer(t)
	if tok := signIn(t, newProvider(t, is, nil)); tok.RefreshToken == "" {
		t.Error("no refresh token")
	}
	silent := newProvider(t, is, func(c *oidc.Config) { c.NoConsentPrompt = true })
	if tok := signIn(t, silent); tok.RefreshToken != "" {
		t.Error("the issuer gave a refresh token without consent, so that this shows nothing")
	}
	is.GiveRefreshTokens()
	if q := query(t, silent); q.Has("prompt") || !strings.Contains(q.Get("scope"), "offline_access") {
		t.Errorf("query %v", q)
	}
	if tok := signIn(t, silent); tok.RefreshToken == "" {
		t.Error("no refresh token from an issuer that wants no prompt")
	}
}

// Nobody is asked for consent at an issuer that has no offline access to give.
func TestNoOfflineAccessNoPrompt(t *testing.T) {
	is := authtest.NewIssuer(t)
	is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["scopes_supported"] = []string{"openid"} })
	if q := query(t, newProvider(t, is, nil)); q.Has("prompt") || strings.Contains(q.Get("scope"), "offline") {
		t.Errorf("query %v", q)
	}
}

// Entra refuses the prompt where administrators have consented for all.
func TestEntraIsNotSentThePrompt(t *testing.T) {
	for issuer, want := range map[string]bool{
		"https://login.microsoftonline.com/tenant/v2.0": false, "https://LOGIN.microsoftonline.us/tenant/v2.0": false,
		"https://sts.windows.net/tenant/": false, "https://login.microsoftonline.com.evil.test": true, "https://login.test": true,
	} {
		is := authtest.NewIssuerAs(t, issuer)
		p := newProvider(t, is, func(c *oidc.Config) { c.HTTPClient = handled(is.Handler()) })
		if got := query(t, p).Get("prompt") == "consent"; got != want {
			t.Errorf("%s: prompt %v, want %v", issuer, got, want)
		}
	}
}

// nil is the default, and an empty list is none but what a sign-in needs.
func TestNoScopes(t *testing.T) {
	is := authtest.NewIssuer(t)
	for want, scopes := range map[string][]string{"openid email profile offline_access": nil, "openid offline_access": {}} {
		p := newProvider(t, is, func(c *oidc.Config) { c.Scopes = scopes })
		if got := query(t, p).Get("scope"); got != want {
			t.Errorf("%#v: %q, want %q", scopes, got, want)
		}
	}
}
