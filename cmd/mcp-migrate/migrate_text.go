package main

import (
	"fmt"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/rewrite"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// summarize tells what was found, on stderr.
func (r *migration) summarize() {
	p := palette{r.app.colorful(r.app.stderr)}
	for _, s := range r.an.report.Servers {
		r.app.note("%s  %s %s  %s  %d tools", p.bold("server "+wizard.Printable(s.ID)), s.SDK, s.SDKVersion, place(s.File, s.Line), len(s.Tools))
		for _, t := range s.Transports {
			verdict := t.Verdict
			if t.Kind == "stdio" {
				verdict = "local"
			}
			r.app.note("  %s  %s  %s", p.verdict(verdict), t.Kind, place(t.File, t.Line))
			if t.Guard != "" {
				r.app.note("    %s is there already and stays (--existing keep)", wizard.Printable(t.Guard))
			}
			if t.Reason != "" {
				r.app.detail("    %s", oneLine(t.Reason))
			}
		}
	}
}

// nothingToDo ends a run that has nothing to change, and explains why. A module
// that was not understood is refused: what was not seen would stay open.
func (r *migration) nothingToDo() (bool, error) {
	rep := r.an.report
	if !rep.Complete {
		return true, treef("a part of the module was not understood, so a server could stay open; nothing was changed%s", incompleteLines(rep.Incomplete))
	}
	if len(rep.Servers) == 0 {
		return true, treef("no MCP server found in %s; looked for servers made with github.com/mark3labs/mcp-go (server.NewMCPServer) "+
			"and github.com/modelcontextprotocol/go-sdk (mcp.NewServer); name the folder of the module that makes one", wizard.Printable(rep.Module))
	}
	why := ""
	switch open := r.openTransports(); {
	case open < 0:
		why = "No server is served over HTTP. Over stdio the caller is the process that starts the\n" +
			"server, and the MCP specification asks for no sign-in there: nothing to change."
	case open == 0:
		why = "Every HTTP transport is protected already: nothing to change. The wiring is yours to\n" +
			"edit; to migrate anew with other answers, run mcp-migrate undo first."
	default:
		return false, nil
	}
	r.app.note("%s", why)
	if r.format == "json" {
		r.plan = &rewrite.Plan{}
		return true, r.printJSON(nil)
	}
	return true, nil
}

func incompleteLines(list []analyze.Incomplete) string {
	var b strings.Builder
	for _, i := range list {
		fmt.Fprintf(&b, "\n  %s: %s", place(i.File, i.Line), oneLine(i.Why))
	}
	return b.String()
}

// openTransports counts the HTTP transports that are not known to be protected;
// -1 when there is no HTTP transport at all. A server in the answers that does
// not exist is left for validation to name.
func (r *migration) openTransports() int {
	n := -1
	for _, s := range r.an.report.Servers {
		for _, t := range s.Transports {
			if t.Kind != "streamable-http" && t.Kind != "sse" {
				continue
			}
			n = max(n, 0)
			if t.Verdict != "protected" {
				n++
			}
		}
	}
	return n
}

// finish prints what was done and what is left to do.
func (r *migration) finish() error {
	if err := r.printResult(); err != nil {
		return err
	}
	switch {
	case r.written:
		r.noteNext()
	case r.plan.Empty():
		r.app.note("Nothing to change in the source.")
	}
	if len(r.plan.Manual()) > 0 {
		if !r.written {
			r.noteManual()
		}
		r.app.note("A server stays open until the manual steps above are done.")
		return silent(exitFindings)
	}
	return nil
}

func (r *migration) printResult() error {
	if r.format == "json" {
		return r.printJSON(nil)
	}
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
			r.app.note("note: %s: %s", wizard.Printable(s.File), s.Reason)
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
