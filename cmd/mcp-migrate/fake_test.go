package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/prove"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A fake stands for every room: it returns what a test says and notes what was
// called, in order.
type fake struct {
	dir      string
	report   *analyze.Report
	result   *analyze.Result
	plan     *rewrite.Plan
	findings []lint.Diagnostic
	dirty    []string
	restored []string
	checkErr error
	writeErr error
	probe    *probe.Report
	proof    *probe.Report
	asker    *scripted // nil: no terminal
	env      []string
	during   func(call string) // called at the start of each call
	terminal bool              // stdout and stderr are terminals

	calls   []string
	answers wizard.Answers // that plan got
	file    string         // the answers file that plan would write
	probed  probe.VerifyOptions
	proven  prove.Options
}

func newFake(t *testing.T) *fake {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &fake{dir: dir, report: openServer(), result: servedAtPort(dir), plan: onePlan()}
}

// servedAtPort is what --prove needs to know of that server: its program, and the
// address that it listens on.
func servedAtPort(dir string) *analyze.Result {
	site := sdk.Site{Pkg: &load.Package{Path: "example.com/m", Name: "main", Dir: dir}, File: &load.File{Rel: "main.go"}, Node: &ast.CallExpr{Fun: ast.NewIdent("serve")}}
	route := &analyze.Route{Kind: analyze.RouteStart, Addr: ":8080", Site: site}
	return &analyze.Result{Program: &load.Program{Dir: dir, Fset: token.NewFileSet()}, Servers: []*analyze.Server{{ID: "s",
		Transports: []*analyze.Transport{{Kind: sdk.KindStreamable, Path: "/mcp", Routes: []*analyze.Route{route}}}}}}
}

// openServer is the report of a server with one open transport and two tools.
func openServer() *analyze.Report {
	return &analyze.Report{Version: 1, Module: "example.com/m", Complete: true, Servers: []analyze.ServerReport{{
		ID: "s", SDK: "mcp-go", SDKVersion: "v1.2.1", File: "main.go", Line: 10,
		Transports: []analyze.TransportReport{{Kind: "streamable-http", File: "main.go", Line: 20, Path: "/mcp",
			Verdict: "unprotected", GuardKind: "none", Reason: "nothing stands in front of the handler"}},
		Tools: []analyze.ItemReport{
			{Name: "get_weather", File: "main.go", Line: 12, ReadOnly: true},
			{Name: "delete_all", File: "main.go", Line: 14, Destructive: true},
		},
	}}}
}

func onePlan() *rewrite.Plan {
	return &rewrite.Plan{
		Steps: []rewrite.Step{{Kind: rewrite.StepEdit, File: "main.go", Site: "main.go:20:2", Reason: "serve behind the guard"}},
		Files: []rewrite.FileChange{{Rel: "main.go", Old: []byte("a"), New: []byte("b")}, {Rel: "mcp_auth.go", New: []byte("c")}},
		Env:   []rewrite.EnvVar{{Name: "MCP_RESOURCE_URL", Required: true, Help: "the public URL"}},
	}
}

func (f *fake) called(name string) {
	f.calls = append(f.calls, name)
	if f.during != nil {
		f.during(name)
	}
}

func (f *fake) rooms() rooms {
	return rooms{
		analyze: func(_ context.Context, dir string, _ []string) (*analysis, error) {
			f.called("analyze")
			return &analysis{f.result, f.report}, nil
		},
		skim: func(context.Context, string, []string) (*analysis, error) {
			f.called("skim")
			return &analysis{f.result, f.report}, nil
		},
		lint: func(*analyze.Result) []lint.Diagnostic { f.called("lint"); return slices.Clone(f.findings) },
		plan: func(_ context.Context, _ *analyze.Result, a wizard.Answers, o rewrite.Options) (*rewrite.Plan, error) {
			f.called("plan")
			f.answers = a
			if o.Answers == nil {
				return f.plan, nil
			}
			old, _ := os.ReadFile(filepath.Join(f.dir, o.AnswersFile))
			out, err := o.Answers(old, a)
			f.file = o.AnswersFile + "\n" + string(out)
			return f.plan, err
		},
		further: func(_ context.Context, _ *analyze.Result, a wizard.Answers, o rewrite.Options) (*rewrite.Plan, error) {
			f.called("further")
			f.answers = a
			return &rewrite.Plan{}, nil
		},
		check:   func(context.Context, *rewrite.Plan) error { f.called("check"); return f.checkErr },
		diff:    func(context.Context, *rewrite.Plan) []byte { return []byte("diff --git a/main.go b/main.go\n") },
		preview: func(context.Context, *rewrite.Plan) string { return "PREVIEW\n" },
		dirty:   func(context.Context, *rewrite.Plan) ([]string, error) { f.called("dirty"); return f.dirty, nil },
		write:   func(context.Context, *rewrite.Plan) error { f.called("write"); return f.writeErr },
		undo: func(context.Context, string) ([]string, error) {
			f.called("undo")
			if f.restored == nil {
				return nil, errNothingToUndo
			}
			return f.restored, nil
		},
		recover: func(context.Context, string) ([]string, error) { return nil, nil },
		probe: func(_ context.Context, o probe.VerifyOptions) (*probe.Report, error) {
			f.probed = o
			if f.probe == nil {
				return nil, errors.New("connection refused")
			}
			return f.probe, nil
		},
		prove: func(_ context.Context, o prove.Options) (*probe.Report, error) {
			f.called("prove")
			f.proven = o
			if f.proof == nil {
				return nil, errors.New("it ended before it listened")
			}
			return f.proof, nil
		},
	}
}

// An outcome is what a run left behind.
type outcome struct {
	code           int
	stdout, stderr string
}

func (f *fake) run(args ...string) outcome { return f.runContext(context.Background(), args...) }

func (f *fake) runContext(ctx context.Context, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	a := f.app(&stdout, &stderr)
	code := a.run(ctx, append([]string{"-C", f.dir}, args...))
	return outcome{code, stdout.String(), stderr.String()}
}

// app is the program with the fake's rooms.
func (f *fake) app(stdout, stderr io.Writer) *app {
	a := newApp(f.env, bytes.NewReader(nil), stdout, stderr)
	a.rooms = f.rooms()
	if f.terminal {
		a.watched = func(io.Writer) bool { return true }
	}
	if f.asker != nil {
		a.newAsker = func(*app) wizard.Asker { return f.asker }
	}
	return a
}

// scripted answers questions from a table.
type scripted struct {
	replies map[string][]string // by flag
	yes     bool
	err     error
	asked   []string
}

func (s *scripted) Ask(_ context.Context, questions []wizard.Question, a *wizard.Answers) error {
	if s.err != nil {
		return s.err
	}
	for _, q := range questions {
		if !q.Applies(*a) {
			continue
		}
		s.asked = append(s.asked, q.Flag)
		if err := q.Accept(a, s.replies[q.Flag]); err != nil {
			return fmt.Errorf("reply to %s: %w", q.Flag, err)
		}
	}
	return nil
}

func (s *scripted) Confirm(context.Context, string) (bool, error) {
	s.asked = append(s.asked, "confirm")
	return s.yes, s.err
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
