package oidc_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
)

// Users sign in whatever usual algorithm their issuer signs with, and however it
// wants the client's secret.
func TestSignInWithEachAlgorithm(t *testing.T) {
	for _, alg := range []string{"RS256", "PS256", "ES256", "EdDSA"} {
		for _, method := range []string{"client_secret_basic", "client_secret_post"} {
			is := authtest.NewIssuer(t)
			is.SignWith(alg)
			is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["token_endpoint_auth_methods_supported"] = []string{method} })
			p := newProvider(t, is, nil)
			tok, err := p.Exchange(context.Background(), authorize(t, p))
			if err != nil {
				t.Errorf("%s, %s: %v", alg, method, err)
				continue
			}
			if id, err := p.Identify(context.Background(), tok); err != nil || id.Subject != "42" {
				t.Errorf("%s, %s: %+v, %v", alg, method, id, err)
			}
		}
	}
}

// An answer that is an error is none, whatever stands beside it.
func TestAnErrorBesideATokenIsAnError(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, nil)
	is.Tamper(authtest.IssuerToken, func(m map[string]any) { m["error"] = "invalid_grant" })
	if tok, err := p.Exchange(context.Background(), authorize(t, p)); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("Exchange = %v, %v", tok, err)
	}
}

// What the token endpoint answers ends the sign-in, was the user's choice, or is
// somebody's mistake; the last must not sign anybody out.
func TestAnswersOfTheTokenEndpoint(t *testing.T) {
	for code, want := range map[string]error{
		"invalid_grant": provider.ErrInvalidToken, "access_denied": provider.ErrDenied, "consent_required": provider.ErrDenied, "login_required": provider.ErrDenied,
		"invalid_client": nil, "unauthorized_client": nil, "server_error": nil, "": nil,
	} {
		is := authtest.NewIssuer(t)
		p := newProvider(t, is, nil)
		req := authorize(t, p)
		is.Tamper(authtest.IssuerToken, func(m map[string]any) {
			clear(m)
			m["error"] = code
		})
		_, err := p.Exchange(context.Background(), req)
		fault := errors.Is(err, provider.ErrInvalidToken) || errors.Is(err, provider.ErrDenied)
		if err == nil || want != nil && !errors.Is(err, want) || want == nil && fault {
			t.Errorf("%q: %v, want %v", code, err, want)
		}
		if strings.Contains(code, "client") && !strings.Contains(err.Error(), "OIDC_CLIENT_SECRET") {
			t.Errorf("%q does not say what to look at: %v", code, err)
		}
		if err != nil && (strings.Contains(err.Error(), is.ClientSecret) || strings.Contains(err.Error(), req.Code)) {
			t.Errorf("%q: the error shows a secret: %v", code, err)
		}
	}
}

// A token of a kind that nobody here can use is refused.
func TestTokensAreBearerTokens(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, nil)
	req := authorize(t, p)
	is.Tamper(authtest.IssuerToken, func(m map[string]any) { m["token_type"] = "DPoP" })
	if tok, err := p.Exchange(context.Background(), req); err == nil || tok != nil {
		t.Errorf("took %v", tok)
	}
}

// The user is told beforehand what the sign-in asks the issuer for: the scopes of the
// configuration, those on top that are the issuer's, and to stay signed in where it
// offers that.
func TestAskedScopes(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, func(c *oidc.Config) { c.Scopes = []string{"openid", "email"} })
	got, err := p.AskedScopes(context.Background(), []string{"profile", "email", "mcp:write"})
	if err != nil || !slices.Equal(got, []string{"openid", "email", "offline_access", "profile"}) {
		t.Errorf("asks for %q, %v", got, err)
	}
	if got := p.ExpandScopes([]string{"email"}); !slices.Equal(got, []string{"email"}) {
		t.Errorf("email includes %q", got)
	}
	is.SetDown(true)
	if got, err := newProvider(t, is, nil).AskedScopes(context.Background(), nil); err == nil {
		t.Errorf("an issuer that is down: %q", got)
	}
}

// The address to enter at the issuer is below the resource's host.
func TestCallbackURL(t *testing.T) {
	is := authtest.NewIssuer(t)
	for resource, want := range map[string]string{
		"https://mcp.example.com/a/b": "https://mcp.example.com/oauth/callback/oidc", "http://localhost:8080/mcp": "http://localhost:8080/oauth/callback/oidc", "": "",
	} {
		if got := newProvider(t, is, func(c *oidc.Config) { c.Resource = resource }).CallbackURL(); got != want {
			t.Errorf("%s: %s, want %s", resource, got, want)
		}
	}
}
