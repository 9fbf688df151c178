package main

import (
	"context"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/prove"
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
		skim:    skimModule,
		lint:    lint.Check,
		probe:   probe.VerifyURL,
		prove:   prove.Run,
		plan:    newPlan,
		further: furtherPlan,
		check:   rewrite.Verify,
		diff:    rewrite.Diff,
		preview: rewrite.Preview,
		dirty:   rewrite.DirtyFiles,
		write:   rewrite.Write,
		undo:    rewrite.Undo,
		recover: rewrite.Recover,
	}
}

// bundled are the options that say what this build brings along.
func bundled() rewrite.Options {
	return rewrite.Options{Authlib: mcpmigrate.Bundle, Version: version(), Wirers: all.Wirers()}
}

func newPlan(ctx context.Context, res *analyze.Result, answers wizard.Answers, o rewrite.Options) (*rewrite.Plan, error) {
	return rewrite.New(ctx, res, answers, completed(o))
}

func furtherPlan(ctx context.Context, res *analyze.Result, answers wizard.Answers, o rewrite.Options) (*rewrite.Plan, error) {
	return rewrite.AddPackages(ctx, res, answers, completed(o))
}

// completed are the options of this build with those of o about the answers file.
func completed(o rewrite.Options) rewrite.Options {
	own := bundled()
	own.AnswersFile, own.Answers, own.Recorded = o.AnswersFile, o.Answers, o.Recorded
	return own
}

// readModule loads the module that holds dir and analyses it with full types.
func readModule(ctx context.Context, dir string, tags []string) (*analysis, error) {
	prog, err := typed.Load(ctx, typed.Options{Dir: dir, Tags: tags})
	if err != nil {
		return nil, err
	}
	return analyzeProgram(ctx, prog)
}

// skimModule loads the module that holds dir without the go command.
func skimModule(ctx context.Context, dir string, tags []string) (*analysis, error) {
	prog, err := fast.Load(ctx, fast.Options{Dir: dir, Tags: tags, SDKs: all.Modules()})
	if err != nil {
		return nil, err
	}
	return analyzeProgram(ctx, prog)
}

func analyzeProgram(ctx context.Context, prog *load.Program) (*analysis, error) {
	res, err := analyze.Analyze(ctx, prog, all.Specs(), analyze.Options{TrustedAuthlib: rewrite.Trusted(prog, bundled())})
	if err != nil {
		return nil, err
	}
	return &analysis{result: res, report: res.Report()}, nil
}
