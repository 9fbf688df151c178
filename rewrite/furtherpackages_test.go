package rewrite_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// namesPackages answers with packages of authlib.
func namesPackages(names ...string) func(*wizard.Answers) error {
	return func(a *wizard.Answers) error { a.AuthlibPackages = names; return nil }
}

// layServer copies a server of testdata/servers to a new folder.
func layServer(t *testing.T, name string) string {
	t.Helper()
	quiet(t)
	dir := filepath.Join(t.TempDir(), "s")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "testdata", "servers", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

func runGo(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := gocmd.Run(t.Context(), dir, nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// carriedOut verifies and writes a plan.
func carriedOut(t *testing.T, p *rewrite.Plan) {
	t.Helper()
	if err := rewrite.Verify(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	if err := rewrite.Write(context.Background(), p); err != nil {
		t.Fatal(err)
	}
}

// further plans packages alone, and reports whether the copy is trusted so far.
func further(t *testing.T, dir string, names ...string) (p *rewrite.Plan, trusted bool, err error) {
	t.Helper()
	ctx := context.Background()
	prog, err := typed.Load(ctx, typed.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	opt := rewrite.Options{Authlib: mcpmigrate.Bundle, Version: "v0.0.0-test", Wirers: all.Wirers()}
	trust := rewrite.TrustedCopy(prog, opt)
	res, err := analyze.Analyze(ctx, prog, all.Specs(), analyze.Options{TrustedAuthlib: trust})
	if err != nil {
		t.Fatal(err)
	}
	p, err = rewrite.AddPackages(ctx, res, wizard.Answers{Provider: []string{"dev"}, Store: "memory", AuthlibPackages: names}, opt)
	return p, trust(prog.Module + "/internal/authlib"), err
}

// notes are the notes of a plan, one a line.
func notes(p *rewrite.Plan) string {
	var b strings.Builder
	for _, s := range p.Steps {
		if s.Kind == rewrite.StepNote {
			b.WriteString(s.File + ": " + s.Reason + "\n")
		}
	}
	return b.String()
}

// A copy has what the wiring imports and what the answers name, with what those
// import, and go.mod what they require. It is ours, and undo takes all of it away.
func TestFurtherPackagesAreCopied(t *testing.T) {
	dir := layServer(t, "mcpgo-start")
	before := snapshot(t, dir)
	change := namesPackages("policyfile", "otelauth", "authtest", "session/storetest")
	plan := planOf(t, dir, change)
	carriedOut(t, plan)
	for _, name := range []string{"policyfile/policyfile.go", "otelauth/otelauth.go", "authtest/client.go", "authtest/robot/robot.go", "session/storetest/storetest.go"} {
		if _, err := os.Stat(filepath.Join(dir, "internal", "authlib", filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
		if !bytes.Contains(readFile(t, filepath.Join(dir, "internal", "authlib", "manifest.json")), []byte(`"`+name+`"`)) {
			t.Errorf("%s is not in the manifest", name)
		}
	}
	mod := string(readFile(t, filepath.Join(dir, "go.mod")))
	for _, want := range []string{"\tgo.yaml.in/yaml/v3 v3.0.4\n", "\tgo.opentelemetry.io/otel/metric v1.41.0\n"} {
		if !strings.Contains(mod, want) {
			t.Errorf("go.mod lacks %q:\n%s", want, mod)
		}
	}
	if again := planOf(t, dir, change); !again.Empty() {
		t.Errorf("a second run changes:\n%s", described(t.Context(), again))
	}
	if again, trusted, err := further(t, dir, "policyfile", "userdata"); err != nil || !trusted || !again.Empty() {
		t.Errorf("trusted: %v, %v, %+v", trusted, err, again)
	}
	if _, err := rewrite.Undo(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, dir); !maps.Equal(got, before) {
		t.Errorf("undo left another tree: %v", slices.Sorted(maps.Keys(got)))
	}
}

// Naming a package later adds it and its requirement to the copy, and changes
// nothing else. What the answers do not name any more stays, and that is said.
func TestAPackageNamedLaterIsAllThatIsAdded(t *testing.T) {
	dir := layServer(t, "mcpgo-start")
	carriedOut(t, planOf(t, dir, namesPackages("userdata", "authtest")))
	before := snapshot(t, dir)
	plan, trusted, err := further(t, dir, "policyfile")
	if err != nil || !trusted {
		t.Fatalf("trusted: %v, %v", trusted, err)
	}
	for _, f := range plan.Files {
		added := f.Old == nil && strings.HasPrefix(f.Rel, "internal/authlib/policyfile/")
		if !added && !slices.Contains([]string{"go.mod", "go.sum", "internal/authlib/manifest.json"}, f.Rel) {
			t.Errorf("%s changes as well", f.Rel)
		}
	}
	if !slices.ContainsFunc(plan.Files, func(f rewrite.FileChange) bool { return strings.HasSuffix(f.Rel, "/policyfile/yaml.go") }) {
		t.Error("policyfile is not copied")
	}
	if got := notes(plan); got != "internal/authlib: keeps authtest, which the answers do not name: the program may import it; name it with --authlib-packages\n" {
		t.Errorf("notes: %s", got)
	}
	carriedOut(t, plan)
	if _, trusted, err := further(t, dir); err != nil || !trusted {
		t.Errorf("trusted: %v, %v", trusted, err)
	}
	if _, err := rewrite.Undo(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if got := snapshot(t, dir); !maps.Equal(got, before) {
		t.Errorf("undo left another tree: %v", slices.Sorted(maps.Keys(got)))
	}
}

// A later migration of another server, with other answers, adds to the copy and takes
// nothing from it: neither what was named nor what other wiring imports.
func TestWiringAddedLaterKeepsWhatTheCopyHas(t *testing.T) {
	dir := layServer(t, "mcpgo-start")
	carriedOut(t, planOf(t, dir, namesPackages("policyfile")))
	own := "package main\n\nimport _ \"" + moduleOf(t, dir) + "/internal/authlib/policyfile\"\n"
	put(t, dir, "uses.go", []byte(own))
	put(t, dir, "admin/main.go", readFile(t, filepath.Join("..", "testdata", "servers", "mcpgo-start", "main.go")))
	plan := planOf(t, dir, func(a *wizard.Answers) error {
		a.Provider, a.Store, a.AuthlibPackages = []string{"apikey"}, "", []string{"authtest"}
		return nil
	})
	if got := notes(plan); !strings.Contains(got, "internal/authlib: keeps policyfile, ") || !strings.Contains(got, "provider/dev") {
		t.Errorf("notes: %s", got)
	}
	for _, f := range plan.Files {
		if f.New == nil {
			t.Errorf("%s goes", f.Rel)
		}
	}
	carriedOut(t, plan)
	for _, name := range []string{"policyfile/policyfile.go", "broker/broker.go", "apikey/apikey.go", "authtest/client.go"} {
		if !bytes.Contains(readFile(t, filepath.Join(dir, "internal", "authlib", "manifest.json")), []byte(`"`+name+`"`)) {
			t.Errorf("%s is not in the manifest", name)
		}
	}
	if _, trusted, err := further(t, dir); err != nil || !trusted {
		t.Errorf("trusted: %v, %v", trusted, err)
	}
}

func moduleOf(t *testing.T, dir string) string {
	t.Helper()
	first, _, _ := strings.Cut(string(readFile(t, filepath.Join(dir, "go.mod"))), "\n")
	return strings.TrimPrefix(first, "module ")
}

// Nothing is added to what the tool did not write, nor where there is no copy.
func TestFurtherPackagesNeedACopyOfOurs(t *testing.T) {
	dir := layServer(t, "mcpgo-start")
	refused := func(want string) {
		t.Helper()
		_, _, err := further(t, dir, "policyfile")
		var bad *wizard.FlagError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), "--authlib-packages policyfile: "+want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	refused("the module holds no copy of authlib that they could be added to")
	carriedOut(t, planOf(t, dir, nil))
	put(t, dir, "internal/authlib/mine/mine.go", []byte("package mine\n"))
	refused("internal/authlib is not as this version of mcp-migrate copies it")
	if err := os.RemoveAll(filepath.Join(dir, "internal", "authlib", "mine")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := further(t, dir, "policyfile"); err != nil {
		t.Error(err)
	}
	put(t, dir, "other/other.go", []byte("package other\n"))
	put(t, dir, "other/manifest.json", readFile(t, filepath.Join(dir, "internal", "authlib", "manifest.json")))
	refused("there are several copies of authlib: internal/authlib, other")
}

// A vendored module builds from its vendor folder with a package that was added.
func TestFurtherPackagesAreVendored(t *testing.T) {
	dir := layServer(t, "mcpgo-vendored")
	runGo(t, dir, "mod", "vendor")
	carriedOut(t, planOf(t, dir, nil))
	plan, _, err := further(t, dir, "policyfile")
	if err != nil {
		t.Fatal(err)
	}
	carriedOut(t, plan) // builds with -mod=vendor
	if _, err := os.Stat(filepath.Join(dir, "vendor", "go.yaml.in", "yaml", "v3", "yaml.go")); err != nil {
		t.Error(err)
	}
}

// Every package that a program can import is one that can be named, but for the
// adapters, which follow from its SDK, and for what only comes with another.
func TestEveryPackageCanBeNamed(t *testing.T) {
	along := []string{"mcpgo", "gosdk", "authtest/robot", "session/redisstore/redistest"}
	var want []string
	err := fs.WalkDir(mcpmigrate.Bundle, "authlib", func(name string, _ fs.DirEntry, err error) error {
		sub := strings.TrimPrefix(path.Dir(name), "authlib/")
		if err == nil && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && sub != "authlib" &&
			!strings.HasPrefix(sub, "internal/") && !slices.Contains(along, sub) {
			want = append(want, sub)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want = slices.Compact(slices.Sorted(slices.Values(want)))
	for _, f := range wizard.Fields() {
		if f.Flag == "authlib-packages" && !slices.Equal(slices.Sorted(slices.Values(f.Known())), want) {
			t.Errorf("--authlib-packages takes %q, authlib has %q", f.Known(), want)
		}
	}
}
