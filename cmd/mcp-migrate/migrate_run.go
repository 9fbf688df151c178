package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/prove"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A migration is one run of migrate: what is known so far.
type migration struct {
	*migrateCommand
	arg       string // the folder argument
	flags     wizard.Answers
	answersAt string // path of the answers file

	an      *analysis
	facts   wizard.Facts
	answers wizard.Answers
	file    wizard.Answers // those of the answers file
	again   bool           // everything is protected already: what is planned follows the answers
	plan    *rewrite.Plan
	written bool
	proof   *probe.Report // of --prove; nil when there is none
}

// run goes from the tree to the written change. Every step that can refuse comes
// before the only one that writes.
func (r *migration) run(ctx context.Context) error {
	if err := r.read(ctx); err != nil {
		return err
	}
	r.summarize()
	if done, err := r.nothingToDo(ctx); done || err != nil {
		return err
	}
	if err := r.refuseBroken(wiredFiles(r.an.result)); err != nil {
		return err
	}
	if err := r.answer(ctx); err != nil {
		return err
	}
	var proof *prove.Options
	if r.prove {
		var err error
		if proof, err = r.provable(); err != nil {
			return err
		}
	}
	if err := r.app.working("planning the change", "(modules that it needs and that are not there yet are downloaded)", func() (err error) {
		r.plan, err = r.app.rooms.plan(ctx, r.an.result, r.answers, r.planOptions())
		return err
	}); err != nil {
		return err
	}
	if err := r.refuseBroken(r.planned()); err != nil {
		return err
	}
	if r.again && r.plan.Empty() && len(r.plan.Manual()) == 0 {
		r.noteNotes()
		return r.nothingNew()
	}
	return r.carryOut(ctx, proof)
}

// carryOut shows or writes what is planned.
func (r *migration) carryOut(ctx context.Context, proof *prove.Options) error {
	r.noteNotes()
	if r.dryRun {
		return r.showDiff(ctx)
	}
	if !r.plan.Empty() {
		if err := r.write(ctx); err != nil {
			return err
		}
	}
	return r.finish(ctx, proof)
}

// read takes back what an earlier run left half-done, reads the answers file,
// which is quick to refuse, and then analyses the module.
func (r *migration) read(ctx context.Context) error {
	dir, err := r.app.folder(r.arg)
	if err != nil {
		return err
	}
	if err := r.app.takeBack(ctx, dir); err != nil {
		return err
	}
	r.answersAt = r.answersPath(dir)
	if r.file, err = recorded(r.answersAt); err != nil {
		return err
	}
	r.answers = wizard.Merge(r.flags, r.file)
	if err := badAnswers(wizard.ValidateValues(r.answers)); err != nil {
		return err
	}
	if r.an, err = r.app.load(ctx, r.arg); err != nil {
		return err
	}
	r.facts = facts(r.an.report)
	return nil
}

// showDiff is the end of a dry run.
func (r *migration) showDiff(ctx context.Context) error {
	diff := r.app.rooms.diff(ctx, r.plan)
	var err error
	if r.format == "json" {
		err = r.printJSON(diff)
	} else {
		err = r.app.result([]byte(palette{r.app.colorful(r.app.stdout)}.diff(string(diff))))
	}
	if err != nil {
		return err
	}
	r.noteManual()
	if len(r.plan.Manual()) > 0 || r.exitCode && !r.plan.Empty() {
		return silent(exitFindings)
	}
	return nil
}

// write checks, shows, asks and writes, in this order.
func (r *migration) write(ctx context.Context) error {
	asker := r.app.asker()
	if asker == nil && !r.yes {
		return usagef("there is no terminal to confirm the change on: add --yes to write it, or --dry-run to see it")
	}
	if err := r.refuseDirty(ctx); err != nil {
		return err
	}
	if err := r.verify(ctx); err != nil {
		return err
	}
	if !r.yes || !r.app.quiet {
		// Whoever is asked below must have seen what it is about.
		text := strings.TrimRight(r.app.rooms.preview(ctx, r.plan), "\n")
		fmt.Fprintf(r.app.stderr, "%s\n", palette{r.app.colorful(r.app.stderr)}.diff(text))
	}
	r.noteManual()
	if !r.yes {
		ok, err := asker.Confirm(ctx, fmt.Sprintf("Write these changes to %d files?", len(r.plan.Files)))
		if err != nil {
			return err
		}
		if !ok {
			return &exitError{exitFindings, fmt.Errorf("not written, as you said; the server is as open as before")}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.app.rooms.write(ctx, r.plan); err != nil {
		return err
	}
	r.written = true
	return nil
}

func (r *migration) refuseDirty(ctx context.Context) error {
	if r.allowDirty {
		return nil
	}
	dirty, err := r.app.rooms.dirty(ctx, r.plan)
	if err != nil {
		return err
	}
	if len(dirty) > 0 {
		for i, f := range dirty {
			dirty[i] = wizard.Printable(f)
		}
		return usagef("uncommitted changes in files that would be changed: %s; commit or stash them, or add --allow-dirty", strings.Join(dirty, ", "))
	}
	return nil
}

func (r *migration) verify(ctx context.Context) error {
	if r.noVerify {
		r.app.note("note: the changed program was not built, as --no-verify says")
		return nil
	}
	return r.app.working("building and vetting the changed program",
		"(the first time this compiles and vets all dependencies, which can take minutes; nothing is written meanwhile)",
		func() error { return r.app.rooms.check(ctx, r.plan) })
}
