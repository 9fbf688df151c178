package rewrite

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A copy that is not byte for byte what the tool writes is nobody's guard.
func TestTrustedCopy(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"": func(string) error { return nil },
		"one byte changed": func(dir string) error {
			return change(filepath.Join(dir, "guard.go"), func(b []byte) []byte { b[len(b)-2] ^= 1; return b })
		},
		"a file gone":  func(dir string) error { return os.Remove(filepath.Join(dir, "policy.go")) },
		"a file added": func(dir string) error { return writeNew(filepath.Join(dir, "more.go"), []byte("package authlib\n")) },
		"a tagged file": func(dir string) error {
			return writeNew(filepath.Join(dir, "x_windows.go"), []byte("//go:build prod\n\npackage authlib\n"))
		},
		"a test added":    func(dir string) error { return writeNew(filepath.Join(dir, "x_test.go"), []byte("package authlib\n")) },
		"assembly added":  func(dir string) error { return writeNew(filepath.Join(dir, "x_amd64.s"), []byte("// x\n")) },
		"an object added": func(dir string) error { return writeNew(filepath.Join(dir, "x.syso"), []byte("x")) },
		"a package added": func(dir string) error {
			return writeNew(filepath.Join(dir, "more", "more.go"), []byte("package more\n"))
		},
		"a linked package":   func(dir string) error { return os.Symlink(dir, filepath.Join(dir, "more")) },
		"a link to the same": func(dir string) error { return relink(filepath.Join(dir, "policy.go")) },
		"manifest: other files": func(dir string) error {
			return change(filepath.Join(dir, manifestName), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"mcpgo/`), []byte(`"other/`), 1)
			})
		},
		"manifest: other import": func(dir string) error {
			return change(filepath.Join(dir, manifestName), func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"example.com/x/internal`), []byte(`"example.com/y/internal`), 1)
			})
		},
	} {
		dir, prog := copied(t)
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		trusted := TrustedCopy(prog, Options{Authlib: mcpmigrate.Bundle})
		const core = "example.com/x/internal/authlib"
		if got, want := trusted(core), name == ""; got != want {
			t.Errorf("%q: trusted is %v, want %v", name, got, want)
		}
		for _, never := range []string{core + "/none", "example.com/authlib", "github.com/mcp-migrate/mcp-migrate/authlib"} {
			if trusted(never) {
				t.Errorf("%q: %s is trusted", name, never)
			}
		}
	}
}

// copied writes a copy, and returns its folder and the module it lies in.
func copied(t *testing.T) (string, *load.Program) {
	t.Helper()
	spec := copySpec{importPath: "example.com/x/internal/authlib", packages: []string{"", "/mcpgo"}, sdkVersion: map[string]string{"mcpgo": "v1.2.1"}}
	files, _, err := spec.render(mcpmigrate.Bundle)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	dir := filepath.Join(root, "internal", "authlib")
	for name, src := range files {
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(name)), src); err != nil {
			t.Fatal(err)
		}
	}
	return dir, &load.Program{Dir: root, Packages: []*load.Package{
		{Path: spec.importPath, Dir: dir}, {Path: spec.importPath + "/mcpgo", Dir: filepath.Join(dir, "mcpgo")},
	}}
}

func change(name string, f func([]byte) []byte) error {
	src, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, f(src), 0o600)
}

// relink moves a file aside and leaves a symbolic link to it: what the link leads
// to may change without a trace in the folder.
func relink(name string) error {
	aside := filepath.Join(filepath.Dir(filepath.Dir(name)), "aside")
	if err := os.Rename(name, aside); err != nil {
		return err
	}
	return os.Symlink(aside, name)
}
