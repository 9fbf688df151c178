package main

import (
	"context"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/prove"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// rooms is what the commands call. rooms.go wires the real ones; tests wire
// their own. Every function may be called once per run; none writes to a stream.
type rooms struct {
	// analyze reads the module that holds dir, or at a workspace root all of it.
	analyze func(ctx context.Context, dir string, tags []string) (*analysis, error)
	// skim is analyze without the go command: see package fast.
	skim func(ctx context.Context, dir string, tags []string) (*analysis, error)
	// lint returns the findings, sorted by position.
	lint func(*analyze.Result) []lint.Diagnostic
	// plan decides what changes; it writes nothing. Of the options the commands
	// give those about the answers file.
	plan func(context.Context, *analyze.Result, wizard.Answers, rewrite.Options) (*rewrite.Plan, error)
	// further plans the packages of authlib alone that answers name and that the
	// module's copy of it lacks; the plan is empty where it lacks none.
	further func(context.Context, *analyze.Result, wizard.Answers, rewrite.Options) (*rewrite.Plan, error)
	// upgrade plans what brings the copies of authlib to this version; rewrite.ErrNoCopy
	// and *rewrite.NotUpgradableError are the caller's to mend.
	upgrade func(context.Context, *analyze.Result) (*rewrite.Plan, error)
	// check builds the changed program over the present one; an error means
	// that the change would break it.
	check func(context.Context, *rewrite.Plan) error
	// diff returns what git apply takes; preview a short form for a person.
	diff    func(context.Context, *rewrite.Plan) []byte
	preview func(context.Context, *rewrite.Plan) string
	// dirty returns the files of the plan that have uncommitted changes.
	dirty func(context.Context, *rewrite.Plan) ([]string, error)
	// write writes the whole plan, or nothing and an error.
	write func(context.Context, *rewrite.Plan) error
	// undo restores the files of the last write and returns their names.
	// errNothingToUndo says that there was none.
	undo func(ctx context.Context, dir string) ([]string, error)
	// probe calls a running server.
	probe func(context.Context, probe.VerifyOptions) (*probe.Report, error)
	// prove starts what was written in a scratch copy and calls it.
	prove func(context.Context, prove.Options) (*probe.Report, error)
	// recover takes back a write that was killed half-way and returns the files
	// it put back.
	recover func(ctx context.Context, dir string) ([]string, error)
}

// An analysis is what is known of one module, and the same flat.
type analysis struct {
	result *analyze.Result
	report *analyze.Report
}

// root returns the absolute path of the module root, or of the workspace root.
func (an *analysis) root() string { return an.result.Program.Dir }
