package main

import (
	"context"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/gosdk"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/mcpgo"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// errNothingToUndo says that no migrate was recorded, or that it was undone already.
var errNothingToUndo = rewrite.ErrNothingToUndo

// newRooms wires the rooms of this build.
func newRooms() rooms {
	return rooms{
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
		Wirers: map[string]sdk.Wirer{"mcp-go": mcpgo.Wire, "go-sdk": gosdk.Wire}, AnswersFile: o.answersRel, Answers: o.answersNew})
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
