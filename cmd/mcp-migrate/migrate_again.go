package main

import (
	"context"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A run where everything is protected already: packages are added to the copy of
// authlib, or the wiring follows answers that are new, or there is nothing to do.

// sameAgain ends a run that has nothing to plan, or only packages to add. It reports
// false where the wiring has to be compared with the answers.
func (r *migration) sameAgain(ctx context.Context) (bool, error) {
	if !r.followable() {
		return r.nothingNewOf(ctx)
	}
	if r.recordedBefore() != nil && wizard.Same(r.wiringAnswers(r.answers), r.wiringAnswers(r.file)) && !r.prove {
		if done, err := r.addPackages(ctx); done || err != nil {
			return true, err
		}
	}
	r.again = true
	return false, nil
}

// wiringAnswers leaves out what has no part in the wiring itself.
func (r *migration) wiringAnswers(a wizard.Answers) wizard.Answers {
	a = wizard.Complete(a, r.facts)
	a.AuthlibPackages = nil
	return a
}

// followable reports whether a guard of ours is there, and answers that say how it was
// or shall be made.
func (r *migration) followable() bool {
	ours := slices.ContainsFunc(r.an.report.Servers, func(s analyze.ServerReport) bool {
		return slices.ContainsFunc(s.Transports, func(t analyze.TransportReport) bool { return t.Guard == analyze.OurGuard })
	})
	return ours && len(r.answers.Provider) > 0
}

// nothingNewOf is nothingNew for a module whose wiring can't be compared with answers.
func (r *migration) nothingNewOf(ctx context.Context) (bool, error) {
	if !r.prove {
		if done, err := r.addPackages(ctx); done || err != nil {
			return true, err
		}
	}
	return true, r.nothingNew()
}

// nothingNew ends a run that has nothing to change.
func (r *migration) nothingNew() error {
	const why = "protected already: nothing to change. The wiring is yours to\n" +
		"edit; to change how it asks callers who they are, run migrate with the new answers as flags."
	r.app.note("Every %s transport is %s", r.kind(), why)
	if r.prove {
		return usagef("--prove: nothing was written that could be proven; start the program and use mcp-migrate verify --url")
	}
	return r.unchanged(exitOK)
}
