package e2e

import (
	"os"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
)

// What sign-in needs may ask for a newer version of a module that the server uses
// already: then that is raised too, which is said, and the result builds as it is.
func TestRequiredModuleIsRaised(t *testing.T) {
	for _, name := range []string{"mcpgo-mux", "mcpgo-vendored"} {
		t.Run(name, func(t *testing.T) {
			s, err := servers.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			s.Vendored = false
			b := lay(t, s)
			put(t, b.dir, "cpu.go", "package main\n\nimport \"github.com/klauspost/cpuid/v2\"\n\nvar cpu = cpuid.CPU.BrandName\n")
			goCommand(t, b.dir, b.env, "get", "github.com/klauspost/cpuid/v2@v2.2.3")
			goCommand(t, b.dir, b.env, "mod", "tidy")
			if name == "mcpgo-vendored" {
				goCommand(t, b.dir, b.env, "mod", "vendor")
			}
			before := read(t, b.dir)
			r := b.run(t, 0, "migrate", b.dir, "--provider", "github", "--allow", "org:acme", "--store", "redis", "--yes", "--allow-dirty")
			says(t, r, "note: go.mod: github.com/klauspost/cpuid/v2 is raised from v2.2.3 to ")
			goCommand(t, b.dir, append(b.env, "GOPROXY=off", "GOFLAGS="+goFlags), "build", "-o", os.DevNull, "./...")
			b.run(t, 0, "undo", b.dir)
			same(t, "after undo", read(t, b.dir), before)
		})
	}
}
