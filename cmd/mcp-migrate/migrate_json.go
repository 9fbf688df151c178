package main

import (
	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
)

// migrateJSON is the JSON form of a migrate. Fields are only ever added.
type migrateJSON struct {
	Version int              `json:"version"` // 1
	Module  string           `json:"module"`  // "" at a workspace root that is no module
	Written bool             `json:"written"`
	Files   []fileJSON       `json:"files"`
	Manual  []rewrite.Step   `json:"manual"`
	Env     []rewrite.EnvVar `json:"env"`
	Diff    string           `json:"diff,omitempty"`  // of a dry run
	Proof   *probe.Report    `json:"proof,omitempty"` // of --prove
	Report  *analyze.Report  `json:"report"`          // as it was before
}

type fileJSON struct {
	File   string `json:"file"`   // relative to the module root, or to that of the workspace
	Action string `json:"action"` // created, edited, removed
}

func (r *migration) printJSON(diff []byte) error {
	out := migrateJSON{Version: 1, Module: r.an.report.Module, Written: r.written, Files: []fileJSON{},
		Manual: append([]rewrite.Step{}, r.plan.Manual()...), Env: append([]rewrite.EnvVar{}, r.plan.Env...),
		Diff: string(diff), Proof: r.proof, Report: r.an.report}
	for _, f := range r.plan.Files {
		out.Files = append(out.Files, fileJSON{f.Rel, action(f)})
	}
	return r.app.resultJSON(out)
}
