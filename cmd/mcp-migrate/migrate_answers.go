package main

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// given returns the answers of the flags, after refusing flags that can't be
// meant together.
func (m *migrateCommand) given() (wizard.Answers, error) {
	answers, err := answersOf(m.answers)
	switch {
	case err != nil:
		return answers, err
	case m.prove && m.dryRun:
		return answers, usagef("--prove: with --dry-run nothing is written that could be started; leave one of them out")
	case m.exitCode && !m.dryRun:
		return answers, usagef("--exit-code: has a meaning only with --dry-run; add --dry-run, or leave it out")
	}
	err = badAnswers(wizard.ValidateValues(answers))
	if err == nil && m.prove && len(answers.Provider) > 0 {
		err = provableProvider(answers.Provider)
	}
	return answers, err
}

// badAnswers makes one error, one line each, of what is wrong with answers.
func badAnswers(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	return &exitError{exitUsage, errors.Join(errs...)}
}

// answersPath returns where the answers file is looked for: as the flag says, or
// in the folder of the module or workspace that dir belongs to, or in dir.
func (m *migrateCommand) answersPath(dir string) string {
	if m.answersFile != "" {
		if filepath.IsAbs(m.answersFile) {
			return m.answersFile
		}
		return filepath.Join(m.app.chdir, m.answersFile)
	}
	return filepath.Join(rootOf(dir), wizard.AnswersFile)
}

// recorded reads the answers file; one that does not exist answers nothing.
func recorded(path string) (wizard.Answers, error) {
	answers, err := wizard.ReadAnswers(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wizard.Answers{}, nil
	case err != nil:
		return answers, usagef("%w", err)
	}
	return answers, nil
}

// answer completes the answers: it asks where somebody can be asked, and takes
// defaults for the rest.
func (r *migration) answer(ctx context.Context) error {
	asker := r.app.asker()
	if asker != nil && !r.yes {
		if err := wizard.AskOpen(ctx, asker, &r.answers, r.facts); err != nil {
			return err
		}
	}
	if missing := wizard.Missing(r.answers, r.facts); len(missing) > 0 {
		why := "there is no terminal to ask on, or CI is set"
		if r.yes {
			why = "--yes asks nothing, and these have no default"
		}
		return &wizard.MissingError{Questions: missing, Why: why}
	}
	r.answers = wizard.Complete(r.answers, r.facts)
	if err := badAnswers(wizard.Validate(r.answers, r.facts)); err != nil {
		return err
	}
	for _, n := range wizard.Notes(r.answers, r.facts) {
		r.app.note("note: %s", n)
	}
	return nil
}

// planOptions says where the answers are recorded. A file outside the module, or
// at a workspace root outside of that, is read but not written.
func (r *migration) planOptions() rewrite.Options {
	abs, err := filepath.Abs(r.answersAt)
	if err != nil {
		return rewrite.Options{}
	}
	was := r.recordedBefore()
	rel, err := filepath.Rel(r.an.root(), abs)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		r.app.note("note: %s lies outside the module, so the answers are not recorded there", wizard.Printable(r.answersAt))
		return rewrite.Options{Recorded: was}
	}
	return rewrite.Options{
		Recorded:    was,
		AnswersFile: filepath.ToSlash(rel),
		Answers: func(old []byte, ans wizard.Answers) ([]byte, error) {
			return wizard.MarshalAnswers(old, wizard.Recorded(ans))
		},
	}
}

// recordedBefore returns the answers on record with every default; nil where there are
// none, or none that say how callers sign in.
func (r *migration) recordedBefore() *wizard.Answers {
	if len(r.file.Provider) == 0 {
		return nil
	}
	was := wizard.Complete(r.file, r.facts)
	return &was
}
