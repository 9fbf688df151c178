package analyze_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

var update = flag.Bool("update", false, "rewrite the want files of testdata/*.txtar; read the diff before you commit it")

// TestShapes analyses each fixture and compares everything that was found with
// the file "want" in it.
func TestShapes(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			r := read(t, filepath.Base(name))
			compare(t, name, describe(r))
		})
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	ar, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(ar.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i < 0 {
		i = len(ar.Files)
		ar.Files = append(ar.Files, txtar.File{Name: "want"})
	}
	if *update {
		ar.Files[i].Data = []byte(got)
		if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(ar.Files[i].Data); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// describe writes a result as lines: one per server, item, route and gap.
func describe(r *analyze.Result) string {
	var b strings.Builder
	at := func(s sdk.Site) string {
		p := s.Position(r.Program.Fset)
		return fmt.Sprintf("%s:%d", p.Filename, p.Line)
	}
	for _, s := range r.Servers {
		fmt.Fprintf(&b, "server %s %s %s %s\n", s.ID, s.Spec.Name, s.Version, at(s.New))
		describeItems(&b, "tool", s.Tools, at)
		describeItems(&b, "prompt", s.Prompts, at)
		describeItems(&b, "resource", s.Resources, at)
		for _, r := range s.Readers {
			fmt.Fprintf(&b, "  reader %s %s %q\n", r.Name, at(r.Site), r.Headers)
		}
		for _, h := range s.Hooks {
			fmt.Fprintf(&b, "  hook %s\n", at(h))
		}
		for _, t := range s.Transports {
			fmt.Fprintf(&b, "  %s %s path=%q %s guard=%q(%s): %s\n", t.Kind, at(t.New), t.Path, t.Verdict, t.Guard, t.GuardKind, t.Reason)
			for _, route := range t.Routes {
				fmt.Fprintf(&b, "    %s %s pattern=%q addr=%q %s guard=%q(%s): %s\n", route.Kind, at(route.Site), route.Pattern, route.Addr, route.Verdict, route.Guard, route.GuardKind, route.Reason)
				describeChecks(&b, "check", route.Checks, at)
				describeChecks(&b, "outside", route.Outside, at)
			}
		}
	}
	for _, in := range r.Incomplete {
		fmt.Fprintf(&b, "incomplete %s:%d: %s\n", in.File, in.Line, in.Why)
	}
	return b.String()
}

func describeChecks(b *strings.Builder, kind string, list []*analyze.Check, at func(sdk.Site) string) {
	for _, c := range list {
		fmt.Fprintf(b, "      %s %s %s %s reads %q hidden=%q more=%q\n", kind, c.Name, at(c.Site), c.Verdict, c.Headers, c.Hidden, c.More)
	}
}

func describeItems(b *strings.Builder, kind string, list []*analyze.Registration, at func(sdk.Site) string) {
	for _, reg := range list {
		name := fmt.Sprintf("%q", reg.Name)
		if reg.Dynamic {
			name = "dynamic (" + reg.Source + ")"
		}
		for _, f := range []struct {
			text string
			on   bool
		}{{" read-only", reg.ReadOnly}, {" destructive", reg.Destructive}, {" task", reg.Task}} {
			if f.on {
				name += f.text
			}
		}
		for _, c := range reg.Credentials {
			name += " takes " + c
		}
		fmt.Fprintf(b, "  %s %s %s registered %s", kind, name, at(reg.Defined), at(reg.Registered))
		for _, also := range reg.Also {
			fmt.Fprintf(b, " also %s", at(also))
		}
		b.WriteString("\n")
	}
}

// TestReport checks that the flat form has every field that scripts rely on.
func TestReport(t *testing.T) {
	r := read(t, "simple.txtar")
	rep := r.Report()
	if rep.Version != 1 || rep.Module != "example.com/x" || !rep.Complete || rep.Incomplete == nil {
		t.Errorf("head of the report: %+v", rep)
	}
	i := slices.IndexFunc(rep.Servers, func(s analyze.ServerReport) bool { return s.ID == "started" })
	if i < 0 {
		t.Fatalf("no server started in %+v", rep.Servers)
	}
	s := rep.Servers[i]
	if s.SDK != "mcp-go" || s.SDKVersion != "v1.2.1" || s.File != "start/main.go" || s.Line != 14 {
		t.Errorf("server: %+v", s)
	}
	if len(s.Tools) != 2 || s.Tools[0].Name != "start_one" || !s.Tools[0].ReadOnly || s.Tools[0].Scopes == nil {
		t.Errorf("tools: %+v", s.Tools)
	}
	want := analyze.TransportReport{Kind: "streamable-http", File: "start/main.go", Line: 17, Path: "/mcp", Verdict: "unprotected", GuardKind: "none", Reason: "nothing in front of it asks who is calling", Checks: []analyze.CheckReport{}}
	if len(s.Transports) != 1 || !reflect.DeepEqual(s.Transports[0], want) {
		t.Errorf("transports: %+v", s.Transports)
	}
}

// TestReportPolicy checks that what the policy's literal says reaches the report.
func TestReportPolicy(t *testing.T) {
	rep := read(t, "guards.txtar").Report()
	i := slices.IndexFunc(rep.Servers, func(s analyze.ServerReport) bool { return s.ID == "start" })
	if i < 0 {
		t.Fatal("no server start")
	}
	tools := rep.Servers[i].Tools
	if len(tools) != 2 || !slices.Equal(tools[0].Scopes, []string{"base", "extra"}) || !slices.Equal(tools[0].Roles, []string{"admin"}) || tools[0].Public {
		t.Errorf("tools: %+v", tools)
	}
	if !slices.Equal(tools[1].Scopes, []string{"base"}) {
		t.Errorf("a tool without a rule of its own: %+v", tools[1])
	}
}

// TestStable checks that two runs say the same, word for word.
func TestStable(t *testing.T) {
	p := loaded(t, "guards.txtar")
	first := describe(analysed(t, p))
	for range 5 {
		if again := describe(analysed(t, p)); again != first {
			t.Fatalf("first:\n%s\nthen:\n%s", first, again)
		}
	}
}

// TestCancelled checks that a run that is stopped gives no half result.
func TestCancelled(t *testing.T) {
	p := loaded(t, "library.txtar")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := analyze.Analyze(ctx, p, all.Specs(), analyze.Options{}); r != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", r, err)
	}
}

// BenchmarkLoadAnalyze measures load and analysis of a small module together.
func BenchmarkLoadAnalyze(b *testing.B) {
	for b.Loop() {
		analysed(b, loaded(b, "simple.txtar"))
	}
}

// BenchmarkAnalyze measures the analysis alone.
func BenchmarkAnalyze(b *testing.B) {
	p := loaded(b, "registrations.txtar")
	for b.Loop() {
		analysed(b, p)
	}
}
