package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

func layVendored(t *testing.T) *bed {
	t.Helper()
	s, err := servers.Find("mcpgo-vendored")
	if err != nil {
		t.Fatal(err)
	}
	return lay(t, s)
}

// A vendor folder becomes what go mod vendor makes of the migrated module, and the
// program builds from it without any other source of modules.
func TestVendoredAsGoModVendorDoes(t *testing.T) {
	b := layVendored(t)
	put(t, b.dir, "vendor/golang.org/x/oauth2/internal/gone.go", "package internal\n") // not in the newer version
	b.migrate(t, 0)
	ours := read(t, b.dir)
	goCommand(t, b.dir, append(b.env, "GOPROXY=off", "GOMODCACHE="+t.TempDir(), "GOFLAGS="+goFlags+" -modcacherw"), "build", "-mod=vendor", "-o", os.DevNull, "./...")
	goCommand(t, b.dir, b.env, "mod", "vendor")
	same(t, "after go mod vendor", read(t, b.dir), ours)
	if list := ours["vendor/modules.txt"].data; strings.Contains(list, "oauth2 v0.21.0") || !strings.Contains(list, "oauth2/clientcredentials\n") {
		t.Errorf("the server's own oauth2 package was to move to the version that sign-in needs:\n%s", list)
	}
}

// A module that was not vendored before comes with all it needs.
func TestVendoredGainsModules(t *testing.T) {
	b := layVendored(t)
	b.run(t, 0, "migrate", b.dir, "--provider", "github", "--allow", "org:acme", "--store", "redis", "--yes", "--allow-dirty")
	ours := read(t, b.dir)
	if _, ok := ours["vendor/github.com/redis/go-redis/v9/redis.go"]; !ok {
		t.Error("go-redis is not vendored")
	}
	goCommand(t, b.dir, b.env, "mod", "vendor")
	same(t, "after go mod vendor", read(t, b.dir), ours)
}

// What somebody changed below vendor/ is theirs, where the module keeps its version.
func TestVendoredOwnChangeStays(t *testing.T) {
	b := layVendored(t)
	name := filepath.Join(b.dir, "vendor", "github.com", "google", "uuid", "uuid.go")
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	own := append(src, "\n// patched\n"...)
	if err := os.WriteFile(name, own, 0o644); err != nil {
		t.Fatal(err)
	}
	b.migrate(t, 0)
	if after := read(t, b.dir)["vendor/github.com/google/uuid/uuid.go"].data; after != string(own) {
		t.Error("a vendored file that was changed by hand was put back")
	}
}

// The check before writing builds from the vendor folder: what is broken there ends
// the run, though the module cache has it whole.
func TestVendoredIsVerifiedAsVendored(t *testing.T) {
	b := layVendored(t)
	put(t, b.dir, "vendor/github.com/google/uuid/broken.go", "package uuid\n\nvar _ int = \"\"\n")
	before := read(t, b.dir)
	r := b.migrate(t, 3)
	says(t, r, "broken.go:3:13")
	same(t, "after migrate", read(t, b.dir), before)
}

// With a vendor folder nobody can vouch for a library that is imported from it.
func TestVendoredIsNotImported(t *testing.T) {
	b := layVendored(t)
	before := read(t, b.dir)
	says(t, b.migrate(t, 2, "--authlib", "import"), "vendor folder", "answer copy")
	same(t, "after migrate", read(t, b.dir), before)
}

func goCommand(t *testing.T, dir string, env []string, args ...string) {
	t.Helper()
	r, err := probe.Run(t.Context(), dir, env, "go", args...)
	if err != nil || r.Code != 0 {
		t.Fatalf("go %s: %v, %s", strings.Join(args, " "), err, r.Stderr)
	}
}
