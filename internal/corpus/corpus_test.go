package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
)

// folder makes a folder of repositories: a server, one whose module is in a
// subfolder and broken, and one that has nothing to do with MCP.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "acme+notes"), os.DirFS("../../testdata/servers/mcpgo-mux")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "acme+broken", "src", "go.mod"), "module example.com/mcp-broken\n\nrequire (\n")
	write(t, filepath.Join(dir, "acme+broken", "src", "main.go"), "package main\n\nfunc main() {}\n")
	write(t, filepath.Join(dir, "plain", "go.mod"), "module example.com/plain\n\ngo 1.24\n")
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// line finds the line of the first occurrence of text in the server's main.go.
func line(t *testing.T, text string) string {
	t.Helper()
	src, err := os.ReadFile("../../testdata/servers/mcpgo-mux/main.go")
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(src), text)
	if !found {
		t.Fatalf("main.go has no %q", text)
	}
	b, err := json.Marshal(strings.Count(before, "\n") + 1)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBoardHoldsTheReportAgainstTheList(t *testing.T) {
	dir := folder(t)
	list := filepath.Join(dir, "tools.csv")
	write(t, list, "repo,tool_name,file,line,registered\n"+
		"Acme/Notes,get_time,main.go,"+line(t, `"get_time"`)+",yes\n"+
		"acme/notes,list_notes,main.go,1,yes\n"+ // another line than reported
		"acme/notes,no_such_tool,main.go,2,yes\n"+
		"acme/notes,delete_note,main.go,"+line(t, `"delete_note"`)+",no\n") // said to be unreachable
	saved := filepath.Join(dir, "board.json")

	var out, progress bytes.Buffer
	if err := run(t.Context(), []string{"-dir", dir, "-truth", list, "-json", saved}, &out, &progress); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"2/3       1   1/1         0", // found by name, at the line, unreachable ones reported, invented
		"missing: no_such_tool main.go:2",
		"elsewhere: list_notes main.go:1 is reported at main.go:",
		"unreachable, reported: delete_note main.go:",
		"failed: src: exit 3",
		"network transports: 0 protected, 1 unprotected, 0 unknown",
		"of 3 listed tools 2 found (66.7 %), 1 of them at the listed line; 1 of 1 unreachable ones reported; 0 reported that are not listed",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the board lacks %q:\n%s", want, out.String())
		}
	}
	checkSaved(t, saved)
}

func checkSaved(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var b board
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Repositories) != 3 || b.Repositories[1].Total.Tools != 3 || b.Repositories[1].Modules[0].CPU <= 0 {
		t.Errorf("saved %s", text)
	}
}

func TestInventedToolsAreListed(t *testing.T) {
	dir := folder(t)
	list := filepath.Join(dir, "tools.csv")
	write(t, list, "repo,tool_name,file,line,registered\nacme/notes,get_time,main.go,"+line(t, `"get_time"`)+",yes\n")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-dir", dir, "-only", "notes", "-truth", list}, &out, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "not in the list: delete_note main.go:") || strings.Contains(got, "broken") {
		t.Errorf("got\n%s", got)
	}
}

func TestFaultsInTheList(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"":                           "is empty",
		"repo,tool_name,file,line\n": "no column registered",
		"repo,tool_name,file,line,registered\na/b,c,d,x,yes\n": `record 2: line "x" is no number`,
	} {
		file := filepath.Join(dir, "list.csv")
		write(t, file, text)
		if _, err := readTruth(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// A server is migrated in a copy, built, its tests run, the migration repeated and
// undone; the repository itself stays as it is.
func TestMigrationsAreHeldAgainstWhatWas(t *testing.T) {
	dir := folder(t)
	write(t, filepath.Join(dir, "acme+notes", "notes_test.go"), "package main\n\nimport \"testing\"\n\nfunc TestOne(t *testing.T) {}\n")
	board := filepath.Join(t.TempDir(), "board.json")
	var out, errs bytes.Buffer
	args := []string{"-dir", dir, "-only", "acme/", "-json", board, "-migrate", "-tests", "--", "--provider", "dev", "--store", "memory"}
	if err := run(t.Context(), args, &out, &errs); err != nil {
		t.Fatalf("%v\n%s", err, &errs)
	}
	for _, want := range []string{
		"1 modules serve something open; 1 of them build here, 1 of these are migrated by one command, 0 wrongly",
		"lines added and removed in existing files, per server:",
		"1 migrated without a manual step: 100 % (gate 80, aim 95)",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the board lacks %q:\n%s", want, &out)
		}
	}
	var all migrations
	data, err := os.ReadFile(board)
	if err != nil || json.Unmarshal(data, &all) != nil || len(all.Repositories) != 1 {
		t.Fatalf("%v\n%s", err, data)
	}
	if m := all.Repositories[0].migration; !m.complete() || !m.Written || m.Passed != 1 || m.Files == 0 || m.Added == 0 {
		t.Errorf("%+v", m)
	}
	if _, err := os.Stat(filepath.Join(dir, "acme+notes", "mcp_auth.go")); err == nil {
		t.Error("the repository itself was changed")
	}
}

// What is worse than a manual step is called wrong, whatever else went well.
func TestWrongMigrationsAreNoSuccess(t *testing.T) {
	good := migration{Written: true}
	if !good.complete() {
		t.Fatal("a good migration is not complete")
	}
	for what, spoil := range map[string]func(*migration){
		"build":  func(m *migration) { m.BuiltAfter = "main.go:3:1: undefined: guard" },
		"tests":  func(m *migration) { m.Broken = []string{"p.TestOne"} },
		"again":  func(m *migration) { m.Again = "exit 1" },
		"undo":   func(m *migration) { m.Undone = " M main.go" },
		"failed": func(m *migration) { m.Exit = 3 },
		"manual": func(m *migration) { m.Manual = []rewrite.Step{{Reason: "too old"}} },
	} {
		m := good
		spoil(&m)
		if m.complete() {
			t.Errorf("%s: still complete", what)
		}
	}
}

// Modules that did not build before, and those of SDKs that are only read, do not count;
// everything else is migrated, left to a person, left unchanged or wrong.
func TestGatesCountWhatCouldBeMigrated(t *testing.T) {
	one := func(added, servers int, spoil func(*migration)) migratedRepository {
		m := migration{Added: added, Servers: servers, Kinds: 2 * servers, Written: true}
		spoil(&m)
		return migratedRepository{"r", m}
	}
	board := &migrations{Repositories: []migratedRepository{
		one(6, 1, func(*migration) {}),
		one(24, 2, func(*migration) {}),
		one(0, 1, func(m *migration) { m.Built = "no" }),
		one(0, 1, func(m *migration) { m.Foreign = true }),
		one(0, 1, func(m *migration) { m.Exit, m.Manual = 1, []rewrite.Step{{Reason: "too old"}} }),
		one(0, 1, func(m *migration) { m.Exit = 3 }),
		one(0, 1, func(m *migration) { m.Undone = " M main.go" }),
	}}
	want := gates{Modules: 5, Migrated: 2, Manual: 1, Refused: 1, Wrong: 1, NotBuilt: 1, Foreign: 1, LinesMedian: 9, LinesMost: 12, KindsMedian: 4.5}
	g := board.measure()
	if *g != want {
		t.Errorf("%+v\nwant %+v", *g, want)
	}
	var out bytes.Buffer
	g.print(&out)
	for _, line := range []string{"of 5 modules that count", "40 % (gate 80", "1 wrong (gate 0)", "MISSED: 0 wrong", "MISSED: 80 %", "MISSED: 8 lines"} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, &out)
		}
	}
}

func TestVerdictsAreHeldAgainstWhatWasRead(t *testing.T) {
	dir := folder(t)
	list := filepath.Join(dir, "verdicts.csv")
	at := line(t, "NewStreamableHTTPServer")
	for judged, want := range map[string]string{
		"main.go," + at + ",unprotected,none,no check":       "verdicts: 1 right, 0 protected but open, 0 unprotected but shut, 0 unknown, 0 of another kind of guard, 0 not judged, 0 not found",
		"main.go," + at + ",unprotected,app-session,sign-in": "another kind of guard: acme/notes main.go:" + at + " is app-session, and reported as none: sign-in",
		"main.go," + at + ",protected,verified,a check":      "unprotected but shut: acme/notes main.go:" + at + ": a check",
		"gone.go,3,protected,verified,a check":               "not found: acme/notes gone.go:3",
	} {
		write(t, list, "repository,file,line,verdict,guard_kind,reason\nAcme/Notes,"+judged+"\n")
		var out bytes.Buffer
		if err := run(t.Context(), []string{"-dir", dir, "-only", "notes", "-verdicts", list}, &out, &bytes.Buffer{}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: the board lacks %q:\n%s", judged, want, out.String())
		}
	}
}

// TestProtectedButOpenFails: the one disagreement that ends a run with an error.
func TestProtectedButOpenFails(t *testing.T) {
	a := &judged{}
	a.compare("acme/notes main.go:1", analyze.TransportReport{Verdict: "protected", GuardKind: "verified"}, judgement{Verdict: "unprotected", Guard: "none", Reason: "a hole"})
	a.compare("acme/notes main.go:2", analyze.TransportReport{Verdict: "unknown"}, judgement{Verdict: "protected", Guard: "verified", Reason: "a library"})
	lacks := judgement{Verdict: "unknown", Guard: "verified", Reason: "any audience"}
	a.compare("acme/notes main.go:3", analyze.TransportReport{Verdict: "unknown"}, lacks)
	a.compare("acme/notes main.go:4", analyze.TransportReport{Verdict: "protected", GuardKind: "verified"}, lacks)
	var out bytes.Buffer
	a.print(&out)
	for _, want := range []string{"PROTECTED BUT OPEN: acme/notes main.go:1: a hole", "PROTECTED BUT OPEN: acme/notes main.go:4: any audience", "1 of the right ones are unknown", "unknown: acme/notes main.go:2 is protected: a library", "another kind of guard: acme/notes main.go:1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the board lacks %q:\n%s", want, out.String())
		}
	}
	if len(a.Open) != 2 || len(a.Unknown) != 1 || a.Right != 1 || a.Lacking != 1 {
		t.Errorf("counted %+v", a)
	}
}

// TestTheListOfVerdictsCanBeRead: the list that is kept with the code.
func TestTheListOfVerdictsCanBeRead(t *testing.T) {
	list, err := readVerdicts("testdata/verdicts.csv")
	if err != nil || len(list) < 30 {
		t.Fatalf("%d repositories: %v", len(list), err)
	}
	_, err = readVerdicts(filepath.Join(t.TempDir(), "none.csv"))
	if err == nil {
		t.Error("a list that is not there can be read")
	}
}
