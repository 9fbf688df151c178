package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
)

func proofOf(o probe.Outcome) *probe.Report {
	return &probe.Report{Version: 1, URL: "u", Checks: []probe.Check{{Name: "stranger: tools/list", Outcome: o}}, OK: o != probe.Failed}
}

// TestProve runs migrates that are asked for a proof: what can't be proven is
// refused before anything is written, and only a proof that holds ends with 0.
func TestProve(t *testing.T) {
	dev := []string{"migrate", "--provider", "dev", "--yes"}
	for _, c := range []struct {
		name   string
		change func(*fake)
		args   []string
		code   int
		calls  []string // the last ones of write and prove
		stdout string
		stderr string
	}{
		{name: "holds", change: func(f *fake) { f.proof = proofOf(probe.Refused) }, args: append(dev, "--prove"), calls: []string{"write", "prove"},
			stdout: "refused    stranger: tools/list", stderr: "the address :8080 is a constant"},
		{name: "fails", change: func(f *fake) { f.proof = proofOf(probe.Failed) }, args: append(dev, "--prove"), code: 1, calls: []string{"write", "prove"},
			stdout: "FAILED     stranger: tools/list"},
		{name: "not started", args: append(dev, "--prove"), code: 1, calls: []string{"write", "prove"}, stderr: "not proven: the migrated program could not be called: it ended"},
		{name: "yes is no yes to a proof", args: dev, calls: []string{"write"}},
		{name: "manual steps", change: func(f *fake) {
			f.plan.Steps = append(f.plan.Steps, rewrite.Step{Kind: rewrite.StepManual, File: "main.go", Reason: "chi"})
		}, args: append(dev, "--prove"), code: 1, calls: []string{"write"}, stderr: "not proven: manual steps are left"},
		{name: "another provider", args: []string{"migrate", "--provider", "github", "--allow", "anyone", "--yes", "--prove"}, code: 2, stderr: "not supported yet with --provider github"},
		{name: "dry run", args: append(dev, "--prove", "--dry-run"), code: 2, stderr: "nothing is written"},
		{name: "public address", change: func(f *fake) { f.route().Addr = "192.0.2.1:80" }, args: append(dev, "--prove"), code: 2, stderr: "192.0.2.1:80"},
		{name: "unknown path", change: func(f *fake) { f.route().Kind = analyze.RouteOther }, args: append(dev, "--prove"), code: 2, stderr: "no constant"},
		{name: "no address", change: func(f *fake) { f.route().Addr = "" }, args: append(dev, "--prove"), code: 2, stderr: "mcp-migrate verify --url"},
		{name: "two servers", change: func(f *fake) {
			other := *f.result.Servers[0]
			other.ID = "admin"
			f.result.Servers = append(f.result.Servers, &other)
		}, args: append(dev, "--prove"), code: 2, stderr: "--server"},
		{name: "nothing to migrate", change: func(f *fake) { f.report.Servers[0].Transports[0].Verdict = "protected" }, args: append(dev, "--prove"), code: 2,
			stderr: "nothing was written that could be proven"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			if c.change != nil {
				c.change(f)
			}
			got := f.run(c.args...)
			calls := slices.DeleteFunc(slices.Clone(f.calls), func(s string) bool { return s != "write" && s != "prove" })
			if got.code != c.code || !slices.Equal(calls, c.calls) {
				t.Errorf("exit %d, calls %v; want %d, %v\n%s", got.code, calls, c.code, c.calls, got.stderr)
			}
			if !strings.Contains(got.stdout, c.stdout) || !strings.Contains(got.stderr, c.stderr) {
				t.Errorf("stdout lacks %q or stderr %q:\n%s\n%s", c.stdout, c.stderr, got.stdout, got.stderr)
			}
		})
	}
}

func (f *fake) route() *analyze.Route { return f.result.Servers[0].Transports[0].Routes[0] }

// TestProveWhere looks at what is started, and where it is expected.
func TestProveWhere(t *testing.T) {
	for _, c := range []struct {
		addr, path string
		kind       analyze.RouteKind
		pattern    string
		want       string // address and URL
	}{
		{addr: ":8080", kind: analyze.RouteStart, path: "/rpc", want: "localhost:8080 http://localhost:8080/rpc"},
		{addr: "0.0.0.0:81", kind: analyze.RouteListen, want: "localhost:81 http://localhost:81/mcp"},
		{addr: "127.0.0.1:82", kind: analyze.RouteMount, pattern: "/x/", want: "127.0.0.1:82 http://127.0.0.1:82/x"},
		{addr: "[::1]:83", kind: analyze.RouteMount, pattern: "/{$}", want: "[::1]:83 http://[::1]:83/"},
	} {
		f := newFake(t)
		f.proof = proofOf(probe.Refused)
		f.result.Servers[0].Transports[0].Path = c.path
		r := f.route()
		r.Addr, r.Kind, r.Pattern = c.addr, c.kind, c.pattern
		got := f.run("migrate", "--provider", "dev", "--yes", "--prove")
		if where := f.proven.Addr + " " + f.proven.URL; got.code != 0 || where != c.want || f.proven.Pkg != "./." || f.proven.Dir != f.dir {
			t.Errorf("%+v: %s, %+v\n%s", c, where, f.proven, got.stderr)
		}
	}
}

func TestProveJSON(t *testing.T) {
	f := newFake(t)
	f.proof = proofOf(probe.Failed)
	got := f.run("migrate", "--provider", "dev", "--yes", "--prove", "--format", "json")
	var out struct {
		Written bool
		Proof   *probe.Report
	}
	if err := json.Unmarshal([]byte(got.stdout), &out); err != nil || got.code != 1 || !out.Written || out.Proof == nil || out.Proof.OK {
		t.Errorf("%v, exit %d, %s", err, got.code, got.stdout)
	}
}
