package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/prove"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// summarize tells what was found, on stderr.
func (r *migration) summarize() {
	p := palette{r.app.colorful(r.app.stderr)}
	for _, s := range r.an.report.Servers {
		r.app.note("%s  %s %s  %s  %d tools", p.bold("server "+wizard.Printable(s.ID)), s.SDK, s.SDKVersion, place(s.File, s.Line), len(s.Tools))
		for _, t := range s.Transports {
			r.app.note("  %s  %s  %s", p.verdict(shown(t)), t.Kind, place(t.File, t.Line))
			r.noteGuards(t)
			if t.Reason != "" {
				r.app.detail("    %s", oneLine(t.Reason))
			}
		}
	}
}

// noteGuards tells what stands in front of a transport already, and what becomes of it.
func (r *migration) noteGuards(t analyze.TransportReport) {
	if t.Guard == analyze.OurGuard {
		r.app.note("    %s is there already and stays", wizard.Printable(t.Guard))
		return
	}
	for _, c := range t.Checks {
		if c.Verdict != string(analyze.Unprotected) {
			r.app.note("    %s (%s) is there already (--existing %s)", wizard.Printable(c.Name), place(c.File, c.Line), cmp.Or(r.answers.Existing, "keep"))
		}
	}
}

// finish prints what was done and what is left to do, and proves it if that was
// asked for.
func (r *migration) finish(ctx context.Context, proof *prove.Options) error {
	if r.format != "json" {
		if err := r.printResult(); err != nil {
			return err
		}
	}
	notProven := r.proveWritten(ctx, proof)
	if errors.Is(notProven, context.Canceled) {
		return notProven
	}
	if err := r.printProof(); err != nil {
		return err
	}
	r.noteEnd()
	if notProven != nil {
		fmt.Fprintf(r.app.stderr, "\nnot proven: %v\n", notProven)
	}
	if notProven != nil || len(r.plan.Manual()) > 0 || r.proof != nil && !r.proof.OK {
		return silent(exitFindings)
	}
	return nil
}

// noteEnd tells how to go on.
func (r *migration) noteEnd() {
	switch {
	case r.written:
		r.noteNext()
	case r.plan.Empty():
		r.app.note("Nothing to change in the source.")
	}
	if len(r.plan.Manual()) == 0 {
		return
	}
	if !r.written {
		r.noteManual()
	}
	r.app.note("\nThe migration is not done, and a server may stay open, until the manual steps above are. Do them, build the program,\n"+
		"and make sure that nothing is left:\n  %s", wizard.Shell(append([]string{"mcp-migrate", "lint"}, r.everything()...)))
}

func (r *migration) printResult() error {
	var done []deed
	for _, f := range r.plan.Files {
		done = append(done, deed{action(f), f.Rel})
	}
	return r.app.resultDeeds(done)
}

// action says what happens to the file.
func action(f rewrite.FileChange) string {
	switch {
	case f.Old == nil:
		return "created"
	case f.New == nil:
		return "removed"
	}
	return "edited"
}

// noteNotes prints what is worth knowing, though there is nothing to do about it.
func (r *migration) noteNotes() {
	for _, s := range r.plan.Steps {
		if s.Kind == rewrite.StepNote {
			r.app.note("note: %s: %s", wizard.Printable(cmp.Or(s.Site, s.File)), s.Reason)
			if s.Text != "" {
				r.app.note("\n%s\n", indent(s.Text))
			}
		}
	}
}

// noteManual prints the manual steps: place, reason, text to paste.
func (r *migration) noteManual() {
	for i, s := range r.plan.Manual() {
		where := s.Site
		if where == "" {
			where = s.File
		}
		// Not a note: what keeps a server open is said even with -q.
		fmt.Fprintf(r.app.stderr, "\nmanual step %d: %s: %s\n", i+1, wizard.Printable(where), oneLine(s.Reason))
		if s.Text != "" {
			fmt.Fprintf(r.app.stderr, "\n%s\n", indent(s.Text))
		}
	}
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

// noteNext tells how to go on after a write.
func (r *migration) noteNext() {
	if len(r.plan.Env) > 0 {
		r.app.note("\nThe program now reads these environment variables (see .env.example):")
		for _, v := range r.plan.Env {
			mark := "optional"
			if v.Required {
				mark = "required"
			}
			r.app.note("  %-20s %s  %s", v.Name, mark, oneLine(v.Help))
		}
	}
	r.app.note("\nTo take everything back:\n  %s", wizard.Shell(append([]string{"mcp-migrate", "undo"}, r.where()...)))
	r.app.note("To repeat without questions:\n  %s", wizard.CommandLine(wizard.Recorded(r.answers), append(r.how(), r.where()...)...))
}

// where returns the arguments that lead any command to the same module.
func (r *migration) where() []string {
	var words []string
	if r.app.chdir != "" {
		words = append(words, "-C", r.app.chdir)
	}
	if r.arg != "" {
		words = append(words, r.arg)
	}
	return words
}

// everything returns the arguments by which lint reports on all of the module.
func (r *migration) everything() []string {
	words := r.where()
	if r.arg != "" {
		words[len(words)-1] = strings.TrimRight(r.arg, `/\`) + "/..."
	}
	return words
}

// how returns the arguments that are no answers but change what migrate sees.
func (r *migration) how() []string {
	var words []string
	if len(r.app.tags) > 0 {
		words = append(words, "--tags", strings.Join(r.app.tags, ","))
	}
	if r.answersFile != "" {
		words = append(words, "--answers", r.answersFile)
	}
	return words
}
