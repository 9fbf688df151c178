package analyze_test

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// TestOpenIsNeverProtected checks every program of open.txtar: strangers can call
// its servers although something guard-like is there, so no verdict may be
// protected, and lint must not end with 0 for the program.
func TestOpenIsNeverProtected(t *testing.T) {
	r := read(t, "open.txtar")
	alarms := map[string]bool{} // programs that lint does not pass
	for _, d := range lint.Check(r) {
		if d.Severity.AtLeast(lint.Error) {
			alarms[program(d.File)] = true
		}
	}
	for _, in := range r.Incomplete {
		alarms[program(in.File)] = true
	}
	open := map[string]bool{} // programs with a way in that is not called protected
	for _, s := range r.Servers {
		for _, tr := range s.Transports {
			dir := program(s.New.File.Rel)
			open[dir] = open[dir] || tr.Verdict != analyze.Protected && !harmless(tr)
		}
	}
	for _, pkg := range r.Program.Packages {
		if pkg.Name != "main" {
			continue
		}
		dir := program(pkg.Files[0].Rel)
		if !open[dir] {
			t.Errorf("%s: every way in is called protected", dir)
		}
		if !alarms[dir] {
			t.Errorf("%s: lint passes", dir)
		}
	}
}

// program returns the folder of the program that a file belongs to.
func program(file string) string {
	dir, _, _ := strings.Cut(file, "/")
	return dir
}

// harmless reports whether a transport is called open only because no stranger
// can reach it.
func harmless(tr *analyze.Transport) bool {
	return tr.Verdict == analyze.Unprotected && (tr.Kind == sdk.KindStdio || tr.Kind == sdk.KindInProcess)
}
