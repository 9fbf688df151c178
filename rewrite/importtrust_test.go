package rewrite

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/modfile"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// The imported library is a guard only where its content is that of a release:
// what a replacement, a vendor folder or a workspace puts in its place is not.
func TestTrustedImport(t *testing.T) {
	const ours = "require github.com/mcp-migrate/mcp-migrate v0.9.9\n"
	for name, tt := range map[string]struct {
		mod       string
		vendored  bool
		workspace string
		want      bool
	}{
		"required":                {mod: ours, want: true},
		"not required":            {},
		"replaced by a folder":    {mod: ours + "replace github.com/mcp-migrate/mcp-migrate => ../x\n"},
		"replaced by a module":    {mod: ours + "replace github.com/mcp-migrate/mcp-migrate v0.9.9 => example.com/x v1.0.0\n"},
		"another replaced":        {mod: ours + "replace example.com/y => ../y\n", want: true},
		"vendored":                {mod: ours, vendored: true},
		"in a workspace":          {mod: ours, workspace: "go 1.26.0\nuse ./app\nuse ./tame\n", want: true},
		"workspace with it":       {mod: ours, workspace: "go 1.26.0\nuse ./app\nuse ./fork\n"},
		"workspace, replaced":     {mod: ours, workspace: "go 1.26.0\nuse ./app\nreplace github.com/mcp-migrate/mcp-migrate => ./fork\n"},
		"replaced by a member":    {mod: ours, workspace: "go 1.26.0\nuse ./app\nuse ./wild\n"},
		"unreadable member":       {mod: ours, workspace: "go 1.26.0\nuse ./app\nuse ./none\n"},
		"unreadable workspace":    {mod: ours, workspace: "use\n"},
		"it is the module itself": {mod: "module github.com/mcp-migrate/mcp-migrate\n" + ours},
	} {
		t.Run(name, func(t *testing.T) {
			prog := programIn(t, tt.mod, tt.workspace)
			prog.Vendored = tt.vendored
			trusted := Trusted(prog, Options{Authlib: mcpmigrate.Bundle})
			for _, path := range []string{bundlePath, bundlePath + "/mcpgo"} {
				if got := trusted(path); got != tt.want {
					t.Errorf("%s is trusted: %v, want %v", path, got, tt.want)
				}
			}
			for _, never := range []string{toolModule, toolModule + "/authlibx", "example.com/authlib", "example.com/app/internal/authlib"} {
				if trusted(never) {
					t.Errorf("%s is trusted", never)
				}
			}
		})
	}
}

// programIn lays a workspace with the module app, whose go.mod is given, and the
// modules tame, fork and wild beside it.
func programIn(t *testing.T, mod, work string) *load.Program {
	t.Helper()
	root := t.TempDir()
	if len(mod) < 6 || mod[:6] != "module" {
		mod = "module example.com/app\n" + mod
	}
	for name, text := range map[string]string{
		"app/go.mod": mod, "tame/go.mod": "module example.com/tame\n", "fork/go.mod": "module github.com/mcp-migrate/mcp-migrate\n",
		"wild/go.mod": "module example.com/wild\nreplace github.com/mcp-migrate/mcp-migrate => ../fork\n", "go.work": work,
	} {
		if err := writeNew(filepath.Join(root, filepath.FromSlash(name)), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	src, err := os.ReadFile(filepath.Join(root, "app", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := modfile.Parse("go.mod", src, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &load.Program{Dir: filepath.Join(root, "app"), Module: parsed.Module.Mod.Path, Mod: parsed, ModSrc: src, Requires: map[string]string{}}
	for _, r := range parsed.Require {
		p.Requires[r.Mod.Path] = r.Mod.Version
	}
	if work != "" {
		p.Workspace = &load.Workspace{File: filepath.Join(root, "go.work")}
		if file, err := modfile.ParseWork("go.work", []byte(work), nil); err == nil {
			p.Workspace.Work = file
			for _, use := range file.Use {
				p.Workspace.Members = append(p.Workspace.Members, filepath.Join(root, use.Path))
			}
		}
	}
	return p
}
