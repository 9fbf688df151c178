package main

import (
	"context"
	"io"
	"io/fs"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// rooms is what the commands call. rooms.go wires the real ones; tests wire
// their own. Every function may be called once per run; none writes to a stream.
type rooms struct {
	// analyze reads the module that holds dir.
	analyze func(ctx context.Context, dir string, tags []string) (*analysis, error)
	// lint returns the findings, sorted by position.
	lint func(*analysis) ([]finding, error)
	// plan decides what changes; it writes nothing.
	plan func(context.Context, *analysis, wizard.Answers, planOptions) (*plan, error)
	// check builds the changed program over the present one; an error means
	// that the change would break it.
	check func(context.Context, *plan) error
	// diff returns what git apply takes; preview a short form for a person.
	diff    func(context.Context, *plan) []byte
	preview func(context.Context, *plan) string
	// dirty returns the files of the plan that have uncommitted changes.
	dirty func(context.Context, *plan) ([]string, error)
	// write writes the whole plan, or nothing and an error.
	write func(context.Context, *plan) error
	// undo restores the files of the last write and returns their names.
	// errNothingToUndo says that there was none.
	undo func(ctx context.Context, dir string) ([]string, error)
	// probe calls a running server.
	probe func(context.Context, probeOptions) (*probeResult, error)
	// recover takes back a write that was killed half-way and returns the files
	// it put back.
	recover func(ctx context.Context, dir string) ([]string, error)
}

// An analysis is what is known of one module.
type analysis struct {
	root   string // absolute path of the module root
	report *analyze.Report
	result *analyze.Result // what plan and lint work on
}

// planOptions is what plan needs beside the answers.
type planOptions struct {
	// answersRel is the answers file, relative to the module root with forward
	// slashes; "" means that it is not written.
	answersRel string
	// answersNew returns its new content from its present one (nil: there is
	// none). The plan holds it like any other file.
	answersNew func(old []byte) ([]byte, error)
}

// A plan is what a migrate would change.
type plan struct {
	steps  []step
	files  []fileChange
	env    []variable
	native any // the rewriter's own plan, for check, diff, preview, dirty and write
}

// A variable is one environment variable that the migrated program reads.
type variable struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Help     string `json:"help"`
}

// A step is one decision of the plan.
type step struct {
	Kind   string `json:"kind"` // edit, create, require, manual, note
	File   string `json:"file"` // relative to the module root
	Site   string `json:"site"` // file:line:col of the place in the source; may be empty
	Reason string `json:"reason"`
	Text   string `json:"text,omitempty"` // for a manual step: what to paste
}

// A fileChange is one file before and after.
type fileChange struct {
	rel  string
	old  []byte // nil: there is no such file
	new  []byte // nil: the file is removed
	mode fs.FileMode
}

// stepsOf returns the steps of one kind, never nil.
func (p *plan) stepsOf(kind string) []step {
	out := []step{}
	for _, s := range p.steps {
		if s.Kind == kind {
			out = append(out, s)
		}
	}
	return out
}

// A finding is one result of lint.
type finding struct {
	Rule     string `json:"rule"`     // MCP001, …
	Severity string `json:"severity"` // error, warning, note
	File     string `json:"file"`     // relative to the module root
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Message  string `json:"message"`
	Cure     string `json:"cure"`
}

// probeOptions is what a verify calls.
type probeOptions struct {
	url      string
	token    string   // of a user, for the positive control; "" means none
	calls    []string // tools that may be called beside the read-only ones
	optional bool     // the server means to let strangers initialize and list
}

// A probeResult is what calling a running server proved.
type probeResult struct {
	report any                   // the JSON form
	text   func(io.Writer) error // the form for a person
	ok     bool                  // no check failed
}
