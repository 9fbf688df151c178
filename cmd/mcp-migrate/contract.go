package main

import (
	"context"
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
	diff    func(*plan) ([]byte, error)
	preview func(*plan) string
	// dirty returns the files of the plan that have uncommitted changes.
	dirty func(context.Context, *plan) ([]string, error)
	// write writes the whole plan, or nothing and an error.
	write func(context.Context, *plan) error
	// undo restores the files of the last write and returns their names.
	// errNothingToUndo says that there was none.
	undo func(ctx context.Context, dir string) ([]string, error)
	// probe calls a running server.
	probe func(context.Context, probeOptions) (*probeReport, error)
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
	// answersNew is its new content. The plan holds it like any other file.
	answersNew []byte
}

// A plan is what a migrate would change.
type plan struct {
	steps  []step
	files  []fileChange
	native any // the rewriter's own plan, for check, diff, preview, dirty and write
}

// A step is one decision of the plan.
type step struct {
	Kind   string `json:"kind"` // edit, create, require, manual
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

// manual returns the steps that a person has to do.
func (p *plan) manual() []step {
	manual := []step{}
	for _, s := range p.steps {
		if s.Kind == "manual" {
			manual = append(manual, s)
		}
	}
	return manual
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
	url   string
	token string   // of a user, for the positive control; "" means none
	calls []string // tools that may be called beside the read-only ones
}

// A probeReport is what calling a running server proved.
type probeReport struct {
	Version int          `json:"version"` // 1
	URL     string       `json:"url"`
	Checks  []probeCheck `json:"checks"`
}

// A probeCheck is one operation tried by one caller.
type probeCheck struct {
	Operation string `json:"operation"` // such as "tools/call get_weather"
	Caller    string `json:"caller"`    // stranger, user
	Verdict   string `json:"verdict"`   // pass, fail, not tried
	Why       string `json:"why"`       // what was seen, or why it was not tried
}
