package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
)

// Versions of the SDKs that differ in the hooks they have. A migrated server of
// each builds with its own go line, refuses strangers and serves users.
func TestVersions(t *testing.T) {
	for _, tt := range []struct {
		sdk, version string
		tooOld       string // what migrate says of a version that can't be guarded
	}{
		{"mcpgo", "v0.30.0", "go get github.com/mark3labs/mcp-go@v0.31.0"},
		{"mcpgo", "v0.32.0", ""},
		{"mcpgo", "v0.43.2", ""},
		{"mcpgo", "v0.48.0", ""},
		{"gosdk", "v0.3.0", "go get github.com/modelcontextprotocol/go-sdk@v0.4.0"},
		{"gosdk", "v1.1.0", ""},
		{"gosdk", "v1.4.0", ""},
		{"gosdk", "v1.6.1", ""},
	} {
		t.Run(tt.sdk+" "+tt.version, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			b := layVersion(t, tt.sdk, tt.version)
			before := read(t, b.dir)
			if tt.tooOld != "" {
				r := b.migrate(t, 1)
				if all := string(r.Stdout) + string(r.Stderr); !strings.Contains(all, tt.tooOld) {
					t.Errorf("it does not say %q:\n%s", tt.tooOld, all)
				}
				same(t, "after migrate", read(t, b.dir), before)
				return
			}
			b.migrate(t, 0)
			goLines(t, before, read(t, b.dir))
			b.prove(t, b.start(t))
		})
	}
}

// layVersion puts the small server of an SDK beside the go.mod of one version.
func layVersion(t *testing.T, sdk, version string) *bed {
	t.Helper()
	b := lay(t, servers.Server{
		Name: "../versions/" + sdk, Listen: servers.ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk",
		Delete: map[string]any{"text": "buy milk"},
	})
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := os.Rename(filepath.Join(b.dir, version, name), filepath.Join(b.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	others, err := filepath.Glob(filepath.Join(b.dir, "v*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range others {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// goLines makes sure that neither the go line nor the SDK was raised. "go 1.23" may
// become "go 1.23.0".
func goLines(t *testing.T, before, after tree) {
	t.Helper()
	for _, line := range lines(strings.ReplaceAll(before["go.mod"].data, "require ", "")) {
		kept := strings.HasPrefix(line, "go ") || strings.Contains(line, "mcp-go") || strings.Contains(line, "go-sdk")
		if kept && !strings.Contains(after["go.mod"].data, strings.TrimSpace(line)) {
			t.Errorf("go.mod lost %q:\n%s", line, after["go.mod"].data)
		}
	}
}
