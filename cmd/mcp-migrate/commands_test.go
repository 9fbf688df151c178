package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

func TestInspectText(t *testing.T) {
	f := newFake(t)
	s := &f.report.Servers[0]
	s.Transports = append(s.Transports, analyze.TransportReport{Kind: "stdio", File: "main.go", Line: 30, Verdict: "unprotected"},
		analyze.TransportReport{Kind: "sse", File: "main.go", Line: 40, Path: "/sse", Verdict: "unknown", Guard: "example.com/m/internal/mw.Auth",
			GuardKind: "passthrough", Reason: strings.Repeat("a long reason ", 12)})
	s.Tools = append(s.Tools, analyze.ItemReport{Dynamic: true, Source: "cfg.Name", File: "main.go", Line: 50},
		analyze.ItemReport{Name: "evil\x1b[2Jname", File: "main.go", Line: 60, Scopes: []string{"admin", "ops"}})
	s.Prompts = []analyze.ItemReport{{Name: "greet", File: "prompts.go", Line: 7}}
	got := f.run("inspect")
	want := `module example.com/m

server s  mcp-go v1.2.1  main.go:10

  transports
    unprotected  streamable-http  /mcp  main.go:20
      nothing stands in front of the handler
    local        stdio                  main.go:30
    unknown      sse              /sse  main.go:40
      guard: example.com/m/internal/mw.Auth (passthrough)
      a long reason a long reason a long reason a long reason a long reason a
        long reason a long reason a long reason a long reason a long reason a
        long reason a long reason

  tools (4)
    get_weather          main.go:12  read-only
    delete_all           main.go:14  destructive
    (dynamic: cfg.Name)  main.go:50
    "evil\x1b[2Jname"    main.go:60  scopes admin,ops

  prompts (1)
    greet  prompts.go:7
`
	if got.code != 0 || got.stdout != want {
		t.Errorf("exit %d\n%s\nwant\n%s", got.code, got.stdout, want)
	}
	for _, line := range strings.Split(got.stdout, "\n") {
		if n := utf8.RuneCountInString(line); n > textWidth {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestInspectColor(t *testing.T) {
	f := newFake(t)
	if got := f.run("inspect", "--color", "always"); !strings.Contains(got.stdout, "\x1b[31munprotected\x1b[0m") {
		t.Errorf("no colour: %q", got.stdout)
	}
	for _, args := range [][]string{{"inspect"}, {"inspect", "--color", "never"}} {
		if got := f.run(args...); strings.Contains(got.stdout, "\x1b") {
			t.Errorf("%v: %q", args, got.stdout)
		}
	}
}

func TestInspectJSON(t *testing.T) {
	f := newFake(t)
	f.report.Complete = false
	f.report.Incomplete = []analyze.Incomplete{{File: "x.go", Line: 1, Why: "cgo"}}
	got := f.run("inspect", "--format", "json")
	var back analyze.Report
	if err := json.Unmarshal([]byte(got.stdout), &back); err != nil || got.code != exitTree || back.Servers[0].ID != "s" || back.Incomplete[0].Why != "cgo" {
		t.Errorf("%v, %+v", err, got)
	}
	f.report.Servers = nil
	if got := f.run("inspect", "--format", "json"); !strings.Contains(got.stdout, `"servers": []`) {
		t.Errorf("servers is null: %s", got.stdout)
	}
}

func TestLint(t *testing.T) {
	f := newFake(t)
	for _, sub := range []string{"cmd/a", "docs"} {
		if err := os.MkdirAll(filepath.Join(f.dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f.findings = []lint.Diagnostic{
		{Rule: "MCP001", Severity: "error", File: "cmd/a/main.go", Line: 3, Column: 2, Message: "open\nforged:1:1: MCP001: x", Cure: "run migrate"},
		{Rule: "MCP002", Severity: "warning", File: "main.go", Line: 9, Column: 1, Message: "unknown"},
	}
	all := "cmd/a/main.go:3:2: MCP001: open forged:1:1: MCP001: x\n\trun migrate\nmain.go:9:1: MCP002: unknown\n"
	for _, c := range []struct {
		args       []string
		code       int
		stdout     string
		incomplete bool
	}{
		{args: []string{"lint"}, code: 1, stdout: all},
		{args: []string{"lint", "./..."}, code: 1, stdout: all},
		{args: []string{"lint", "."}, code: 1, stdout: all},
		{args: []string{"lint", f.dir}, code: 1, stdout: all},
		{args: []string{"lint", "./cmd/..."}, code: 1, stdout: all[:strings.Index(all, "main.go:9")]},
		{args: []string{"lint", "./cmd"}, code: 1, stdout: all[:strings.Index(all, "main.go:9")]},
		{args: []string{"lint", "./docs"}, code: 0},
		{args: []string{"lint"}, code: 3, stdout: all, incomplete: true},
	} {
		f.report.Complete = !c.incomplete
		if got := f.run(c.args...); got.code != c.code || got.stdout != c.stdout {
			t.Errorf("%v: %+v, want %d %q", c.args, got, c.code, c.stdout)
		}
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "go.mod"), []byte("module other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := f.run("lint", "./cmd", other); got.code != 2 || !strings.Contains(got.stderr, "belongs to another module") {
		t.Errorf("two modules: %+v", got)
	}
	f.report.Complete = true
	if got := f.run("lint", "./nope"); got.code != 2 {
		t.Errorf("unknown folder: %+v", got)
	}
	f.findings[0].Severity = "fatal"
	if got := f.run("lint"); got.code != 1 {
		t.Errorf("a severity nobody knows counts for nothing: %+v", got)
	}
}

func TestLintPlacesAreSeenFromTheWorkingFolder(t *testing.T) {
	f := newFake(t)
	sub := filepath.Join(f.dir, "cmd")
	if err := os.MkdirAll(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	f.findings = []lint.Diagnostic{{Rule: "MCP001", Severity: "error", File: "main.go", Line: 3, Column: 2, Message: "open"}}
	if got := f.run("-C", sub, "lint"); got.stdout != "../main.go:3:2: MCP001: open\n" {
		t.Errorf("got %+v", got)
	}
}

func TestLintJSON(t *testing.T) {
	f := newFake(t)
	f.findings = []lint.Diagnostic{{Rule: "MCP001", Severity: lint.Note, File: "main.go", Line: 3, Column: 2, Message: "open", Related: []lint.Related{{File: "s.go", Line: 1, Message: "made here"}}}}
	if got := f.run("lint", "--format", "json"); !strings.Contains(got.stdout, `"related": [`) || !strings.Contains(got.stdout, `"file": "s.go"`) {
		t.Errorf("a finding without its related places: %s", got.stdout)
	}
	f.findings = nil
	got := f.run("lint", "--format", "json")
	var out map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil || got.code != 0 {
		t.Fatalf("%v, %+v", err, got)
	}
	if found, ok := out["findings"].([]any); !ok || len(found) != 0 || out["version"] != 1.0 || out["servers"] == nil {
		t.Errorf("got %s", got.stdout)
	}
}

func TestUndo(t *testing.T) {
	f := newFake(t)
	if got := f.run("undo"); got.code != 2 || !strings.Contains(got.stderr, "undo") {
		t.Errorf("nothing to undo: %+v", got)
	}
	f.restored = []string{"go.mod", "mcp_auth.go", "a/b/1", "a/b/2", "a/b/3", "a/b/c/4", "a/b/5", "a/c/1"}
	want := "restored go.mod\nremoved mcp_auth.go\nremoved a/b/ (5 files)\nremoved a/c/1\n"
	if got := f.run("undo"); got.code != 0 || got.stdout != want {
		t.Errorf("got %+v", got)
	}
	if got := f.run("undo", "-v"); strings.Count(got.stdout, "\n") != 8 || !strings.Contains(got.stdout, "removed a/b/c/4\n") {
		t.Errorf("with -v: %s", got.stdout)
	}
}

func TestVerify(t *testing.T) {
	f := newFake(t)
	f.env = []string{"MCP_ACCESS_TOKEN=s3cret"}
	if got := f.run("verify", "--url", "http://localhost:1/mcp"); got.code != 3 || !strings.Contains(got.stderr, "connection refused") {
		t.Errorf("unreachable: %+v", got)
	}
	f.probe = &probe.Report{Version: 1, URL: "http://localhost:1/mcp", Checks: []probe.Check{{Name: "stranger: tools/list", Outcome: probe.Failed}}}
	got := f.run("verify", "--url", "http://localhost:1/mcp", "--call", "a,b", "--requirement", "optional")
	if got.code != 1 || !strings.Contains(got.stdout, "FAILED     stranger: tools/list\n") || f.probed.Token != "s3cret" || len(f.probed.Call) != 2 || !f.probed.Optional {
		t.Errorf("%+v, %+v", got, f.probed)
	}
	f.probe.OK = true
	if got := f.run("verify", "--url", "http://localhost:1/mcp", "--format", "json"); got.code != 0 || !strings.HasPrefix(got.stdout, "{\n  \"version\": 1,\n  \"url\": ") || !strings.Contains(got.stdout, `"ok": true`) {
		t.Errorf("json: %+v", got)
	}
}
