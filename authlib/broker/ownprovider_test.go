package broker

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// A made is a provider as a program may make one.
type made struct {
	provider.Provider
	id    *provider.Identity
	paths []string
}

func (made) Name() string { return "made" }

func (p made) Identify(context.Context, *oauth2.Token) (*provider.Identity, error) { return p.id, nil }
func (p made) Paths() []string                                                     { return p.paths }
func (made) ServeHTTP(w http.ResponseWriter, _ *http.Request)                      { w.WriteHeader(http.StatusTeapot) }

// Who has no name is nobody: users are told apart by issuer and subject, and a provider
// that leaves one out would make one user of all.
func TestNobodyComesInWithoutAName(t *testing.T) {
	be := newBench(t, nil)
	for name, id := range map[string]*provider.Identity{
		"nothing": nil, "empty": {}, "no issuer": {Subject: "42"}, "no subject": {Issuer: "https://id.test"},
	} {
		if si, err := be.b.admit(context.Background(), made{id: id}, &oauth2.Token{}, nil); err == nil {
			t.Errorf("%s: %+v", name, si)
		}
	}
	if _, err := be.b.admit(context.Background(), made{id: &provider.Identity{Issuer: "https://id.test", Subject: "42"}}, &oauth2.Token{}, nil); err != nil {
		t.Error(err)
	}
}

// A provider serves its own pages and none of the broker's, nor anything of the program.
func TestProvidersServeOnlyTheirOwnPaths(t *testing.T) {
	for path, good := range map[string]bool{
		"/oauth/made/page": true, "/mcp": false, "/": false, "": false, "/oauth": false, "/other/oauth/x": false,
		pathToken: false, pathAuthorize: false, pathConsent: false, pathCallback + "made": false, pathMetadata: false, "/.well-known/oauth-protected-resource": false,
	} {
		_, err := New(Config{Resource: "http://localhost:8080/mcp", Providers: []provider.Provider{made{paths: []string{path}}}, Allow: anyone(t), Logger: quiet()})
		if (err == nil) != good || err != nil && !strings.Contains(err.Error(), "cannot serve path") {
			t.Errorf("%q: %v", path, err)
		}
	}
}

// Whoever keeps the sign-ins of a public server in memory is told what that means.
func TestSignInsInMemoryAreWarnedOf(t *testing.T) {
	for resource, want := range map[string]bool{"https://mcp.acme.test/mcp": true, "http://localhost:8080/mcp": false} {
		for store, change := range map[string]func(*Config){"memory": func(*Config) {}, "files": files(t.TempDir(), 1)} {
			var log bytes.Buffer
			cfg := Config{Resource: resource, Providers: []provider.Provider{made{}}, Allow: anyone(t), Logger: slog.New(slog.NewTextHandler(&log, nil))}
			change(&cfg)
			if _, err := New(cfg); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(log.String(), auditMemoryOnly); got != (want && store == "memory") {
				t.Errorf("%s in %s: %s", resource, store, &log)
			}
		}
	}
}

func anyone(t *testing.T) func(context.Context, *provider.Identity) error {
	t.Helper()
	allow, err := AllowRules("anyone")
	if err != nil {
		t.Fatal(err)
	}
	return allow
}
