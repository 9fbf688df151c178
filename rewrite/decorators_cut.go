package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// How a check goes: the call around a handler is cut away from what it is given, and the
// statements in a body go with what they alone declared.

const liftWhy = "the policy demands what the check did"

// cutChecks plans the cuts of all checks that move. What can't be cut stays, and with it
// what has to go together with it.
func (b *builder) cutChecks(lifts []*lift) {
	for {
		before := staying(lifts)
		b.barTools(lifts)
		if b.ans.Existing != "replace" {
			return
		}
		cuts := b.planCuts(lifts)
		if staying(lifts) == before {
			b.commitCuts(cuts)
			return
		}
	}
}

func staying(lifts []*lift) int {
	n := 0
	for _, l := range lifts {
		if l.why != "" {
			n++
		}
	}
	return n
}

// A lifter cuts the checks of one file.
type lifter struct{ *peeler }

// planCuts plans the cuts by file, and notes what can't be cut.
func (b *builder) planCuts(lifts []*lift) []*lifter {
	byFile := map[*load.File][]*lift{}
	var files []*load.File
	for _, l := range lifts {
		if l.why == "" {
			if byFile[l.Site.File] == nil {
				files = append(files, l.Site.File)
			}
			byFile[l.Site.File] = append(byFile[l.Site.File], l)
		}
	}
	var list []*lifter
	for _, f := range files {
		c := &lifter{&peeler{b: b, pkg: byFile[f][0].Site.Pkg, file: f}}
		for _, l := range byFile[f] {
			l.why = c.lift(l)
		}
		if err := c.leftOver(); err != nil {
			for _, l := range byFile[f] {
				if l.why == "" {
					l.why = err.Error()
				}
			}
		}
		list = append(list, c)
	}
	return list
}

// lift cuts one check; it says why it can't.
func (c *lifter) lift(l *lift) string {
	switch {
	case c.file.Cgo || c.file.Generated:
		return "the file is generated or uses cgo and is not edited"
	case l.Bound != "":
		return l.Bound
	case l.Form == analyze.FormWrapper:
		return c.unwrapTool(l)
	}
	return c.cutBody(l)
}

// unwrapTool cuts the call away from around the handler.
func (c *lifter) unwrapTool(l *lift) string {
	call := l.Site.Node.(*ast.CallExpr)
	info := c.pkg.Info
	switch {
	case !l.inRegistrations(c.file, call):
		return "it is not put there in the call that registers the tool"
	case !types.AssignableTo(info.TypeOf(l.Inner), info.TypeOf(call)):
		return "what it is put around has another type than what it gives"
	case c.commentIn(call.Pos(), l.Inner.Pos()) || c.commentIn(l.Inner.End(), call.End()):
		return "there is a comment in the call that puts it there"
	}
	if l.Made != nil {
		c.made = append(c.made, l.Made)
	}
	c.cut(call.Pos(), l.Inner.Pos())
	c.cut(l.Inner.End(), call.End())
	return ""
}

// inRegistrations reports whether n stands in the call that registers each of the tools.
func (l *lift) inRegistrations(f *load.File, n ast.Node) bool {
	return !slices.ContainsFunc(l.tools, func(t *analyze.Registration) bool {
		at := t.Registered
		return at.File != f || n.Pos() < at.Node.Pos() || at.Node.End() < n.End()
	})
}

func (c *lifter) commentIn(from, to token.Pos) bool {
	return slices.ContainsFunc(c.file.AST.Comments, func(g *ast.CommentGroup) bool { return from <= g.Pos() && g.Pos() < to })
}

// cutBody cuts the statements of a check in a handler's body.
func (c *lifter) cutBody(l *lift) string {
	switch {
	case len(l.Stmts) == 0:
		return "its statements do something else, too"
	case l.Of == nil && !l.inRegistrations(c.file, l.Site.Node):
		return "the handler that it stands in is not written in the call that registers the tool"
	}
	if at := l.usedBeside(c.b); at != "" {
		return "the handler that it stands in is used at " + at + " as well, where nothing of ours would ask"
	}
	for _, s := range l.Stmts {
		if c.commentIn(s.Pos(), s.End()) || c.commentBehind(s) {
			return "there is a comment in it"
		}
	}
	for _, s := range l.Stmts {
		if !c.cutStatement(s) {
			return "it shares a line with something else"
		}
	}
	return ""
}

// commentBehind reports whether a comment stands on the last line of a statement.
func (c *lifter) commentBehind(s ast.Stmt) bool {
	line := func(pos token.Pos) int { return c.b.prog.Fset.PositionFor(pos, false).Line }
	return slices.ContainsFunc(c.file.AST.Comments, func(g *ast.CommentGroup) bool {
		return g.Pos() >= s.End() && line(g.Pos()) == line(s.End())
	})
}

// usedBeside returns where the function is first used that a check stands in, other than
// where the tools are registered; "" if nowhere.
func (l *lift) usedBeside(b *builder) string {
	if l.Of == nil {
		return ""
	}
	first := token.NoPos
	for _, pkg := range b.prog.Packages {
		for id, o := range pkg.Info.Uses {
			if o.Name() != l.Of.Name() || o.Pos() != l.Of.Pos() && !ofInterface(o) {
				continue
			}
			registers := slices.ContainsFunc(l.tools, func(t *analyze.Registration) bool {
				return t.Registered.Node.Pos() <= id.Pos() && id.End() <= t.Registered.Node.End()
			})
			if !registers && (!first.IsValid() || id.Pos() < first) {
				first = id.Pos()
			}
		}
	}
	if !first.IsValid() {
		return ""
	}
	return b.prog.Fset.PositionFor(first, false).String()
}

// ofInterface reports whether o is a method of an interface, behind which any method of
// its name may be.
func ofInterface(o types.Object) bool {
	f, ok := o.(*types.Func)
	return ok && f.Signature().Recv() != nil && types.IsInterface(f.Signature().Recv().Type())
}

// commitCuts takes the cuts into the plan, and tells of functions that nothing uses then.
func (b *builder) commitCuts(list []*lifter) {
	var spans []span
	for _, c := range list {
		for _, x := range c.cuts {
			b.edits[x.file.Rel] = append(b.edits[x.file.Rel], fileEdit{x.file, edit.Edit{Start: x.start, End: x.end, Why: liftWhy}})
		}
		b.touch(c.pkg.Path)
		spans = append(spans, c.spans...)
	}
	for _, c := range list {
		c.spans = spans
		c.noteIdle()
	}
}

// noteIdle tells of functions that only what was cut used.
func (c *lifter) noteIdle() {
	for _, f := range c.idle() {
		if site, ok := c.b.declaration(f); ok {
			c.b.note(site, liftedReason+f.Name()+" is not used any more and was left: delete it when you are content")
		}
	}
}
