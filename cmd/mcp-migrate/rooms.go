package main

import (
	"context"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// errNothingToUndo says that no migrate was recorded, or that it was undone already.
var errNothingToUndo = rewrite.ErrNothingToUndo

// newRooms wires the rooms of this build.
func newRooms() rooms {
	return rooms{
		analyze: readModule,
		lint:    findings,
		probe:   callServer,
		plan:    newPlan,
		check:   func(ctx context.Context, p *plan) error { return rewrite.Verify(ctx, native(p)) },
		diff:    func(ctx context.Context, p *plan) []byte { return rewrite.Diff(ctx, native(p)) },
		preview: func(ctx context.Context, p *plan) string { return rewrite.Preview(ctx, native(p)) },
		dirty:   func(ctx context.Context, p *plan) ([]string, error) { return rewrite.DirtyFiles(ctx, native(p)) },
		write:   func(ctx context.Context, p *plan) error { return rewrite.Write(ctx, native(p)) },
		undo:    rewrite.Undo,
		recover: rewrite.Recover,
	}
}

func native(p *plan) *rewrite.Plan { return p.native.(*rewrite.Plan) }

func newPlan(ctx context.Context, an *analysis, answers wizard.Answers, o planOptions) (*plan, error) {
	rp, err := rewrite.New(ctx, an.result, answers, rewrite.Options{Authlib: mcpmigrate.Bundle, Version: version(),
		Wirers: all.Wirers(), AnswersFile: o.answersRel, Answers: o.answersNew})
	if err != nil {
		return nil, err
	}
	p := &plan{native: rp}
	for _, s := range rp.Steps {
		p.steps = append(p.steps, step{string(s.Kind), s.File, s.Site, s.Reason, s.Text})
	}
	for _, f := range rp.Files {
		p.files = append(p.files, fileChange{f.Rel, f.Old, f.New, f.Mode})
	}
	for _, v := range rp.Env {
		p.env = append(p.env, variable(v))
	}
	return p, nil
}

// readModule loads the module that holds dir and analyses it with full types.
func readModule(ctx context.Context, dir string, tags []string) (*analysis, error) {
	prog, err := typed.Load(ctx, typed.Options{Dir: dir, Tags: tags})
	if err != nil {
		return nil, err
	}
	bundle := rewrite.Options{Authlib: mcpmigrate.Bundle, Version: version()}
	res, err := analyze.Analyze(ctx, prog, all.Specs(), analyze.Options{TrustedAuthlib: rewrite.TrustedCopy(prog, bundle)})
	if err != nil {
		return nil, err
	}
	return &analysis{root: prog.Dir, report: res.Report(), result: res}, nil
}

func findings(an *analysis) ([]finding, error) {
	var out []finding
	for _, d := range lint.Check(an.result) {
		out = append(out, finding{d.Rule, string(d.Severity), d.File, d.Line, d.Column, d.Message, d.Cure})
	}
	return out, nil
}

func callServer(ctx context.Context, o probeOptions) (*probeResult, error) {
	r, err := probe.VerifyURL(ctx, probe.VerifyOptions{URL: o.url, Token: o.token, Call: o.calls, Optional: o.optional})
	if err != nil {
		return nil, err
	}
	return &probeResult{report: r, text: r.Text, ok: r.OK}, nil
}
