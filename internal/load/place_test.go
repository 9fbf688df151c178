package load_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

const member = "module example.com/m\n\ngo 1.23.0\n"

// tree makes a folder of files: name → text.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A folder belongs to the module whose go.mod is met first on the way up, and to
// the workspace where its go.work is.
func TestLocate(t *testing.T) {
	dir := tree(t, map[string]string{
		"go.mod":             "module example.com/outer\n",
		"ws/go.work":         "go 1.23.0\n\nuse (\n\t./app\n\t./deep/tools\n)\n",
		"ws/app/go.mod":      member,
		"ws/app/cmd/x/x.go":  "package main\n",
		"ws/deep/tools/t.go": "package tools\n", "ws/deep/tools/go.mod": member,
		"own/go.work": "go 1.23.0\n\nuse .\n\nuse ./sub\n", "own/go.mod": member, "own/cmd/x.go": "package main\n", "own/sub/go.mod": member,
		"inner/go.work": "go 1.23.0\n\nuse ./ws\n", "inner/ws/go.work": "go 1.23.0\n\nuse ./app\n", "inner/ws/app/go.mod": member, "inner/ws/go.mod": member,
	})
	for _, tt := range []struct{ dir, gowork, root, module, work string }{
		{"ws", "", "ws", "", "ws/go.work"},
		{"ws/deep", "", "ws", "", "ws/go.work"},
		{"ws/app", "", "ws/app", "ws/app", "ws/go.work"},
		{"ws/app/cmd/x", "", "ws/app", "ws/app", "ws/go.work"},
		{"ws/deep/tools", "", "ws/deep/tools", "ws/deep/tools", "ws/go.work"},
		{"ws/app/cmd", "off", "ws/app", "ws/app", ""},
		{"ws", "off", ".", ".", ""},
		{"own", "", "own", "", "own/go.work"},
		{"own/cmd", "", "own", "own", "own/go.work"},
		{"own/sub", "", "own/sub", "own/sub", "own/go.work"},
		{"inner/ws/app", "", "inner/ws/app", "inner/ws/app", "inner/ws/go.work"}, // the nearest go.work counts
		{"inner/ws", "inner/go.work", "inner/ws", "inner/ws", "inner/go.work"},
	} {
		gowork := tt.gowork
		if strings.Contains(gowork, "/") {
			gowork = filepath.Join(dir, gowork)
		}
		p, err := load.Locate(filepath.Join(dir, tt.dir), gowork)
		if err != nil {
			t.Errorf("%s: %v", tt.dir, err)
			continue
		}
		work := ""
		if p.Workspace != nil {
			work = p.Workspace.File
		}
		for _, pair := range [][2]string{{p.Root, tt.root}, {p.Module, tt.module}, {work, tt.work}} {
			if want := pair[1]; want == "" && pair[0] != "" || want != "" && pair[0] != filepath.Join(dir, want) {
				t.Errorf("%s with GOWORK=%s: %+v, want %v", tt.dir, tt.gowork, p, tt)
			}
		}
	}
}

// What is wrong with a workspace is said with the line and the cure; the root is
// told all the same, so that undo finds what was written.
func TestLocateBrokenWorkspace(t *testing.T) {
	for _, tt := range []struct {
		name, work string
		files      map[string]string
		dir        string
		says       []string
	}{
		{name: "a folder is missing", work: "go 1.23.0\n\nuse (\n\t./app\n\t./gone\n)\n", dir: ".",
			says: []string{"go.work:5: use ./gone: there is no such folder", "go work edit -dropuse=./gone"}},
		{name: "a folder is no module", work: "go 1.23.0\n\nuse ./app\n\nuse ./docs\n", dir: "app",
			files: map[string]string{"docs/x.txt": ""}, says: []string{"go.work:5: use ./docs: the folder has no go.mod"}},
		{name: "not to be parsed", work: "go 1.23.0\n\nuse ./app\nnonsense\n", dir: "app", says: []string{"go.work:4", "GOWORK=off"}},
		{name: "empty", work: "go 1.23.0\n", dir: ".", says: []string{"uses no module", "go work use"}},
		{name: "not a member", work: "go 1.23.0\n\nuse ./app\n", dir: "other",
			files: map[string]string{"other/go.mod": member}, says: []string{"not one of the workspace", "go work use", "GOWORK=off"}},
		{name: "a nested module", work: "go 1.23.0\n\nuse ./app\n", dir: "app/nested",
			files: map[string]string{"app/nested/go.mod": member}, says: []string{"not one of the workspace"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"go.work": tt.work, "app/go.mod": member}
			for name, text := range tt.files {
				files[name] = text
			}
			dir := tree(t, files)
			p, err := load.Locate(filepath.Join(dir, tt.dir), "")
			if err == nil {
				t.Fatalf("no error: %+v", p)
			}
			for _, want := range tt.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\nlacks %q", err, want)
				}
			}
			if p.Root != filepath.Join(dir, tt.dir) {
				t.Errorf("root %s", p.Root)
			}
		})
	}
}

func TestLocateOutsideOfEverything(t *testing.T) {
	dir := tree(t, map[string]string{"ws/go.work": "go 1.23.0\n\nuse ./app\n", "ws/app/go.mod": member, "else/x.go": "package x\n"})
	for _, gowork := range []string{"off", "", filepath.Join(dir, "ws", "go.work")} {
		if _, err := load.Locate(filepath.Join(dir, "else"), gowork); !errors.Is(err, load.ErrNoModule) {
			t.Errorf("GOWORK=%s: %v", gowork, err)
		}
	}
}

// go.work means the same wherever a copy of it lies.
func TestStanding(t *testing.T) {
	dir := tree(t, map[string]string{
		"ws/go.work":     "// ours\ngo 1.23.0\n\nuse ./app // served\n\nuse ../beside\n\nreplace example.com/x => ./x\n\nreplace example.com/y v1.0.0 => example.com/z v1.2.3\n",
		"ws/go.work.sum": "a sum\n", "ws/app/go.mod": member, "beside/go.mod": member,
	})
	p, err := load.Locate(filepath.Join(dir, "ws"), "")
	if err != nil {
		t.Fatal(err)
	}
	aside := t.TempDir()
	name, err := p.Workspace.WriteStanding(aside, "/more")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"go 1.23.0\n", filepath.Join(dir, "ws", "app"), filepath.Join(dir, "beside"), "/more",
		"example.com/x => " + filepath.Join(dir, "ws", "x"), "example.com/y v1.0.0 => example.com/z v1.2.3",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("go.work lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "./") {
		t.Errorf("a relative path is left:\n%s", got)
	}
	if sum, err := os.ReadFile(filepath.Join(aside, "go.work.sum")); err != nil || string(sum) != "a sum\n" {
		t.Errorf("go.work.sum: %q, %v", sum, err)
	}
}
