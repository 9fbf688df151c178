package broker

import (
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
)

func withOIDC(t *testing.T, is *authtest.Issuer, rules string) func(*Config) {
	return func(c *Config) {
		t.Helper()
		is.Now = c.Now
		p, err := oidc.New(oidc.Config{Issuer: is.URL, ClientID: is.ClientID, ClientSecret: is.ClientSecret, Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		c.Providers, c.Scopes = []provider.Provider{p}, []string{"mcp:use", "email"}
		if c.Allow, err = AllowRules(rules); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOIDCSignIn(t *testing.T) {
	is := authtest.NewIssuer(t)
	be := newBench(t, withOIDC(t, is, "domain:example.com"))
	tok := be.signIn()
	p := be.wantValid(tok.access)
	if p.Issuer != is.URL || p.Subject != "42" || p.Username != "ada@example.com" || !p.HasScope("mcp:use") || !p.HasScope("email") {
		t.Errorf("principal %+v", p)
	}
	be.advance(2 * time.Hour) // both our token and the issuer's have ended
	next := be.tokens(tok.refreshForm())
	if again := be.wantValid(next.access); again.Subject != "42" || !again.HasScope("email") {
		t.Errorf("principal after a refresh %+v", again)
	}
	if up, err := be.b.TokenSource(be.as(next)).Token(); err != nil || up.AccessToken == "" {
		t.Errorf("TokenSource: %v", err)
	}
	is.SetDown(true)
	be.refused(next.refreshForm(), "temporarily_unavailable")
	is.SetDown(false)
	is.RevokeAll()
	be.advance(time.Minute)
	be.refused(next.refreshForm(), "invalid_grant")
	be.wantInvalid(next.access)
}

func TestOIDCRefusals(t *testing.T) {
	is := authtest.NewIssuer(t)
	be := newBench(t, withOIDC(t, is, "user:ada@example.com"))
	be.signIn()
	is.SetUser(map[string]any{"sub": "666", "email": "ada@example.com", "email_verified": false, "preferred_username": "ada@example.com"})
	be.signInFails("access_denied")
	is.SetUser(map[string]any{"sub": "42", "email": "ada@example.com", "email_verified": true})
	is.AnswerAs("https://evil.test")
	be.signInFails("access_denied")
	is.AnswerAs(is.URL)
	is.Tamper(authtest.IssuerIDToken, func(c map[string]any) { c["nonce"] = "another" })
	be.signInFails("access_denied")
	is.Tamper(authtest.IssuerIDToken, nil)
	be.signIn()
	is.Decline()
	be.signInFails("access_denied")
}
