package e2e

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// A server that was migrated for trying it out is migrated again for those who shall
// use it: nobody signs in on the local page any more, GitHub's users do, and undo gives
// back what was there between the two.
func TestFromDevToGitHub(t *testing.T) {
	for _, name := range []string{"mcpgo-mux", "gosdk-mux"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			s, err := servers.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			b := lay(t, s)
			b.migrate(t, 0, "--no-verify")
			between := read(t, b.dir)
			old := b.devToken(t)
			h := &house{bed: b, gh: authtest.NewGitHub(t)}
			b.run(t, 0, "migrate", b.dir, "--provider", "github", "--allow", "user:ada", "--yes", "--allow-dirty")
			h.ownFilesStay(t, between)
			h.takesGitHub(t, old)
			b.run(t, 0, "migrate", b.dir, "--yes", "--dry-run", "--exit-code")
			b.run(t, 0, "undo", b.dir)
			same(t, "after undo", read(t, b.dir), between)
			b.run(t, 2, "undo", b.dir)
		})
	}
}

// devToken starts the server, signs in on the local page and returns the token.
func (b *bed) devToken(t *testing.T) string {
	t.Helper()
	p := b.start(t)
	defer p.Stop()
	v, err := signin.Connect(t.Context(), signin.Options{URL: b.url(), Browser: signin.Robot(map[string]string{"user": "ada", "code": devCode})})
	if err != nil {
		t.Fatalf("%v\noutput of the server:\n%s", err, p.Output())
	}
	defer v.Close()
	b.served(t, v)
	token, err := v.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// ownFilesStay makes sure that the second run changed nothing but what the first wrote.
func (h *house) ownFilesStay(t *testing.T, between tree) {
	t.Helper()
	after := read(t, h.dir)
	for name, file := range between {
		ours := strings.Contains(name, "internal/") || strings.HasPrefix(name, "mcp_auth") || strings.HasPrefix(name, ".") ||
			name == "AUTH.md" || name == "go.mod" || name == "go.sum"
		if !ours && after[name] != file {
			t.Errorf("%s changed", name)
		}
	}
	if after["mcp_auth.go"] == between["mcp_auth.go"] {
		t.Error("the wiring did not change")
	}
}

// takesGitHub starts the server as it is now: the token of the local page is refused,
// and who may sign in at GitHub is served.
func (h *house) takesGitHub(t *testing.T, old string) {
	t.Helper()
	p := h.startWith(t, "GITHUB_CLIENT_ID="+h.gh.ClientID, "GITHUB_CLIENT_SECRET="+h.gh.ClientSecret, "GITHUB_BASE_URL="+h.gh.URL,
		"MCP_SESSION_KEY="+session.NewKey(), "MCP_DEV_CODE="+devCode)
	defer p.Stop()
	a, err := (&probe.Client{URL: h.url(), Token: old}).Initialize(t.Context())
	h.mustRefuse(t, "initialize with a token of the local page", a, err)
	h.gh.SetUser(ada)
	v, err := h.visit(t)
	if err != nil {
		t.Fatalf("%v\noutput of the server:\n%s", err, p.Output())
	}
	h.served(t, v.Session)
	h.gh.SetUser(mallory)
	if _, err := h.visit(t); err == nil || !strings.Contains(err.Error(), "access_denied") {
		t.Errorf("somebody whom --allow does not name: %v, want access_denied", err)
	}
}
