package typed_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
)

// offline reads a go.mod as it stands.
var offline = []string{"GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local"}

func open(t *testing.T, dir string, tags ...string) (*load.Program, error) {
	t.Helper()
	return typed.Load(context.Background(), typed.Options{Dir: dir, Tags: tags, Env: offline})
}

func TestLoad(t *testing.T) {
	dir := fixture.Unpack(t, filepath.Join("testdata", "module.txtar"), nil)
	p, err := open(t, filepath.Join(dir, "deep", "er"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Dir != dir || p.Module != "example.com/m" || p.GoVersion != "1.23.0" || p.Vendored || p.Workspace != nil || p.SumSrc != nil {
		t.Errorf("module: %+v", p)
	}
	if p.Requires["example.com/dep"] != "v1.9.0" {
		t.Errorf("requires: %v", p.Requires)
	}
	var paths, files []string
	for _, pkg := range p.Packages {
		paths = append(paths, pkg.Path)
		for _, f := range pkg.Files {
			files = append(files, f.Rel)
			data, err := os.ReadFile(f.Path)
			if err != nil || string(data) != string(f.Src) || f.Sum != sha256.Sum256(data) {
				t.Errorf("%s: source differs from the file: %v", f.Rel, err)
			}
			if want := f.Rel == "helper.go"; f.Generated != want {
				t.Errorf("%s: generated %v", f.Rel, f.Generated)
			}
		}
	}
	if want := []string{"example.com/m", "example.com/m/deep/er", "example.com/m/tagged"}; !slices.Equal(paths, want) {
		t.Errorf("packages %v, want %v", paths, want)
	}
	if want := []string{"helper.go", "main.go", "deep/er/x.go", "tagged/b.go"}; !slices.Equal(files, want) {
		t.Errorf("files %v, want %v", files, want)
	}
	if len(p.Skipped) != 2 || p.Skipped[0].Rel != "other_plan9.go" || p.Skipped[1].Rel != "tagged/a.go" ||
		!strings.Contains(p.Skipped[0].Why, "constraints") || !slices.Equal(p.Skipped[0].Imports, []string{"net/http"}) {
		t.Errorf("skipped: %+v", p.Skipped)
	}
}

func TestTags(t *testing.T) {
	dir := fixture.Unpack(t, filepath.Join("testdata", "module.txtar"), nil)
	p, err := open(t, dir, "special")
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Skipped) != 1 || !slices.Equal(p.Tags, []string{"special"}) {
		t.Errorf("skipped %+v with tags %v", p.Skipped, p.Tags)
	}
}

func TestVendored(t *testing.T) {
	dir := fixture.Unpack(t, filepath.Join("testdata", "vendored.txtar"), nil)
	p, err := typed.Load(context.Background(), typed.Options{Dir: dir, Env: []string{"GOFLAGS=", "GOWORK=off", "GOPROXY=off"}})
	if err != nil {
		t.Fatal(err)
	}
	if !p.Vendored || len(p.Packages) != 1 {
		t.Errorf("vendored %v, %d packages", p.Vendored, len(p.Packages))
	}
}

func TestWorkspace(t *testing.T) {
	dir := fixture.Unpack(t, filepath.Join("testdata", "work.txtar"), nil)
	p, err := typed.Load(context.Background(), typed.Options{Dir: filepath.Join(dir, "a"), Env: []string{"GOFLAGS=", "GOWORK=", "GOPROXY=off"}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Workspace == nil || p.Workspace.File != filepath.Join(dir, "go.work") || p.Module != "example.com/a" || len(p.Packages) != 2 {
		t.Errorf("workspace %v of %s, %d packages", p.Workspace, p.Module, len(p.Packages))
	}
}

// At a workspace root every module is loaded; in one of them that one, and of the
// others what it imports. Types are the same across modules.
func TestWorkspaceScope(t *testing.T) {
	dir := fixture.Unpack(t, filepath.Join("testdata", "work.txtar"), nil)
	write(t, dir, "b/unused/u.go", "package unused\n")
	write(t, dir, "b/unused/u_plan9.go", "package unused\n")
	write(t, dir, "b/b_plan9.go", "package b\n")
	for _, tt := range []struct {
		dir      string
		packages []string
		skipped  []string
		modules  []string
	}{
		{".", []string{"example.com/a a/a.go", "example.com/b b/b.go", "example.com/b/unused b/unused/u.go"},
			[]string{"b/b_plan9.go", "b/unused/u_plan9.go"}, []string{"a true true", "b true true"}},
		{"a", []string{"example.com/a a.go", "example.com/b ../b/b.go"}, []string{"../b/b_plan9.go"}, []string{". true true", "../b true false"}},
		{"b", []string{"example.com/b b.go", "example.com/b/unused unused/u.go"}, []string{"b_plan9.go", "unused/u_plan9.go"}, []string{". true true", "../a false false"}},
	} {
		p, err := typed.Load(context.Background(), typed.Options{Dir: filepath.Join(dir, tt.dir), Env: []string{"GOFLAGS=", "GOWORK=", "GOPROXY=off"}})
		if err != nil {
			t.Fatal(err)
		}
		var packages, skipped, modules []string
		for _, pkg := range p.Packages {
			packages = append(packages, pkg.Path+" "+pkg.Files[0].Rel)
			if pkg.Module == nil || !strings.HasPrefix(pkg.Path, pkg.Module.Path) {
				t.Errorf("%s: module %+v", pkg.Path, pkg.Module)
			}
		}
		for _, s := range p.Skipped {
			skipped = append(skipped, s.Rel)
		}
		for _, m := range p.Modules {
			modules = append(modules, fmt.Sprint(m.Rel, " ", m.LookedAt, " ", m.Whole))
		}
		if !slices.Equal(packages, tt.packages) || !slices.Equal(skipped, tt.skipped) || !slices.Equal(modules, tt.modules) {
			t.Errorf("%s: packages %q, skipped %q, modules %q; want %+v", tt.dir, packages, skipped, modules, tt)
		}
		for _, imported := range p.Packages[0].Types.Imports() {
			if tt.dir != "b" && imported != p.Packages[1].Types {
				t.Errorf("%s: the types of %s are there twice", tt.dir, imported.Path())
			}
		}
	}
}

func TestNoModule(t *testing.T) {
	if _, err := open(t, t.TempDir()); !errors.Is(err, typed.ErrNoModule) {
		t.Errorf("got %v", err)
	}
}

func TestNoPackages(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/empty\n\ngo 1.23.0\n")
	if _, err := open(t, dir); !errors.Is(err, typed.ErrNoPackages) {
		t.Errorf("got %v", err)
	}
}

func TestDoesNotCompile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/bad\n\ngo 1.23.0\n")
	write(t, dir, "sub/bad.go", "package sub\n\nvar x int = \"s\"\n\nfunc f() { nowhere() }\n")
	p, err := open(t, dir)
	var ce *typed.CompileError
	if !errors.As(err, &ce) || len(ce.Errors) != 2 {
		t.Fatalf("got %v", err)
	}
	if ce.Errors[0].Pos != "sub/bad.go:3:13" || ce.Errors[1].Pos != "sub/bad.go:5:12" {
		t.Errorf("places: %+v", ce.Errors)
	}
	if !strings.Contains(err.Error(), "and 1 more") || p == nil || len(p.Packages) != 1 {
		t.Errorf("got %v with %v", err, p)
	}
}

func TestBadModule(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/bad\nnonsense\n")
	var me *typed.ModuleError
	if _, err := open(t, dir); !errors.As(err, &me) || !strings.Contains(err.Error(), "go.mod:2") {
		t.Errorf("got %v", err)
	}
}

func TestGoMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := open(t, t.TempDir()); !errors.Is(err, gocmd.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
