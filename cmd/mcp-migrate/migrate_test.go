package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// TestMigrateExit runs whole migrates and looks at exit code, streams and
// whether something was written.
func TestMigrateExit(t *testing.T) {
	dev := []string{"migrate", "--provider", "dev", "--yes"}
	for _, c := range []struct {
		name   string
		change func(*fake)
		args   []string
		code   int
		wrote  bool
		stdout string   // exactly
		stderr []string // each is in it
	}{
		{name: "written", args: dev, wrote: true, stdout: "edited main.go\ncreated mcp_auth.go\n",
			stderr: []string{"PREVIEW", "MCP_RESOURCE_URL", "undo", "mcp-migrate migrate -C", "--provider dev", "--yes"}},
		{name: "bare command", args: []string{"--provider", "dev", "--yes"}, wrote: true, stdout: "edited main.go\ncreated mcp_auth.go\n"},
		{name: "dry run", args: []string{"migrate", "--provider", "dev", "--dry-run"}, stdout: "diff --git a/main.go b/main.go\n"},
		{name: "dry run, exit code", args: []string{"migrate", "--provider", "dev", "--dry-run", "--exit-code"}, code: 1, stdout: "diff --git a/main.go b/main.go\n"},
		{name: "missing answers", args: []string{"migrate"}, code: 2,
			stderr: []string{"there is no terminal to ask on", "--provider", "--allow", "github, dev, google, oidc, jwt or apikey"}},
		{name: "missing answers with yes", args: []string{"migrate", "--yes", "--provider", "github"}, code: 2,
			stderr: []string{"--yes asks nothing", "--allow"}},
		{name: "nobody to confirm", args: []string{"migrate", "--provider", "dev"}, code: 2, stderr: []string{"add --yes to write it, or --dry-run"}},
		{name: "unknown tool", args: []string{"migrate", "--yes", "--provider", "dev", "--requirement", "optional", "--public", "get_wether"}, code: 2,
			stderr: []string{"--public get_wether: matches no tool; did you mean get_weather? tools found: delete_all, get_weather"}},
		{name: "unknown server", args: []string{"migrate", "--yes", "--provider", "dev", "--server", "x"}, code: 2, stderr: []string{"--server x: no such server; servers found: s"}},
		{name: "optional, nothing public", args: []string{"migrate", "--yes", "--provider", "dev", "--requirement", "optional"}, code: 2,
			stderr: []string{"answers are missing", "--public", "Found: delete_all, get_weather"}},
		{name: "no server", change: func(f *fake) { f.report.Servers = nil }, args: dev, code: 3,
			stderr: []string{"no MCP server found in example.com/m", "looked for"}},
		{name: "incomplete", change: func(f *fake) {
			f.report.Complete = false
			f.report.Incomplete = []analyze.Incomplete{{File: "x.go", Line: 3, Why: "does not compile"}}
		}, args: dev, code: 3, stderr: []string{"x.go:3: does not compile"}},
		{name: "stdio only", change: func(f *fake) { f.report.Servers[0].Transports[0].Kind = "stdio" }, args: []string{"migrate"},
			stderr: []string{"No server is served over HTTP"}},
		{name: "protected", change: func(f *fake) { f.report.Servers[0].Transports[0].Verdict = "protected" }, args: []string{"migrate"},
			stderr: []string{"protected already"}},
		{name: "dirty", change: func(f *fake) { f.dirty = []string{"main.go", "a\nb.go"} }, args: dev, code: 2,
			stderr: []string{"uncommitted changes", "main.go", `"a\nb.go"`, "--allow-dirty"}},
		{name: "dirty allowed", change: func(f *fake) { f.dirty = []string{"main.go"} }, args: append(dev, "--allow-dirty"), wrote: true,
			stdout: "edited main.go\ncreated mcp_auth.go\n"},
		{name: "does not build", change: func(f *fake) { f.checkErr = errors.New("main.go:3:1: undefined: x") }, args: dev, code: 3,
			stderr: []string{"main.go:3:1: undefined: x"}},
		{name: "not verified", change: func(f *fake) { f.checkErr = errors.New("not called") }, args: append(dev, "--no-verify"), wrote: true,
			stdout: "edited main.go\ncreated mcp_auth.go\n"},
		{name: "manual step", change: func(f *fake) {
			f.plan.Steps = append(f.plan.Steps, rewrite.Step{Kind: rewrite.StepManual, Site: "main.go:30:2", Reason: "chi is not rewritten", Text: "r.Use(x)"})
		}, args: append(dev, "-q"), code: 1, wrote: true, stdout: "edited main.go\ncreated mcp_auth.go\n",
			stderr: []string{"main.go:30:2: chi is not rewritten", "    r.Use(x)"}},
		{name: "manual step in a dry run", change: func(f *fake) {
			f.plan = &rewrite.Plan{Steps: []rewrite.Step{{Kind: rewrite.StepManual, File: "main.go", Reason: "chi"}}}
		}, args: append(dev, "--dry-run"), code: 1, stdout: "diff --git a/main.go b/main.go\n", stderr: []string{"manual step 1: main.go: chi"}},
		{name: "only manual steps", change: func(f *fake) {
			f.plan = &rewrite.Plan{Steps: []rewrite.Step{{Kind: rewrite.StepManual, File: "main.go", Reason: "chi"}}}
		},
			args: dev, code: 1, stderr: []string{"manual step 1: main.go: chi"}},
		{name: "nothing planned", change: func(f *fake) { f.plan = &rewrite.Plan{} }, args: []string{"migrate", "--provider", "dev"}, stderr: []string{"Nothing to change"}},
		{name: "exit code alone", args: append(dev, "--exit-code"), code: 2, stderr: []string{"add --dry-run"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			if c.change != nil {
				c.change(f)
			}
			got := f.run(c.args...)
			if got.code != c.code || got.stdout != c.stdout {
				t.Errorf("exit %d, stdout %q; want %d, %q\nstderr:\n%s", got.code, got.stdout, c.code, c.stdout, got.stderr)
			}
			if wrote := slices.Contains(f.calls, "write"); wrote != c.wrote {
				t.Errorf("written: %v; calls %v", wrote, f.calls)
			}
			for _, want := range c.stderr {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("stderr lacks %q:\n%s", want, got.stderr)
				}
			}
		})
	}
}

func TestMigrateFailedWriteIsNoSuccess(t *testing.T) {
	f := newFake(t)
	f.writeErr = errors.New("disk full")
	got := f.run("--provider", "dev", "--yes")
	if got.code != exitTree || got.stdout != "" || strings.Contains(got.stderr, "To take everything back") {
		t.Errorf("got %+v", got)
	}
}

func TestMigrateAsksWhatIsOpen(t *testing.T) {
	f := newFake(t)
	f.asker = &scripted{yes: true, replies: map[string][]string{
		"allow": {"user:octocat"}, "requirement": {"optional"}, "public": {"get_*"}}}
	got := f.run("migrate", "--provider", "github", "--store", "memory")
	if got.code != 0 {
		t.Fatalf("got %+v", got)
	}
	// public is on a page of its own: whether it is asked depends on the first.
	if want := []string{"allow", "requirement", "scopes", "public", "confirm"}; !slices.Equal(f.asker.asked, want) {
		t.Errorf("asked %v, want %v", f.asker.asked, want)
	}
	want := wizard.Answers{Provider: []string{"github"}, Allow: []string{"user:octocat"}, Store: "memory", Requirement: "optional",
		Scopes: []string{}, Public: []string{"get_*"}, Unlisted: "deny", Stdio: "keep", Existing: "keep", Secrets: "keep",
		Authlib: "copy", AuthlibDir: "internal/authlib"}
	if !reflect.DeepEqual(f.answers, want) {
		t.Errorf("planned with %+v", f.answers)
	}
}

// TestMigrateSecondRunAsksNothing writes the recorded answers and runs again.
func TestMigrateSecondRunAsksNothing(t *testing.T) {
	f := newFake(t)
	if got := f.run("--provider", "dev", "--yes"); got.code != 0 {
		t.Fatalf("got %+v", got)
	}
	if !slices.Equal(f.answers.Allow, []string{"anyone"}) {
		t.Errorf("allow for dev: %v", f.answers.Allow)
	}
	name, content, _ := strings.Cut(f.file, "\n")
	if strings.Contains(content, "anyone") {
		t.Errorf("the file would open another provider to anyone:\n%s", content)
	}
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	first := f.answers
	f.asker = &scripted{yes: true}
	got := f.run()
	if got.code != 0 || !slices.Equal(f.asker.asked, []string{"confirm"}) || !reflect.DeepEqual(f.answers, first) {
		t.Errorf("asked %v, answers %+v, %+v", f.asker.asked, f.answers, got)
	}
	if got := f.run("--provider", "github", "--yes"); got.code != 2 || !strings.Contains(got.stderr, "--allow") {
		t.Errorf("another provider took the old answers: %+v", got)
	}
}

func TestMigrateDeclinedOrAborted(t *testing.T) {
	for name, c := range map[string]struct {
		asker *scripted
		code  int
	}{
		"declined":     {&scripted{replies: map[string][]string{"provider": {"dev"}, "allow": {"anyone"}}}, exitFindings},
		"ctrl-c":       {&scripted{err: wizard.ErrAborted}, exitInterrupt},
		"end of input": {&scripted{err: wizard.ErrNoMoreInput}, exitUsage},
	} {
		f := newFake(t)
		f.asker = c.asker
		if got := f.run("migrate"); got.code != c.code || slices.Contains(f.calls, "write") || got.stdout != "" {
			t.Errorf("%s: %+v, calls %v", name, got, f.calls)
		}
	}
}

func TestMigrateInterruptedBeforeWriting(t *testing.T) {
	f := newFake(t)
	ctx, cancel := context.WithCancel(context.Background())
	f.during = func(call string) {
		if call == "check" {
			cancel()
		}
	}
	if got := f.runContext(ctx, "--provider", "dev", "--yes"); got.code != exitInterrupt || slices.Contains(f.calls, "write") {
		t.Errorf("got %+v, calls %v", got, f.calls)
	}
}

func TestMigrateJSON(t *testing.T) {
	f := newFake(t)
	f.plan.Steps = append(f.plan.Steps, rewrite.Step{Kind: rewrite.StepManual, File: "main.go", Reason: "chi", Text: "x"})
	got := f.run("--provider", "dev", "--yes", "--format", "json")
	var out struct {
		Version int
		Module  string
		Written bool
		Files   []map[string]string
		Manual  []map[string]string // a manual step without a place still has the key "site"
		Env     []map[string]any
		Report  map[string]any
	}
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil {
		t.Fatalf("%v in %s", err, got.stdout)
	}
	if got.code != 1 || out.Version != 1 || out.Module != "example.com/m" || !out.Written || len(out.Manual) != 1 || len(out.Manual[0]) != 5 || len(out.Env) != 1 ||
		out.Files[1]["file"] != "mcp_auth.go" || out.Files[1]["action"] != "created" || out.Report["servers"] == nil {
		t.Errorf("exit %d, %s", got.code, got.stdout)
	}
}

func TestMigrateAnswersOutsideTheModuleAreReadOnly(t *testing.T) {
	f := newFake(t)
	path := filepath.Join(t.TempDir(), "ci.yaml")
	if err := os.WriteFile(path, []byte("answers:\n  provider: [dev]\n  store: memory\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := f.run("--answers", path, "--yes")
	if got.code != 0 || f.answers.Store != "memory" || f.file != "" || !strings.Contains(got.stderr, "outside the module") {
		t.Errorf("got %+v, file %q", got, f.file)
	}
}

func TestResultThatCannotBeDelivered(t *testing.T) {
	f := newFake(t)
	var stderr bytes.Buffer
	a := newApp(nil, bytes.NewReader(nil), brokenWriter{}, &stderr)
	a.rooms = f.rooms()
	if code := a.run(context.Background(), []string{"-C", f.dir, "--provider", "dev", "--dry-run"}); code != exitTree {
		t.Errorf("exit %d, %s", code, stderr.String())
	}
}

func TestPanicIsNoUsageError(t *testing.T) {
	f := newFake(t)
	f.during = func(string) { panic("boom") }
	if got := f.run("inspect"); got.code != exitTree || !strings.Contains(got.stderr, "internal error: boom") {
		t.Errorf("got %+v", got)
	}
}
