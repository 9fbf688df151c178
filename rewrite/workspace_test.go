package rewrite

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// twoModules is a plan that was called in the module app of a workspace and changes
// a file of the module tools as well.
func twoModules(t *testing.T) (p *Plan, root string) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	root = t.TempDir()
	for name, text := range map[string]string{
		"go.work": "go 1.23.0\n\nuse ./app\n\nuse ./tools\n", "app/go.mod": "module example.com/app\n", "tools/go.mod": "module example.com/tools\n",
		"app/main.go": "package main\n", "tools/t.go": "package tools\n",
	} {
		putFile(t, filepath.Join(root, filepath.FromSlash(name)), text)
	}
	app := filepath.Join(root, "app")
	place, err := load.Locate(app, "")
	if err != nil {
		t.Fatal(err)
	}
	return &Plan{Program: &load.Program{Dir: app, Workspace: place.Workspace}, Files: []FileChange{
		{Rel: "../tools/t.go", Old: []byte("package tools\n"), New: []byte("package tools // x\n")},
		{Rel: "main.go", Old: []byte("package main\n"), New: []byte("package main // x\n")},
		{Rel: "mcp_auth.go", New: []byte("package main\n"), Mode: 0o644},
	}}, root
}

func putFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func runGit(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// A run that was killed is taken back by the next command in any module of the
// workspace, also when GOWORK is off by then.
func TestRecoverInAnotherModuleOfTheWorkspace(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct{ gowork, next string }{{"", "."}, {"", "tools"}, {"off", "tools"}, {"off", "app"}, {"", "app"}} {
		p, root := twoModules(t)
		before := tree(t, root)
		kill(t, p)
		t.Setenv("GOWORK", tt.gowork)
		if _, err := Recover(ctx, filepath.Join(root, tt.next)); err != nil {
			t.Fatal(err)
		}
		if got := tree(t, root); !maps.Equal(got, before) {
			t.Errorf("GOWORK=%s, next in %s: %v\nwant %v", tt.gowork, tt.next, got, before)
		}
	}
}

// kill leaves the plan half written.
func kill(t *testing.T, p *Plan) {
	t.Helper()
	j, err := prepare(p)
	if err != nil {
		t.Fatal(err)
	}
	j.Process = 0
	path, err := journalPath(context.Background(), p.Program.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.save(path); err != nil {
		t.Fatal(err)
	}
	if err := writeAll(context.Background(), &Plan{Program: p.Program, Files: p.Files[:2]}, j); err != nil {
		t.Fatal(err)
	}
}

// undo belongs to the folder that migrate was called for, and says where that is.
func TestUndoInAnotherModuleOfTheWorkspace(t *testing.T) {
	ctx := context.Background()
	p, root := twoModules(t)
	before := tree(t, root)
	if err := Write(ctx, p); err != nil {
		t.Fatal(err)
	}
	_, err := Undo(ctx, filepath.Join(root, "tools"))
	if !errors.Is(err, ErrNothingToUndo) || !strings.Contains(err.Error(), "mcp-migrate undo "+filepath.Join(root, "app")) {
		t.Errorf("undo in tools: %v", err)
	}
	names, err := Undo(ctx, filepath.Join(root, "app"))
	if err != nil || !slices.Equal(names, []string{"../tools/t.go", "main.go", "mcp_auth.go"}) {
		t.Errorf("undo: %v, %v", names, err)
	}
	if got := tree(t, root); !maps.Equal(got, before) {
		t.Errorf("after undo: %v\nwant %v", got, before)
	}
}

// The diff of a plan that leaves the module is applied at the root: of the
// repository, or of the workspace where there is none.
func TestDiffAcrossModules(t *testing.T) {
	for _, repo := range []bool{false, true} {
		p, root := twoModules(t)
		if repo {
			runGit(t, root, "", "init", "--quiet")
		}
		runGit(t, root, string(Diff(context.Background(), p)), "apply")
		got, err := os.ReadFile(filepath.Join(root, "tools", "t.go"))
		if err != nil || string(got) != "package tools // x\n" {
			t.Errorf("in a repository %v: %q, %v", repo, got, err)
		}
	}
}

func TestDirtyFilesAcrossModules(t *testing.T) {
	p, root := twoModules(t)
	runGit(t, root, "", "init", "--quiet")
	runGit(t, root, "", "add", "-A")
	runGit(t, root, "", "commit", "-qm", "x")
	if dirty, err := DirtyFiles(t.Context(), p); err != nil || len(dirty) > 0 {
		t.Errorf("clean: %v, %v", dirty, err)
	}
	putFile(t, filepath.Join(root, "tools", "t.go"), "package tools // mine\n")
	if dirty, err := DirtyFiles(t.Context(), p); err != nil || !slices.Equal(dirty, []string{"../tools/t.go"}) {
		t.Errorf("dirty: %v, %v", dirty, err)
	}
}

// Files of two repositories are not changed by one plan.
func TestOneRepository(t *testing.T) {
	p, root := twoModules(t)
	b := &builder{prog: p.Program, files: p.Files}
	if err := b.oneRepository(t.Context()); err != nil {
		t.Errorf("without a repository: %v", err)
	}
	runGit(t, root, "", "init", "--quiet")
	if err := b.oneRepository(t.Context()); err != nil {
		t.Errorf("in one repository: %v", err)
	}
	runGit(t, filepath.Join(root, "tools"), "", "init", "--quiet")
	if err := b.oneRepository(t.Context()); err == nil || !strings.Contains(err.Error(), "../tools/t.go") {
		t.Errorf("in two repositories: %v", err)
	}
}

// Sessions are ignored where a program of the workspace may be started, unless that
// is outside of the module's repository.
func TestIgnoreFileOfAWorkspace(t *testing.T) {
	p, root := twoModules(t)
	b := &builder{prog: p.Program}
	if got := b.ignoreFile(); got != "../.gitignore" {
		t.Errorf("in one repository: %s", got)
	}
	runGit(t, filepath.Join(root, "app"), "", "init", "--quiet")
	if got := b.ignoreFile(); got != ".gitignore" {
		t.Errorf("in a repository of its own: %s", got)
	}
	b.prog = &load.Program{Dir: root}
	if got := b.ignoreFile(); got != ".gitignore" {
		t.Errorf("without a workspace: %s", got)
	}
}

// A workspace may select a newer SDK than a module asks for. The module may be
// built alone as well, so its copy takes the hooks of the older one.
func TestSDKVersionOfAModule(t *testing.T) {
	server := &analyze.Server{Spec: &sdk.Spec{Module: "example.com/sdk"}, Version: "v0.50.0"}
	for requires, want := range map[string]string{"v0.32.0": "v0.32.0", "v0.60.0": "v0.50.0", "": "v0.50.0"} {
		m := &load.Module{Requires: map[string]string{"example.com/sdk": requires}}
		if got := sdkVersion(server, &load.Package{Module: m}); got != want {
			t.Errorf("required %q: %s, want %s", requires, got, want)
		}
	}
}

// What a part plans for one module speaks of that module's folder; the whole plan
// speaks of the folder that it was called in.
func TestPlacesOfAPart(t *testing.T) {
	s := rebaseStep(Step{File: "main.go", Site: "main.go:3:4"}, "/ws/app", "/ws")
	if s.File != "app/main.go" || s.Site != "app/main.go:3:4" {
		t.Errorf("%+v", s)
	}
	if s = rebaseStep(s, "/ws", "/ws/tools"); s.Site != "../app/main.go:3:4" {
		t.Errorf("%+v", s)
	}
	if s = rebaseStep(Step{File: "main.go"}, "/ws/app", "/ws"); s.Site != "" {
		t.Errorf("a place was made up: %+v", s)
	}
}
