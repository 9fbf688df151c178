package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// migrated lays one server out, migrates it with args and starts it with env.
func migrated(t *testing.T, server string, env []string, args ...string) *bed {
	t.Helper()
	return migratedAs(t, server, env, func(*bed) {}, args...)
}

// migratedAs changes what was written before it is started.
func migratedAs(t *testing.T, server string, env []string, change func(*bed), args ...string) *bed {
	t.Helper()
	s, err := servers.Find(server)
	if err != nil {
		t.Fatal(err)
	}
	two <- struct{}{}
	defer func() { <-two }()
	b := lay(t, s)
	b.run(t, 0, append([]string{"migrate", b.dir, "--yes", "--allow-dirty"}, args...)...)
	change(b)
	run, more := b.Run(b.port)
	env = append(append(more, env...), "MCP_RESOURCE_URL="+b.url())
	p, err := probe.Start(t.Context(), probe.Options{Dir: b.dir, Args: run, Env: env, Addr: b.Addr(b.port)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return b
}

// calls makes sure that token is served, and that nothing else is.
func (b *bed) calls(t *testing.T, token string, bad map[string]string) {
	t.Helper()
	user := &probe.Client{URL: b.url(), Token: token}
	if a, err := user.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize with a good token: %+v, %v", a, err)
	}
	a, err := user.CallTool(t.Context(), b.ReadOnly, nil)
	if err != nil || a.Result == nil || !strings.Contains(string(a.Result), b.Want) {
		t.Fatalf("%s with a good token: %+v, %v", b.ReadOnly, a, err)
	}
	bad["no token"] = ""
	bad["a wrong token"] = token + "x"
	for what, token := range bad {
		a, err := (&probe.Client{URL: b.url(), Token: token}).CallTool(t.Context(), "delete_note", b.Delete)
		b.mustRefuse(t, "delete_note with "+what, a, err)
	}
}

// metadata returns the protected resource metadata.
func (b *bed) metadata(t *testing.T) (doc struct {
	Servers []string `json:"authorization_servers"`
}) {
	t.Helper()
	res, err := http.Get("http://" + b.Addr(b.port) + "/.well-known/oauth-protected-resource" + b.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// A user signs in at an issuer of the company's own; users whom no rule names do
// not, and neither does the issuer's own token open anything.
func TestProviderOIDC(t *testing.T) {
	t.Parallel()
	is := authtest.NewIssuer(t)
	b := migrated(t, "gosdk-mux", []string{
		"OIDC_ISSUER=" + is.URL, "OIDC_CLIENT_ID=" + is.ClientID, "OIDC_CLIENT_SECRET=" + is.ClientSecret,
	}, "--provider", "oidc", "--issuer", is.URL, "--allow", "user:ada@example.com", "--store", "memory")
	connect := func() (*signin.Session, error) {
		return signin.Connect(t.Context(), signin.Options{URL: b.url(), Browser: signin.Robot(nil)})
	}
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
	b.calls(t, token, map[string]string{"the issuer's access token": is.Opaque(), "a JWT of the issuer": is.Token(authlib.Principal{Subject: "42"}, b.url())})
	is.SetUser(map[string]any{"sub": "666", "email": "mallory@example.com", "email_verified": true})
	if s, err := connect(); err == nil {
		s.Close()
		t.Error("a user whom no rule names signed in")
	}
}

func TestProviderJWT(t *testing.T) {
	t.Parallel()
	is, other := authtest.NewIssuer(t), authtest.NewIssuer(t)
	b := migrated(t, "mcpgo-mux", []string{"OIDC_ISSUER=" + is.URL}, "--provider", "jwt", "--issuer", is.URL, "--scopes", "notes")
	if m := b.metadata(t); len(m.Servers) != 1 || m.Servers[0] != is.URL {
		t.Errorf("metadata name the authorization servers %q", m.Servers)
	}
	user := authlib.Principal{Subject: "42", ClientID: "c1", Scopes: []string{"notes"}}
	ended := user
	ended.Expiry = time.Now().Add(-time.Hour)
	b.calls(t, is.Token(user, b.url()), map[string]string{
		"a token for another server": is.Token(user, "https://other.test/mcp"),
		"a token of another issuer":  other.Token(user, b.url()),
		"an ended token":             is.Token(ended, b.url()),
		"an ID token": is.Mint("JWT", map[string]any{
			"iss": is.URL, "sub": "42", "aud": b.url(), "exp": time.Now().Add(time.Hour).Unix(), "nonce": "x"}),
	})
	narrow := user
	narrow.Scopes = []string{"other"}
	a, err := (&probe.Client{URL: b.url(), Token: is.Token(narrow, b.url())}).CallTool(t.Context(), "delete_note", b.Delete)
	if err != nil || a.Status != http.StatusForbidden || !strings.Contains(strings.Join(a.Header["Www-Authenticate"], ""), "insufficient_scope") {
		t.Errorf("a token without the scope: %+v, %v", a, err)
	}
}

func TestProviderIntrospection(t *testing.T) {
	t.Parallel()
	is := authtest.NewIssuer(t)
	good, foreign := is.Opaque(), is.Opaque()
	b := migrated(t, "mcpgo-mux", []string{
		"OIDC_ISSUER=" + is.URL, "OIDC_CLIENT_ID=" + is.ClientID, "OIDC_CLIENT_SECRET=" + is.ClientSecret, "MCP_AUDIENCE=api://notes",
	}, "--provider", "jwt", "--issuer", is.URL, "--introspection-url", is.URL+authtest.IssuerIntrospection, "--audience", "api://notes")
	is.Tamper(authtest.IssuerIntrospection, func(m map[string]any) { m["aud"] = "api://notes" })
	b.calls(t, good, map[string]string{})
	is.Tamper(authtest.IssuerIntrospection, func(m map[string]any) { m["aud"] = b.url() })
	b.calls(t, good, map[string]string{"a token for another audience": foreign})
}

func TestProviderAPIKey(t *testing.T) {
	t.Parallel()
	key := "mcpk_" + strings.Repeat("0123456789abcdef", 4)
	sum := sha256.Sum256([]byte(key))
	file := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(file, []byte(`[{"sha256": "`+hex.EncodeToString(sum[:])+`", "subject": "ci"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	b := migrated(t, "gosdk-full", []string{"MCP_API_KEYS_FILE=" + file}, "--provider", "apikey")
	if m := b.metadata(t); len(m.Servers) != 0 {
		t.Errorf("metadata name the authorization servers %q, but there is none", m.Servers)
	}
	b.calls(t, key, map[string]string{"another key": "mcpk_" + strings.Repeat("fedcba9876543210", 4), "the hash": hex.EncodeToString(sum[:])})
}
