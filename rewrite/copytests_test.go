//go:build oldsdks

package rewrite

import (
	"bytes"
	"context"
	"fmt"
	"go/build/constraint"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
)

// authlib promises language and library of go 1.23, and the root build, which has
// a newer go line, can't show that. So the copy goes with its tests into modules
// of go 1.23 and 1.24, with the dependencies that a migration would choose there,
// and has to pass vet and its tests with those toolchains:
//
//	go test -v -tags oldsdks -run TestCopyPassesItsTests ./rewrite
//
// Users never get the tests. What an SDK is too old for is logged.
func TestCopyPassesItsTestsWithOldToolchains(t *testing.T) {
	for _, c := range []struct {
		name, goLine, toolchain string
		sdks                    map[string]string // module → version
		spec                    copySpec
		run                     string // which tests; empty: all
	}{
		{
			"every package on go 1.23", "1.23.0", "go1.23.12",
			map[string]string{"github.com/mark3labs/mcp-go": "v0.48.0", "github.com/modelcontextprotocol/go-sdk": "v1.3.1"},
			copySpec{packages: everyPackage(t), sdkVersion: map[string]string{"mcpgo": "v0.48.0", "gosdk": "v1.3.1"}}, "",
		},
		{
			"every package on go 1.24", "1.24.0", "go1.24.13",
			map[string]string{"github.com/mark3labs/mcp-go": "v0.48.0", "github.com/modelcontextprotocol/go-sdk": "v1.4.0"},
			copySpec{packages: everyPackage(t), sdkVersion: map[string]string{"mcpgo": "v0.48.0", "gosdk": "v1.4.0"}}, "",
		},
		{
			"an SDK without hooks on lists", "1.23.0", "go1.23.12",
			map[string]string{"github.com/mark3labs/mcp-go": "v0.48.0"},
			copySpec{packages: []string{"/mcpgo"}, off: []string{
				"authlib_no_filter", "authlib_no_resources", "authlib_no_init", "authlib_no_prompts", "authlib_no_cache",
			}}, "WithoutHooks",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.spec.importPath, c.spec.version = "example.test/app/internal/authlib", "v0.0.0"
			dir := t.TempDir()
			tests := writeCopyWithTests(t, dir, c.spec)
			goMod := filepath.Join(dir, "go.mod")
			writeTestFile(t, goMod, modFor(t, c.goLine, c.sdks))
			start := time.Now()
			runOldGo(t, dir, c.toolchain, "vet", "./...")
			out := runOldGo(t, dir, c.toolchain, "test", "-timeout=2m", "-run="+c.run, "./...")
			sameVersions(t, goMod, c.goLine, c.sdks)
			ran := strings.Count(out, "ok  ")
			t.Logf("%s: %d packages with %d test files pass in %.0f s", c.toolchain, ran, tests, time.Since(start).Seconds())
			if ran-strings.Count(out, "[no tests to run]") <= 0 {
				t.Errorf("no tests ran:\n%s", out)
			}
		})
	}
}

// everyPackage returns each package of authlib, as a suffix.
func everyPackage(t *testing.T) (out []string) {
	t.Helper()
	err := fs.WalkDir(mcpmigrate.Bundle, "authlib", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".go") {
			out = append(out, strings.TrimPrefix(path.Dir(name), "authlib"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Compact(out)
}

// writeCopyWithTests writes the copy, its tests, their testdata and the packages
// of authlib that only they import. It returns the number of test files.
func writeCopyWithTests(t *testing.T, dir string, spec copySpec) (tests int) {
	t.Helper()
	for done := map[string]bool{}; ; {
		files, _, err := spec.render(mcpmigrate.Bundle)
		if err != nil {
			t.Fatal(err)
		}
		todo := packagesOf(files)
		todo = slices.DeleteFunc(todo, func(sub string) bool { return done[sub] })
		if len(todo) == 0 {
			for name, src := range files {
				writeTestFile(t, filepath.Join(dir, "internal", "authlib", filepath.FromSlash(name)), string(src))
			}
			return tests
		}
		for _, sub := range todo {
			done[sub] = true
			n, imports := writeTests(t, filepath.Join(dir, "internal", "authlib", filepath.FromSlash(sub)), spec, sub)
			tests += n
			spec.packages = append(spec.packages, imports...)
		}
	}
}

func packagesOf(files map[string][]byte) (out []string) {
	for name := range files {
		if strings.HasSuffix(name, ".go") {
			out = append(out, strings.TrimSuffix("/"+path.Dir(name), "/."))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// writeTests writes the tests and testdata of one package, and returns the
// packages of authlib that they import.
func writeTests(t *testing.T, dir string, spec copySpec, sub string) (n int, own []string) {
	t.Helper()
	from := path.Join("authlib", sub)
	off, err := spec.offTags(mcpmigrate.Bundle, sub)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(mcpmigrate.Bundle, from+"/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		src, err := fs.ReadFile(mcpmigrate.Bundle, name)
		if err != nil {
			t.Fatal(err)
		}
		src, ok := resolveTags(t, src, off)
		if reason := leftOut(name, ok, spec); reason != "" {
			t.Logf("left out: %s: %s", name, reason)
			continue
		}
		out, imports, err := spec.rewriteImports(name, src)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range imports {
			if s, ok := strings.CutPrefix(p, bundlePath); ok {
				own = append(own, s)
			}
		}
		writeTestFile(t, filepath.Join(dir, path.Base(name)), string(out))
		n++
	}
	writeTestdata(t, dir, from)
	return n, own
}

// needsSDK are the tests that use more of an SDK than the adapter itself, by the
// adapter and the version from which it is there.
var needsSDK = map[string]struct{ adapter, since, why string }{
	"authlib/mcpgo/filter_test.go":    {"mcpgo", "v0.55.0", "mcp-go asks the filter at call time from v0.55.0 on, which asks for go 1.25"},
	"authlib/gosdk/challenge_test.go": {"gosdk", "v1.5.0", "go-sdk builds its parser of challenges without a tag from v1.5.0 on, which asks for go 1.25"},
	"authlib/broker/gosdk_test.go":    {"gosdk", "v1.5.0", "go-sdk's client signs in by itself from v1.5.0 on, which asks for go 1.25"},
	"authlib/broker/extauth_test.go":  {"gosdk", "v1.6.0", "go-sdk's client is a machine from v1.6.0 on, which asks for go 1.25"},
}

// leftOut returns why a test does not go with the copy, or "".
func leftOut(name string, hooks bool, spec copySpec) string {
	if !hooks {
		return "it is for another set of hooks"
	}
	n := needsSDK[name]
	if v := spec.sdkVersion[n.adapter]; n.why != "" && semver.Compare(v, n.since) < 0 {
		return n.why
	}
	return ""
}

// resolveTags drops a build constraint on hooks, and reports whether it holds.
func resolveTags(t *testing.T, src []byte, off []string) ([]byte, bool) {
	t.Helper()
	first, rest, _ := bytes.Cut(src, []byte("\n"))
	if !constraint.IsGoBuild(string(first)) || !bytes.Contains(first, []byte("authlib_no_")) {
		return src, true
	}
	expr, err := constraint.Parse(string(first))
	if err != nil {
		t.Fatal(err)
	}
	return rest, expr.Eval(func(tag string) bool { return slices.Contains(off, tag) })
}

func writeTestdata(t *testing.T, dir, from string) {
	t.Helper()
	sub, err := fs.Sub(mcpmigrate.Bundle, from+"/testdata")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(sub, "."); err != nil {
		return // it has none
	}
	if err := os.CopyFS(filepath.Join(dir, "testdata"), sub); err != nil {
		t.Fatal(err)
	}
}

// modFor returns a go.mod with the SDKs and what a migration requires at goLine.
func modFor(t *testing.T, goLine string, sdks map[string]string) string {
	t.Helper()
	out := "module example.test/app\n\ngo " + goLine + "\n\n"
	for path, v := range sdks {
		out += fmt.Sprintf("require %s %s\n", path, v)
	}
	for _, d := range dependencies {
		v := d.versionFor(goLine)
		if v.version == "" {
			t.Fatalf("%s has no version for go %s", d.module, goLine)
		}
		out += fmt.Sprintf("require %s %s\n", d.module, v.version)
		if d.module == "go.opentelemetry.io/otel" { // its SDK is for tests only
			out += fmt.Sprintf("require (\n%s/sdk %s\n%s/sdk/metric %s\n)\n", d.module, v.version, d.module, v.version)
		}
	}
	return out
}

// sameVersions checks that the go command kept the versions that were asked for.
func sameVersions(t *testing.T, goMod, goLine string, sdks map[string]string) {
	t.Helper()
	src, err := os.ReadFile(goMod)
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse("go.mod", src, nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.Go.Version != goLine {
		t.Errorf("the go line became %s", f.Go.Version)
	}
	got := map[string]string{}
	for _, r := range f.Require {
		got[r.Mod.Path] = r.Mod.Version
	}
	for _, d := range dependencies {
		if v := d.versionFor(goLine).version; got[d.module] != v {
			t.Errorf("%s became %s, want %s", d.module, got[d.module], v)
		}
	}
	for path, v := range sdks {
		if got[path] != v {
			t.Errorf("%s became %s, want %s", path, got[path], v)
		}
	}
}

// runOldGo runs the go command of a toolchain, and returns what it printed.
func runOldGo(t *testing.T, dir, toolchain string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", args...) // what failing tests say is on its standard output
	cmd.Dir, cmd.WaitDelay = dir, 5*time.Second
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain, "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: go %s: %v\n%s", toolchain, strings.Join(args, " "), err, out)
	}
	return string(out)
}
