package e2e

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// The people who turn up at GitHub.
var (
	ada     = authtest.GitHubUser{ID: 1815, Login: "ada"}
	wile    = authtest.GitHubUser{ID: 1949, Login: "wile", Orgs: []string{"acme"}}
	mallory = authtest.GitHubUser{ID: 666, Login: "mallory", Orgs: []string{"acme-fans"}}
)

// A house is a server that was migrated to GitHub sign-in, and its GitHub.
type house struct {
	*bed
	gh   *authtest.GitHub
	vars []string // what a person would have filled in
}

// newHouse migrates and builds the named server.
func newHouse(t *testing.T, name string, answers ...string) *house {
	t.Helper()
	s, err := servers.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{bed: lay(t, s), gh: authtest.NewGitHub(t)}
	// TestMigrate verifies before it writes; here the build below says the same.
	args := []string{"migrate", h.dir, "--no-verify", "--provider", "github", "--allow", "user:ada,org:acme", "--yes"}
	if !slices.Contains(answers, "--store") {
		args = append(args, "--store", "file")
	}
	h.run(t, 0, append(args, answers...)...)
	if h.bin, err = probe.Build(t.Context(), h.dir, ".", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	h.vars = []string{
		"GITHUB_CLIENT_ID=" + h.gh.ClientID, "GITHUB_CLIENT_SECRET=" + h.gh.ClientSecret, "GITHUB_BASE_URL=" + h.gh.URL,
		"MCP_SESSION_KEY=" + session.NewKey(), "MCP_SESSION_DIR=" + filepath.Join(t.TempDir(), "sessions"),
	}
	return h
}

// A visit is one user with one client.
type visit struct {
	*signin.Session
	clientID string // as the server registered the client; read off the authorization URL
	sent     int    // how often the browser was sent to sign in
}

// visit connects as whoever GitHub thinks is in front of the browser.
func (h *house) visit(t *testing.T) (*visit, error) {
	t.Helper()
	v := &visit{}
	robot := signin.Robot(nil)
	s, err := signin.Connect(t.Context(), signin.Options{URL: h.url(), Browser: func(ctx context.Context, authURL string) (*url.URL, error) {
		if u, err := url.Parse(authURL); err == nil {
			v.clientID = u.Query().Get("client_id")
		}
		v.sent++
		return robot(ctx, authURL)
	}})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = s.Close() }) // the server may be gone by then
	v.Session = s
	return v, nil
}

// A server of each SDK, migrated to GitHub sign-in and a store on disk, through a
// whole life: it does not start half configured, who may comes in, who may not
// does not, tokens are refreshed, outlive
// the process, and end when they are revoked.
func TestGitHub(t *testing.T) {
	for _, name := range []string{"mcpgo-mux", "gosdk-packages"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			h := newHouse(t, name)
			h.startup(t)
			p := h.startWith(t, h.vars...)
			v := h.who(t, p)
			token := h.refreshed(t, v)
			before := h.passes(t, token, "before a restart")
			p.Stop()
			p = h.startWith(t, h.vars...)
			if strings.HasPrefix(name, "mcpgo") { // which knows its session ids by their form; go-sdk keeps its sessions in memory
				h.goesOn(t, before)
			}
			h.passes(t, token, "after a restart")
			h.revoked(t, v, token)
			p.Stop()
			for _, secret := range []string{token, h.gh.ClientSecret} {
				if strings.Contains(p.Output(), secret) {
					t.Error("the server's output holds a secret")
				}
			}
		})
	}
}

// who lets in those whom --allow names, by name and by organization, and nobody
// else. It returns the first one's visit.
func (h *house) who(t *testing.T, p *probe.Process) *visit {
	t.Helper()
	h.gh.SetUser(ada)
	v, err := h.visit(t)
	if err != nil {
		t.Fatalf("%v\noutput of the server:\n%s", err, p.Output())
	}
	h.served(t, v.Session)
	h.gh.SetUser(wile)
	other, err := h.visit(t)
	if err != nil {
		t.Fatalf("a member of the organization: %v", err)
	}
	h.served(t, other.Session)
	h.gh.SetUser(mallory)
	if _, err := h.visit(t); err == nil || !strings.Contains(err.Error(), "access_denied") {
		t.Errorf("somebody whom --allow does not name: %v, want access_denied", err)
	}
	h.gh.SetUser(ada)
	a, err := (&probe.Client{URL: h.url()}).CallTool(t.Context(), "delete_note", h.Delete)
	h.mustRefuse(t, "delete_note of a stranger", a, err)
	return v
}

// refreshed has the client's own token source redeem the refresh token, and
// returns the new access token.
func (h *house) refreshed(t *testing.T, v *visit) string {
	t.Helper()
	before, err := v.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	refresh, err := v.RefreshToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	endpoint := oauth2.Endpoint{TokenURL: h.origin() + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams}
	client := &oauth2.Config{ClientID: v.clientID, Endpoint: endpoint}
	// A token without an access token is one that has ended.
	next, err := client.TokenSource(t.Context(), &oauth2.Token{RefreshToken: refresh}).Token()
	if err != nil {
		t.Fatalf("refresh: %v", err)
	}
	if next.AccessToken == before || next.RefreshToken == refresh || next.RefreshToken == "" {
		t.Error("refreshing gave a token that was there before")
	}
	h.passes(t, next.AccessToken, "after a refresh")
	return next.AccessToken
}

// passes makes sure that token is good for a call.
func (h *house) passes(t *testing.T, token, when string) *probe.Client {
	t.Helper()
	c := &probe.Client{URL: h.url(), Token: token}
	if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize %s: %+v, %v", when, a, err)
	}
	if a, err := c.CallTool(t.Context(), h.ReadOnly, nil); err != nil || !strings.Contains(string(a.Result), h.Want) {
		t.Fatalf("%s %s: %+v, %v", h.ReadOnly, when, a, err)
	}
	return c
}

// goesOn uses a session that was begun before a restart.
func (h *house) goesOn(t *testing.T, c *probe.Client) {
	t.Helper()
	if c.Session == "" {
		t.Fatal("there was no session")
	}
	if a, err := c.CallTool(t.Context(), h.ReadOnly, nil); err != nil || !strings.Contains(string(a.Result), h.Want) {
		t.Errorf("%s in a session from before a restart: %+v, %v", h.ReadOnly, a, err)
	}
}

// revoked ends token as a client does that signs its user out (RFC 7009).
func (h *house) revoked(t *testing.T, v *visit, token string) {
	t.Helper()
	res, err := http.PostForm(h.origin()+"/oauth/revoke", url.Values{"token": {token}, "client_id": {v.clientID}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("revoke: %s", res.Status)
	}
	a, err := (&probe.Client{URL: h.url(), Token: token}).Initialize(t.Context())
	h.mustRefuse(t, "initialize with a revoked token", a, err)
	if ch := a.Header.Get("WWW-Authenticate"); !strings.Contains(ch, `error="invalid_token"`) {
		t.Errorf("the challenge to a revoked token is %s", ch)
	}
}

// origin is where the authorization server's endpoints are.
func (h *house) origin() string { return strings.TrimSuffix(h.url(), h.Path) }
