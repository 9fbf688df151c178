package rewrite

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// tree returns every file below dir with its bytes and mode, and every folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		out[rel] = info.Mode().String()
		if info.Mode().IsRegular() {
			b, err := os.ReadFile(name)
			out[rel] += "\n" + string(b)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// testPlan returns a plan over a small tree: one file changes, one behind a
// symbolic link, two are created in a new folder, and one goes.
func testPlan(t *testing.T) (*Plan, string) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	write := func(name, text string, mode fs.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("main.go", "package main\r\n", 0o640)
	write("real.txt", "linked", 0o755)
	write("old.go", "package main // old\n", 0o600)
	if err := os.Symlink("real.txt", filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	return &Plan{Program: &load.Program{Dir: dir}, Files: []FileChange{
		{Rel: "link.txt", Old: []byte("linked"), New: []byte("new")},
		{Rel: "main.go", Old: []byte("package main\r\n"), New: []byte("package main // x\r\n")},
		{Rel: "internal/authlib/a.go", New: []byte("package authlib\n"), Mode: 0o644},
		{Rel: "internal/authlib/b.go", New: []byte("package authlib\n"), Mode: 0o644},
		{Rel: "old.go", Old: []byte("package main // old\n")},
	}}, dir
}

func TestWriteThenUndoGivesBackTheSameBytes(t *testing.T) {
	ctx := context.Background()
	p, dir := testPlan(t)
	before := tree(t, dir)
	if err := Write(ctx, p); err != nil {
		t.Fatal(err)
	}
	after := tree(t, dir)
	if !strings.HasSuffix(after["main.go"], "package main // x\r\n") || !strings.HasPrefix(after["main.go"], "-rw-r-----") {
		t.Errorf("main.go is %q", after["main.go"])
	}
	if !strings.HasPrefix(after["link.txt"], "L") || !strings.HasSuffix(after["real.txt"], "\nnew") || !strings.HasPrefix(after["real.txt"], "-rwxr-xr-x") {
		t.Errorf("the link was not kept: %q, %q", after["link.txt"], after["real.txt"])
	}
	if _, still := after["old.go"]; still {
		t.Error("old.go was to go")
	}
	if _, err := Undo(ctx, dir); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); !maps.Equal(got, before) {
		t.Errorf("after undo:\n%v\nwant\n%v", got, before)
	}
	if _, err := Undo(ctx, dir); err != ErrNothingToUndo {
		t.Errorf("second undo: %v", err)
	}
}

// Runs of several modules at once have their journals in one folder; none may take
// away what another is about to rename.
func TestWriteLeavesTheTemporaryFilesOfOtherRuns(t *testing.T) {
	ctx := context.Background()
	p, dir := testPlan(t)
	path, err := journalPath(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(filepath.Dir(path), "0123456789abcdef.json")
	var temps []string
	for _, name := range []string{path, other, filepath.Join(dir, "main.go"), filepath.Join(dir, "other.go")} {
		f, err := os.CreateTemp(filepath.Dir(name), tempPrefix(name)+"*")
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		temps = append(temps, f.Name())
	}
	if err := Write(ctx, p); err != nil {
		t.Fatal(err)
	}
	if _, err := Undo(ctx, dir); err != nil {
		t.Fatal(err)
	}
	for i, gone := range []bool{true, false, true, false} {
		if fileExists(temps[i]) == gone {
			t.Errorf("%s: there is %v, want %v", temps[i], !gone, gone)
		}
	}
}

// A run that dies after any number of writes is taken back by the next command.
func TestRecoverAfterBeingKilledAtAnyWrite(t *testing.T) {
	ctx := context.Background()
	for k := range 6 {
		p, dir := testPlan(t)
		before := tree(t, dir)
		j, err := prepare(p)
		if err != nil {
			t.Fatal(err)
		}
		path, err := journalPath(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := j.save(path); err != nil {
			t.Fatal(err)
		}
		dead := &Plan{Program: p.Program, Files: p.Files[:k]}
		if err := writeAll(ctx, dead, j); err != nil {
			t.Fatal(err)
		}
		if _, err := Recover(ctx, dir); err != nil {
			t.Fatal(err)
		}
		if got := tree(t, dir); !maps.Equal(got, before) {
			t.Errorf("killed after %d writes, recovered to:\n%v\nwant\n%v", k, got, before)
		}
	}
}

func TestWriteRefusesAndChangesNothing(t *testing.T) {
	ctx := context.Background()
	for name, spoil := range map[string]func(dir string) error{
		"changed since it was read": func(dir string) error { return os.WriteFile(filepath.Join(dir, "main.go"), []byte("x"), 0o640) },
		"read-only":                 func(dir string) error { return os.Chmod(filepath.Join(dir, "main.go"), 0o444) },
		"gone":                      func(dir string) error { return os.Remove(filepath.Join(dir, "main.go")) },
		"appeared": func(dir string) error {
			return os.MkdirAll(filepath.Join(dir, "internal/authlib/b.go"), 0o755)
		},
	} {
		p, dir := testPlan(t)
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		before := tree(t, dir)
		err := Write(ctx, p)
		if err == nil {
			t.Errorf("%s: written", name)
			continue
		}
		if !strings.Contains(err.Error(), "main.go") && !strings.Contains(err.Error(), "b.go") {
			t.Errorf("%s: the error does not name the file: %v", name, err)
		}
		if got := tree(t, dir); !maps.Equal(got, before) {
			t.Errorf("%s: the tree changed: %v", name, got)
		}
	}
}

func TestWriteStopsOnInterruptAndPutsBack(t *testing.T) {
	p, dir := testPlan(t)
	before := tree(t, dir)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Write(ctx, p); err == nil {
		t.Fatal("written although the context had ended")
	}
	if got := tree(t, dir); !maps.Equal(got, before) {
		t.Errorf("the tree changed: %v", got)
	}
}

func TestUndoRefusesAFileThatChangedSince(t *testing.T) {
	ctx := context.Background()
	p, dir := testPlan(t)
	if err := Write(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("mine"), 0o640); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	if _, err := Undo(ctx, dir); err == nil || !strings.Contains(err.Error(), "main.go") {
		t.Fatalf("undo: %v", err)
	}
	if got := tree(t, dir); !maps.Equal(got, before) {
		t.Errorf("the tree changed: %v", got)
	}
}

func TestMergeSumsKeepsEveryOldLine(t *testing.T) {
	old := []byte("b v1 h1:x\nc v1 h1:y\n")
	got := mergeSums(old, []byte("a v1 h1:z\nc v1 h1:y\nd v1 h1:w\n"))
	if want := "a v1 h1:z\nb v1 h1:x\nc v1 h1:y\nd v1 h1:w\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !slices.Equal(splitLines(nil), nil) {
		t.Error("no lines of an empty file")
	}
}
