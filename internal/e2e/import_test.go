package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/published"
	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// release is a version of this module that the go command finds while a test runs.
const release = "v0.9.9"

// released builds mcp-migrate as that version, and makes it one that can be
// required. Not for parallel tests.
func released(t *testing.T) (tool string) {
	t.Helper()
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	if tool, err = probe.Build(t.Context(), root, "./cmd/mcp-migrate", t.TempDir(), "-ldflags=-X main.released="+release); err != nil {
		t.Fatal(err)
	}
	env, err := published.Lay(t.Context(), root, t.TempDir(), release)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
	return tool
}

// Where this module's requirements hold already, a server imports authlib out of
// it: it is protected like one with a copy, and undone like one.
func TestImport(t *testing.T) {
	tool := released(t)
	for _, tt := range []struct{ server, gone string }{
		{"mcpgo-start", "modelcontextprotocol/go-sdk v"},
		{"gosdk-listen", "mark3labs/mcp-go v"},
	} {
		t.Run(tt.server, func(t *testing.T) {
			s, err := servers.Find(tt.server)
			if err != nil {
				t.Fatal(err)
			}
			b := lay(t, s)
			b.tool, b.more = tool, []string{"--authlib", "import"}
			b.onGo(t, "1.26.0")
			b.otherSignIns(t)
			b.whole(t)
			b.migrate(t, 0)
			after := read(t, b.dir)
			mod := string(after["go.mod"].data)
			if !strings.Contains(mod, published.Path+" "+release) || strings.Contains(mod, tt.gone) || !strings.Contains(mod, "\ngo 1.26.0\n") {
				t.Errorf("go.mod:\n%s", mod)
			}
			for name := range after {
				if strings.Contains(name, "authlib") {
					t.Errorf("%s is a copy", name)
				}
			}
			b.vouched(t)
		})
	}
}

// otherSignIns: the program also builds where the library needs modules of its own.
func (b *bed) otherSignIns(t *testing.T) {
	t.Helper()
	for _, answers := range [][]string{
		{"--provider", "oidc", "--issuer", "https://login.example.com", "--allow", "user:ada@example.com", "--store", "file"},
		{"--provider", "jwt", "--issuer", "https://login.example.com"},
	} {
		r := b.run(t, 0, append([]string{"migrate", b.dir, "--authlib", "import", "--yes", "--allow-dirty", "--dry-run"}, answers...)...)
		if !bytes.Contains(r.Stdout, []byte("\n+\t\""+published.Path+"/authlib\"\n")) {
			t.Errorf("%q: the diff does not import authlib:\n%s", answers, r.Stdout)
		}
	}
}

// vouched: the imported library is a guard as long as it is the released one.
func (b *bed) vouched(t *testing.T) {
	t.Helper()
	b.run(t, 0, "lint", b.dir)
	if r := b.run(t, 0, "inspect", b.dir, "--format", "json"); !bytes.Contains(r.Stdout, []byte(`"verdict": "protected"`)) {
		t.Errorf("inspect: %s", r.Stdout)
	}
	root, err := servers.Root()
	if err != nil {
		t.Fatal(err)
	}
	b.edit(t, "go.mod", func(src []byte) []byte { return append(src, "\nreplace "+published.Path+" => "+root+"\n"...) })
	if r := b.run(t, 0, "inspect", b.dir, "--format", "json"); bytes.Contains(r.Stdout, []byte(`"verdict": "protected"`)) {
		t.Errorf("inspect of a replaced library: %s", r.Stdout)
	}
	b.run(t, 1, "lint", b.dir)
}

// onGo gives the server's module another go line.
func (b *bed) onGo(t *testing.T, line string) {
	t.Helper()
	b.edit(t, "go.mod", func(src []byte) []byte {
		return regexp.MustCompile(`(?m)^go .*$`).ReplaceAll(src, []byte("go "+line))
	})
}

func (b *bed) edit(t *testing.T, name string, change func([]byte) []byte) {
	t.Helper()
	file := filepath.Join(b.dir, name)
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, change(src), 0o644); err != nil {
		t.Fatal(err)
	}
}
