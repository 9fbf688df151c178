package rewrite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

func pageBuilder(t *testing.T) *builder {
	dir := t.TempDir()
	b := &builder{
		prog: &load.Program{Dir: dir}, copyDir: "internal/authlib",
		ans:   wizard.Answers{Provider: []string{"github"}, Allow: []string{"org:acme"}, Store: "file"},
		edits: map[string][]fileEdit{"main.go": nil},
		steps: []Step{{Kind: StepManual, File: "sse.go", Site: "sse.go:3:1", Reason: "it is\nserved by `x`"}},
	}
	pkg := &load.Package{Name: "main", Dir: filepath.Join(dir, "cmd", "notes")}
	b.sidecars = []*sidecar{{pkg: pkg, rel: "cmd/notes/mcp_auth.go", guards: []*guarded{
		{env: "MCP_RESOURCE_URL", servers: []*analyze.Server{{ID: "notes"}}},
		{env: "MCP_RESOURCE_URL_ADMIN", further: true, servers: []*analyze.Server{{ID: "admin"}}},
	}}}
	b.env = b.variables()
	return b
}

func TestAuthPage(t *testing.T) {
	b := pageBuilder(t)
	if err := b.writeAuthPage(); err != nil {
		t.Fatal(err)
	}
	if len(b.files) != 1 || b.files[0].Rel != "AUTH.md" {
		t.Fatalf("files %v", b.files)
	}
	page := string(b.files[0].New)
	for _, want := range []string{
		"with GitHub; `org:acme` may.", "`sse.go:3:1`: it is served by `x`\n", "| `cmd/notes/mcp_auth.go` |", "| `main.go` | calls it |",
		"| `GITHUB_CLIENT_SECRET` | required |", "| `MCP_SESSION_DIR` | optional |", "export GITHUB_CLIENT_ID=...\n", "go run ./cmd/notes\n",
		`curl -i "$MCP_RESOURCE_URL"`, `verify --url "$MCP_RESOURCE_URL_ADMIN"`, "`Host`", "`421`", "below the path of `MCP_RESOURCE_URL_ADMIN`", "mcp-migrate undo\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"<no value>", "\n\n\n", "go run .\n", "forgets"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

// A page of the user's own stays as it is.
func TestAuthPageTakesAFreshName(t *testing.T) {
	b := pageBuilder(t)
	for i, want := range []string{"AUTH.md", "MCP-AUTH.md", "AUTH-mcp-migrate.md"} {
		b.files = nil
		if err := b.writeAuthPage(); err != nil || len(b.files) != 1 || b.files[0].Rel != want {
			t.Fatalf("page %d: %v, %v; want %s", i, b.files, err, want)
		}
		if err := os.WriteFile(filepath.Join(b.prog.Dir, want), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.files, b.steps = nil, nil
	if err := b.writeAuthPage(); err != nil || len(b.files) != 0 || len(b.steps) != 1 || b.steps[0].Kind != StepNote {
		t.Errorf("with all names taken: %v, %v, %v", b.files, b.steps, err)
	}
}

// A page for a server over stdio only speaks of no URL to call; one for both ways
// speaks of both.
func TestAuthPageOverStdio(t *testing.T) {
	for _, both := range []bool{false, true} {
		b := pageBuilder(t)
		b.steps, b.ans = nil, wizard.Answers{Provider: []string{"apikey"}, Stdio: "token"}
		g := b.sidecars[0].guards[0]
		g.stdio, g.http = "newMCPStdio", both
		b.sidecars[0].guards = []*guarded{g}
		b.env = b.variables()
		if err := b.writeAuthPage(); err != nil {
			t.Fatal(err)
		}
		page := string(b.files[0].New)
		want := map[string]bool{
			"## Over stdio": true, "`MCP_ACCESS_TOKEN`": true, "curl": both, "Behind a proxy": both, "verify --url": both,
			"| `MCP_ACCESS_TOKEN` | required |": !both, "| `MCP_RESOURCE_URL` | required |": both, "\n\n\n": false, "<no value>": false,
		}
		for text, there := range want {
			if strings.Contains(page, text) != there {
				t.Errorf("both ways %v: %q is there: %v\n%s", both, text, !there, page)
			}
		}
	}
}
