//go:build oldsdks

package rewrite

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/modfile"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// The copy with --store redis compiles with the oldest toolchain of each go line that
// has a go-redis of its own, and needs no module besides those that a migration
// requires there.
func TestCopyBuildsWithRedisAndOldToolchains(t *testing.T) {
	for _, c := range []struct{ goLine, toolchain, redis string }{
		{"1.23.0", "go1.23.12", "v9.18.0"},
		{"1.24.0", "go1.24.13", "v9.22.0"},
	} {
		t.Run(c.toolchain, func(t *testing.T) {
			dir := t.TempDir()
			mod := writeRedisCopy(t, dir, c.goLine)
			if !strings.Contains(mod, "github.com/redis/go-redis/v9 "+c.redis+"\n") {
				t.Errorf("go-redis is not %s:\n%s", c.redis, mod)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
			defer cancel()
			env := []string{"GOTOOLCHAIN=" + c.toolchain, "GOFLAGS=-mod=mod", "GOWORK=off"}
			for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}} {
				if out, err := gocmd.Run(ctx, dir, env, args...); err != nil {
					t.Fatalf("%v\n%s%s", err, out, stderrOf(err))
				}
			}
			built, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := requirements(t, string(built)), requirements(t, mod); got != want {
				t.Errorf("the build needs\n%s\nand a migration requires\n%s", got, want)
			}
		})
	}
}

// writeRedisCopy writes the copy and returns the go.mod that goes with it.
func writeRedisCopy(t *testing.T, dir, goLine string) string {
	t.Helper()
	spec := copySpec{
		importPath: "example.test/app/internal/authlib", version: "v0.0.0",
		packages: []string{"", "/broker", "/provider/dev", "/session/redisstore"},
	}
	files, imports, err := spec.render(mcpmigrate.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range files {
		writeTestFile(t, filepath.Join(dir, "internal", "authlib", filepath.FromSlash(name)), string(src))
	}
	mod := "module example.test/app\n\ngo " + goLine + "\n"
	for _, d := range dependencies {
		if !d.neededBy(imports) {
			continue
		}
		v := d.versionFor(goLine)
		mod += "require " + d.module + " " + v.version + "\n"
		for _, m := range v.brings {
			mod += "require " + m.Path + " " + m.Version.Version + " // indirect\n"
		}
	}
	writeTestFile(t, filepath.Join(dir, "go.mod"), mod)
	return mod
}

// requirements returns what a go.mod requires, a line each.
func requirements(t *testing.T, src string) string {
	t.Helper()
	f, err := modfile.Parse("go.mod", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range f.Require {
		lines = append(lines, r.Mod.String())
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
