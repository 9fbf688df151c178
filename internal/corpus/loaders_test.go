package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// TestBothWaysOfReadingAreCompared: a repository that both can read agrees in all,
// and one that full types can't be had of is named with the reason.
func TestBothWaysOfReadingAreCompared(t *testing.T) {
	var out, errs bytes.Buffer
	if err := run(t.Context(), []string{"-dir", folder(t), "-compare"}, &out, &errs); err != nil {
		t.Fatal(err, errs.String())
	}
	for _, want := range []string{
		"not compared: acme/broken src: it can't be read with full types",
		"with full types: 1 modules compared, 1 not; equal are 3 of 3 registrations (100.0 %), 3 of 3 traces (100.0 %), 1 of 1 verdicts (100.0 %)",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
}

// TestWhatDiffersIsListed: a tool on another server is a trace that differs, another
// verdict is a verdict that does.
func TestWhatDiffersIsListed(t *testing.T) {
	report := func(file, verdict string) *analyze.Report {
		return &analyze.Report{Servers: []analyze.ServerReport{{
			File: file, Line: 3, Tools: []analyze.ItemReport{{Name: "read", File: "t.go", Line: 5}},
			Transports: []analyze.TransportReport{{Kind: "sse", File: "m.go", Line: 7, Verdict: verdict}},
		}}}
	}
	a := agree(report("a.go", "unknown"), report("b.go", "unprotected"))
	if a.Same["registrations"] != 1 || a.Facts["registrations"] != 1 || a.Same["traces"] != 0 || a.Facts["traces"] != 2 || a.Same["verdicts"] != 0 {
		t.Errorf("agreement: %+v", a)
	}
	if !slices.Contains(a.Differ, `- verdicts: sse of a.go:3 at m.go:7 "": unknown`) || !slices.Contains(a.Differ, `+ verdicts: sse of b.go:3 at m.go:7 "": unprotected`) {
		t.Errorf("differ: %q", a.Differ)
	}
}

// TestWhatDidNotLoadIsNotCompared: full types are what the other way of reading is held
// against only where they are all there.
func TestWhatDidNotLoadIsNotCompared(t *testing.T) {
	for what, r := range map[string]*analyze.Report{
		"main.go:3: undefined: x":                          {Errors: []analyze.ErrorReport{{File: "main.go", Line: 3, Message: "undefined: x"}}},
		"the types of example.com/sdk could not be loaded": {Incomplete: []analyze.Incomplete{{Why: "the types of example.com/sdk could not be loaded"}}},
		"": {Incomplete: []analyze.Incomplete{{Why: "something else"}}},
	} {
		if got := broken(r); got != what {
			t.Errorf("%q, want %q", got, what)
		}
	}
}
