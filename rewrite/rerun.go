package rewrite

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// What an earlier run wrote follows the answers of this one. A file is compared with
// what the answers on record render: where it is that, byte for byte, it is the tool's
// and is rendered anew; where it is not, a person has been there, and only what the
// answers change is put into it.

// recorded returns the answers that the wiring was written with: those on record, or
// those of this run where there are none.
func (b *builder) recorded() wizard.Answers {
	if b.opt.Recorded == nil {
		return b.ans
	}
	return *b.opt.Recorded
}

// reanswered reports whether this run's answers differ from those on record.
func (b *builder) reanswered() bool { return !wizard.Same(b.recorded(), b.ans) }

// rerun reports whether the module of this part has wiring of an earlier run.
func (b *builder) rerun() bool { return slices.ContainsFunc(b.sidecars, (*sidecar).adopted) }

// before returns a builder that renders what an earlier run did.
func (b *builder) before() *builder {
	was := *b
	was.ans, was.sidecars, was.files, was.steps, was.edits, was.hard = b.recorded(), nil, nil, nil, nil, nil
	for _, s := range b.sidecars {
		if s.adopted() {
			old := *s.was
			old.rel = s.rel
			was.sidecars = append(was.sidecars, &old)
		}
	}
	was.env = was.variables()
	return &was
}

// keepsLibrary refuses to change where the library of wiring that is there comes from.
func (b *builder) keepsLibrary() error {
	was := b.recorded()
	switch {
	case !b.rerun():
	case was.Authlib != b.ans.Authlib:
		return &wizard.FlagError{Flag: "authlib", Value: b.ans.Authlib, What: "the wiring that is there has the library by " + was.Authlib,
			Cure: "leave it out, or take the migration back with mcp-migrate undo first"}
	case was.AuthlibDir != b.ans.AuthlibDir && !b.imports():
		return &wizard.FlagError{Flag: "authlib-dir", Value: b.ans.AuthlibDir, What: "the copy that is there lies in " + was.AuthlibDir,
			Cure: "leave it out, or take the migration back with mcp-migrate undo first"}
	}
	return nil
}

// noteStrange leaves wiring that could not be read back to a person.
func (b *builder) noteStrange() {
	for _, rel := range b.strange {
		if !b.reanswered() {
			continue
		}
		b.held = true
		b.steps = append(b.steps, Step{Kind: StepManual, File: rel,
			Reason: "which servers this wiring guards, and how, could not be read back, so the new answers were not put into it: change it by hand",
			Text:   "// to have it written anew, take it out of the program, delete it, and run migrate again"})
	}
}

// subjects returns the servers whose tools, prompts and resources the policy of g
// names. What an earlier run's policy names stays named. Where a person has changed
// the wiring, nothing is added to it: a name that is missing may have been taken out.
func (g *guarded) subjects(ans wizard.Answers) []*analyze.Server {
	switch {
	case g.named == nil || len(g.named.Tools)+len(g.named.Prompts)+len(g.named.Resources) == 0:
		return g.servers
	case g.frozen:
		return []*analyze.Server{g.named}
	}
	return append(slices.Clone(g.servers), g.named)
}

// rewire plans what becomes of a wiring file that was there before.
func (b *builder) rewire(s *sidecar, importPath string) error {
	for _, g := range s.was.guards {
		g.frozen = true
	}
	old := b.before()
	was, err := s.was.render(old, importPath)
	if err != nil {
		return err
	}
	was = likeLines(s.disk.Src, s.was.constrained(was))
	own := bytes.Equal(was, s.disk.Src)
	for _, g := range s.guards {
		g.frozen = !own
		if g.was != nil && uses(b.ans, "dev") == uses(old.ans, "dev") {
			g.resource = g.was.resource // as it is said there, whatever is known of the address now
		}
	}
	text, err := s.render(b, importPath)
	if err != nil {
		return err
	}
	text = likeLines(s.disk.Src, s.constrained(text))
	b.touch(s.pkg.Path)
	switch {
	case own:
		b.rewritten(s, text, "the wiring follows the new answers")
	case b.opt.Recorded == nil:
		b.hold(s, s.disk.Src, text, "no answers are on record, so what of this wiring is yours can't be told, and it stays; these answers would render something else")
	case bytes.Equal(was, text):
		b.noteOwn(s, was)
	default:
		merged, ok := merge3(was, s.disk.Src, text)
		if _, err := format.Source(merged); !ok || err != nil {
			b.hold(s, was, text, "the wiring was changed by hand where the new answers change it, so it stays")
			return nil
		}
		b.rewritten(s, merged, "the new answers are put into the wiring; what you changed there stays")
	}
	if own {
		b.noteNamed(s)
	}
	return nil
}

func (b *builder) rewritten(s *sidecar, text []byte, reason string) {
	b.change(FileChange{Rel: s.rel, Old: s.disk.Src, New: text}, Step{Kind: StepEdit, File: s.rel, Reason: reason})
}

// hold leaves the change of a wiring file to a person. Nothing else that calls for it
// is changed either.
func (b *builder) hold(s *sidecar, was, text []byte, why string) {
	b.held = true
	b.steps = append(b.steps, Step{Kind: StepManual, File: s.rel,
		Reason: why + ": make this change there by hand, then run migrate with the same answers again",
		Text:   differences(s.rel, was, text)})
}

// noteOwn tells that the wiring is not what the answers render.
func (b *builder) noteOwn(s *sidecar, was []byte) {
	vacant := slices.ContainsFunc(s.guards, func(g *guarded) bool { return !g.called })
	step := Step{Kind: StepNote, File: s.rel, Reason: "the wiring was changed by hand and stays as it is; answers that are to change it are given as flags, while the answers file says what it was written with"}
	if vacant {
		step.Text = differences(s.rel, was, s.disk.Src)
	}
	b.steps = append(b.steps, step)
	for _, g := range s.guards {
		if names := g.unnamed(b.ans); len(names) > 0 {
			b.steps = append(b.steps, Step{Kind: StepNote, File: s.rel,
				Reason: g.policy + " does not name " + strings.Join(names, ", ") + ", which it therefore treats as unlisted: name it there if callers shall have it"})
		}
	}
}

// noteNamed tells what a policy names that it did not name before.
func (b *builder) noteNamed(s *sidecar) {
	for _, g := range s.guards {
		if names := g.unnamed(b.recorded()); g.was != nil && len(names) > 0 && perTool(b.ans) {
			b.steps = append(b.steps, Step{Kind: StepNote, File: s.rel,
				Reason: g.policy + " now names " + strings.Join(names, ", ") + ", which it did not before"})
		}
	}
}

// unnamed returns the tools of g's servers that the policy on disk does not name,
// though it names others.
func (g *guarded) unnamed(ans wizard.Answers) []string {
	if g.named == nil || len(g.named.Tools) == 0 || !perTool(ans) {
		return nil
	}
	var names []string
	for _, s := range g.servers {
		for _, t := range s.Tools {
			known := slices.ContainsFunc(g.named.Tools, func(n *analyze.Registration) bool { return n.Name == t.Name })
			if !t.Dynamic && !known && !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
		}
	}
	return names
}

// differences returns the change from a to b of the file rel, for a person.
func differences(rel string, a, b []byte) string {
	plain := func(s []byte) string { return strings.ReplaceAll(string(s), "\r\n", "\n") }
	return strings.TrimRight(udiff.Unified("a/"+rel, "b/"+rel, plain(a), plain(b)), "\n")
}

// follow plans a file for people that goes with the wiring: was is what an earlier run
// wrote, text what this one would. It reports whether the file takes the change.
func (b *builder) follow(rel string, was, text []byte, reason string) bool {
	disk := b.readOld(rel)
	if disk == nil || bytes.Equal(was, text) {
		return true
	}
	was, text = likeLines(disk, was), likeLines(disk, text)
	merged := text
	if !bytes.Equal(disk, was) {
		var ok bool
		if merged, ok = merge3(was, disk, text); !ok {
			return false
		}
	}
	b.change(FileChange{Rel: rel, Old: disk, New: merged}, Step{Kind: StepEdit, File: rel, Reason: reason})
	return true
}

// notFollowed tells that a file for people is not as the wiring is.
func (b *builder) notFollowed(rel string, was, text []byte) {
	b.steps = append(b.steps, Step{Kind: StepNote, File: rel,
		Reason: fmt.Sprintf("the file was changed where the new answers change it, and stays: %d lines differ", strings.Count(differences(rel, was, text), "\n+")),
		Text:   differences(rel, was, text)})
}

// release takes out of a plan whose answers could not be carried out what goes with
// them. What stays is the library with what it requires, so that the change that is
// left to a person builds; with several modules not even that.
func (b *builder) release() {
	if !b.held {
		return
	}
	b.edits = nil
	stays := func(rel string) bool {
		return len(b.modules) == 1 && len(b.strange) == 0 && (rel == "go.mod" || rel == "go.sum" || strings.HasPrefix(rel, vendorDir+"/") ||
			b.modules[0].copyDir != "" && strings.HasPrefix(rel, b.modules[0].copyDir+"/"))
	}
	b.files = slices.DeleteFunc(b.files, func(f FileChange) bool { return !stays(f.Rel) })
	b.steps = slices.DeleteFunc(b.steps, func(s Step) bool {
		if s.Kind == StepNote && (strings.HasPrefix(s.Reason, liftedReason) || strings.HasPrefix(s.Reason, movedReason) || strings.HasPrefix(s.Reason, hiddenReason)) {
			return true // they stay where they are
		}
		return (s.Kind == StepEdit || s.Kind == StepCreate || s.Kind == StepRequire) && !stays(s.File)
	})
}
