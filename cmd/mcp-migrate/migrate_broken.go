package main

import (
	"fmt"
	"path"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// Code that does not compile is inspected, but not changed: what an edit there does
// could not be checked.

// refuseBroken ends a migration that would change packages that don't compile, which
// are given by the files that it is about.
func (r *migration) refuseBroken(files []string) error {
	touched := map[string]bool{}
	for _, f := range files {
		touched[path.Dir(f)] = true
	}
	var lines []string
	for _, e := range r.an.report.Errors {
		if touched[path.Dir(e.File)] {
			lines = append(lines, fmt.Sprintf("  %s:%d:%d: %s", wizard.Printable(e.File), e.Line, e.Column, oneLine(e.Message)))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if more := len(lines) - maxErrors; more > 0 {
		lines = append(lines[:maxErrors], fmt.Sprintf("  and %d more", more))
	}
	return treef("the packages that would change don't compile, so that a change of them can't be checked; nothing was changed. "+
		"Make them compile first (with other build tags, if they need some: --tags):\n%s", strings.Join(lines, "\n"))
}

// brokenLines ends a sentence that says that something was not found, where code does
// not compile.
func brokenLines(rep *analyze.Report) string {
	if len(rep.Errors) == 0 {
		return ""
	}
	return "; the module does not compile, and was read as far as it goes:\n  " + strings.Join(errorLines(rep), "\n  ")
}

// wiredFiles returns the files in which servers are made and served: whatever is
// answered, the change is about these.
func wiredFiles(res *analyze.Result) []string {
	var list []string
	add := func(at sdk.Site) {
		if at.File != nil {
			list = append(list, at.File.Rel)
		}
	}
	for _, s := range res.Servers {
		for _, t := range s.Transports {
			add(t.New)
			for _, route := range t.Routes {
				add(route.Site)
			}
		}
	}
	return list
}

// planned returns the files of the plan.
func (r *migration) planned() []string {
	var list []string
	for _, f := range r.plan.Files {
		list = append(list, f.Rel)
	}
	return list
}
