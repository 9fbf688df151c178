package main

import (
	"context"
	"errors"
	"io/fs"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/prove"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
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
		upgrade: upgradePlan,
		check:   rewrite.Verify,
		diff:    rewrite.Diff,
		preview: rewrite.Preview,
		dirty:   rewrite.DirtyFiles,
		write:   rewrite.Write,
		undo:    rewrite.Undo,
		recover: rewrite.Recover,
	}
}

// library is the authlib that this build brings along.
var library fs.FS = mcpmigrate.Bundle

// bundled are the options that say what this build brings along.
func bundled() rewrite.Options {
	return rewrite.Options{Authlib: library, Version: version(), Wirers: all.Wirers()}
}

func newPlan(ctx context.Context, res *analyze.Result, answers wizard.Answers, o rewrite.Options) (*rewrite.Plan, error) {
	return rewrite.New(ctx, res, answers, completed(o))
}

func furtherPlan(ctx context.Context, res *analyze.Result, answers wizard.Answers, o rewrite.Options) (*rewrite.Plan, error) {
	return rewrite.AddPackages(ctx, res, answers, completed(o))
}

func upgradePlan(ctx context.Context, res *analyze.Result) (*rewrite.Plan, error) {
	return rewrite.Upgrade(ctx, res, bundled())
}

// completed are the options of this build with those of o about the answers file.
func completed(o rewrite.Options) rewrite.Options {
	own := bundled()
	own.AnswersFile, own.Answers, own.Recorded = o.AnswersFile, o.Answers, o.Recorded
	return own
}

// readModule loads the module that holds dir and analyses it with full types. What
// does not compile is in Program.Errors; the rest is analysed.
func readModule(ctx context.Context, dir string, tags []string) (*analysis, error) {
	prog, err := typed.Load(ctx, typed.Options{Dir: dir, Tags: tags})
	if err != nil && (prog == nil || !errors.As(err, new(*typed.CompileError))) {
		return nil, err
	}
	return analyzeProgram(ctx, prog, analyze.Forks(prog, all.Specs()))
}

// skimModule loads the module that holds dir without the go command; once more where
// it uses a fork of an SDK, which then counts as one.
func skimModule(ctx context.Context, dir string, tags []string) (*analysis, error) {
	o := fast.Options{Dir: dir, Tags: tags, SDKs: all.Modules(), Marks: all.Marks()}
	prog, err := fast.Load(ctx, o)
	if err != nil {
		return nil, err
	}
	forks := analyze.Forks(prog, all.Specs())
	for _, f := range forks {
		o.SDKs = append(o.SDKs, f.Module)
	}
	if len(forks) > 0 {
		if prog, err = fast.Load(ctx, o); err != nil {
			return nil, err
		}
	}
	collectSeldom(growthLooking)
	return analyzeProgram(ctx, prog, forks)
}

func analyzeProgram(ctx context.Context, prog *load.Program, forks []*sdk.Spec) (*analysis, error) {
	o := analyze.Options{TrustedAuthlib: rewrite.Trusted(prog, bundled())}
	if err := addGuards(ctx, prog, &o); err != nil {
		return nil, err
	}
	res, err := analyze.Analyze(ctx, prog, append(all.Specs(), forks...), o)
	if err != nil {
		return nil, err
	}
	res.Copies = rewrite.Copies(res, bundled())
	return &analysis{result: res, report: res.Report()}, nil
}
