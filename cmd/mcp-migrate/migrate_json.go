package main

import "github.com/mcp-migrate/mcp-migrate/analyze"

// migrateJSON is the JSON form of a migrate. Fields are only ever added.
type migrateJSON struct {
	Version int             `json:"version"` // 1
	Module  string          `json:"module"`
	Written bool            `json:"written"`
	Files   []fileJSON      `json:"files"`
	Manual  []step          `json:"manual"`
	Env     []variable      `json:"env"`
	Diff    string          `json:"diff,omitempty"` // of a dry run
	Report  *analyze.Report `json:"report"`         // as it was before
}

type fileJSON struct {
	File   string `json:"file"`   // relative to the module root
	Action string `json:"action"` // created, edited, removed
}

func (r *migration) printJSON(diff []byte) error {
	out := migrateJSON{Version: 1, Module: r.an.report.Module, Written: r.written, Files: []fileJSON{},
		Manual: r.plan.stepsOf("manual"), Env: r.plan.env, Diff: string(diff), Report: r.an.report}
	for _, f := range r.plan.files {
		out.Files = append(out.Files, fileJSON{f.rel, f.action()})
	}
	if out.Env == nil {
		out.Env = []variable{}
	}
	return r.app.resultJSON(out)
}
