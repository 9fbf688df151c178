package e2e

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

func TestProviderGoogle(t *testing.T) {
	t.Parallel()
	g := authtest.NewGoogle(t)
	b := migrated(t, "mcpgo-mux", g.Env(), "--provider", "google", "--allow", "domain:example.com", "--store", "memory")
	connect := func() (*signin.Session, error) {
		return signin.Connect(t.Context(), signin.Options{URL: b.url(), Browser: func(ctx context.Context, authURL string) (*url.URL, error) {
			return robot.SignIn(ctx, &http.Client{Transport: g.Transport()}, authURL, nil)
		}})
	}
	if s, err := connect(); err == nil {
		s.Close()
		t.Error("Google sent its user to an address that nobody registered")
	}
	g.Register(strings.TrimSuffix(b.url(), "/mcp") + "/oauth/callback/google")
	s, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b.served(t, s)
	token, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.calls(t, token, map[string]string{"Google's own token": g.Token()})
	// An account of one's own with an address of the company, as after leaving it.
	g.SetUser(authtest.GoogleUser{Subject: "43", Email: "bob@example.com", Verified: true})
	if s, err := connect(); err == nil {
		s.Close()
		t.Error("an account outside the company's Workspace signed in")
	}
}
