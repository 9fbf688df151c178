package main

import (
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

func analysed(tb testing.TB, dir string) *analyze.Result {
	tb.Helper()
	p, err := fast.Load(tb.Context(), fast.Options{Dir: dir, SDKs: all.Modules()})
	if err != nil {
		tb.Fatal(err)
	}
	r, err := analyze.Analyze(tb.Context(), p, all.Specs(), analyze.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// TestGeneratedModulesAreUnderstood: what is measured is work that succeeds. All tools
// are found, on one server, behind the check.
func TestGeneratedModulesAreUnderstood(t *testing.T) {
	dir := t.TempDir()
	if err := generate(dir, shape{tools: 30, packages: 7, plain: 3}); err != nil {
		t.Fatal(err)
	}
	r := analysed(t, dir).Report()
	if len(r.Servers) != 1 || len(r.Servers[0].Tools) != 30 || !r.Complete {
		t.Fatalf("report: %+v", r)
	}
	for _, tr := range r.Servers[0].Transports {
		if tr.Verdict != "protected" && tr.Verdict != "unknown" {
			t.Errorf("transport: %+v", tr)
		}
	}
}

// BenchmarkLoad looks at generated modules, everything included.
func BenchmarkLoad(b *testing.B) {
	for name, s := range map[string]shape{"100tools": {tools: 100, packages: 10}, "1000tools": {tools: 1000, packages: 100}} {
		b.Run(name, func(b *testing.B) {
			dir := b.TempDir()
			if err := generate(dir, s); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if n := len(analysed(b, dir).Servers); n != 1 {
					b.Fatalf("%d servers", n)
				}
			}
		})
	}
}
