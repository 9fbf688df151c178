package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// addPackages adds to the copy of authlib in a module whose servers are protected
// already, and reports whether there was anything to add. No question is asked, since
// the wiring stays as it is. Nothing is taken away, so that the flag adds to what the
// answers file names instead of standing in its place.
func (r *migration) addPackages(ctx context.Context) (bool, error) {
	file, err := recorded(r.answersAt)
	if err != nil {
		return true, err
	}
	r.answers.AuthlibPackages = union(file.AuthlibPackages, r.answers.AuthlibPackages)
	if err := r.app.working("comparing the copy of authlib with --authlib-packages", "(modules that a package needs and that are not there yet are downloaded)", func() (err error) {
		r.plan, err = r.app.rooms.further(ctx, r.an.result, r.answers, r.packageOptions())
		return err
	}); err != nil {
		return true, err
	}
	if r.plan.Empty() {
		if !r.followable() { // the plan that comes says the same
			r.noteNotes()
		}
		return false, nil
	}
	r.app.note("The servers are protected already and stay as they are; packages are added to the copy of authlib.")
	return true, r.carryOut(ctx, nil)
}

// packageOptions records the packages, and no other answer: what else was answered
// this time has changed nothing. Where no answers are recorded there is nothing to
// complete.
func (r *migration) packageOptions() rewrite.Options {
	if _, err := os.Stat(r.answersAt); len(r.answers.AuthlibPackages) == 0 || errors.Is(err, fs.ErrNotExist) {
		return rewrite.Options{}
	}
	o := r.planOptions()
	o.Answers = func(old []byte, _ wizard.Answers) ([]byte, error) {
		recorded, err := wizard.ParseAnswers(r.answersAt, old)
		if err != nil {
			return nil, err
		}
		recorded.AuthlibPackages = r.answers.AuthlibPackages
		return wizard.MarshalAnswers(old, recorded)
	}
	return o
}

// union returns the words of a and those of b that a lacks, nil if there are none.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, w := range b {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
