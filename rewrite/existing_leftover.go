package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What a check leaves behind when it goes: variables and imports that nobody uses
// any more, which Go does not compile, and functions, which it does.

// leftOver cuts the declarations of local variables that are used by nothing but
// what is cut. One that does more than compute a value is an error.
func (p *peeler) leftOver() error {
	if err := p.noComments(); err != nil {
		return err
	}
	for done := map[types.Object]bool{}; ; {
		v := p.unusedVar(done)
		if v == nil {
			return nil
		}
		done[v] = true
		if err := p.cutVar(v); err != nil {
			return err
		}
	}
}

// noComments refuses to take out what somebody commented.
func (p *peeler) noComments() error {
	for _, g := range p.file.AST.Comments {
		if p.gone(g.Pos()) {
			return &sdk.ManualError{Why: "there is a comment in the call that puts the check there"}
		}
	}
	return nil
}

// unusedVar returns a local variable all of whose uses are cut.
func (p *peeler) unusedVar(done map[types.Object]bool) *types.Var {
	left := map[*types.Var]bool{}
	for id, o := range p.pkg.Info.Uses {
		v, ok := o.(*types.Var)
		if !ok || v.IsField() || done[v] || v.Parent() == nil || v.Parent() == p.pkg.Types.Scope() || v.Pkg() != p.pkg.Types {
			continue
		}
		switch {
		case !p.gone(id.Pos()) && !p.set(id):
			left[v] = true
		case p.gone(id.Pos()) && !left[v]:
			left[v] = false
		}
	}
	var unused []*types.Var
	for v, used := range left {
		if !used && !p.gone(v.Pos()) && !p.isParam(v) {
			unused = append(unused, v)
		}
	}
	if len(unused) == 0 {
		return nil
	}
	return slices.MinFunc(unused, func(x, y *types.Var) int { return int(x.Pos() - y.Pos()) })
}

// set reports whether id is only set where it stands, which is no use.
func (p *peeler) set(id *ast.Ident) bool {
	path, _ := astutil.PathEnclosingInterval(p.file.AST, id.Pos(), id.End())
	if len(path) < 2 {
		return false
	}
	s, ok := path[1].(*ast.AssignStmt)
	return ok && s.Tok == token.ASSIGN && slices.Contains(s.Lhs, ast.Expr(id))
}

// isParam reports whether v is a parameter or result, which may go unused.
func (p *peeler) isParam(v *types.Var) bool {
	path, _ := astutil.PathEnclosingInterval(p.file.AST, v.Pos(), v.Pos())
	return slices.ContainsFunc(path[:min(2, len(path))], func(n ast.Node) bool { _, ok := n.(*ast.Field); return ok })
}

// cutVar cuts the statement that declares v.
func (p *peeler) cutVar(v *types.Var) error {
	bad := func(why string) error {
		return &sdk.ManualError{Why: fmt.Sprintf("the variable %s (%s) would be left without use, and %s", v.Name(), p.place(v.Pos()), why)}
	}
	stmt, value := p.definition(v)
	switch {
	case stmt == nil, slices.ContainsFunc(p.uses(v), p.assigns):
		return bad("it is not declared by a statement of its own")
	case !p.computes(value):
		return bad("its declaration does more than compute a value")
	case p.commented(stmt):
		return bad("its declaration has a comment")
	}
	if !p.cutStatement(stmt) {
		return bad("its declaration shares a line with something else")
	}
	return nil
}

func (p *peeler) place(pos token.Pos) string {
	at := p.b.prog.Fset.PositionFor(pos, false)
	return fmt.Sprintf("%s:%d", p.file.Rel, at.Line)
}

// computes reports whether an expression has no effect but its value: no calls but
// of what is known to have none, and of what makes the check itself.
func (p *peeler) computes(e ast.Expr) bool {
	ok := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			ok = ok && x.Op != token.ARROW
		case *ast.CallExpr:
			ok = ok && (p.pkg.Info.Types[x.Fun].IsType() || p.effectless(x))
		}
		return ok
	})
	return ok
}

// effectless reports whether a call only computes.
func (p *peeler) effectless(call *ast.CallExpr) bool {
	if slices.ContainsFunc(p.made, func(e ast.Expr) bool { return e.Pos() <= call.Pos() && call.End() <= e.End() }) {
		return true
	}
	for _, c := range p.checks {
		if p.makes(call, c, 0) || p.makes(call.Fun, c, 0) {
			return true
		}
	}
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return false
	}
	f, ok := p.pkg.Info.Uses[id].(*types.Func)
	if !ok || f.Pkg() == nil {
		return false
	}
	path := f.Pkg().Path()
	return f.FullName() == "os.Getenv" || path == "strings" || path == "strconv" || path == "encoding/hex" || path == "encoding/base64" || path == "crypto/sha256"
}

// commented reports whether a statement has a comment in it, behind it, or right
// above it.
func (p *peeler) commented(stmt ast.Stmt) bool {
	line := func(pos token.Pos) int { return p.b.prog.Fset.PositionFor(pos, false).Line }
	for _, g := range p.file.AST.Comments {
		inside := line(g.Pos()) >= line(stmt.Pos()) && line(g.Pos()) <= line(stmt.End())
		if inside || line(g.End()) == line(stmt.Pos())-1 && g.Pos() < stmt.Pos() {
			return true
		}
	}
	return false
}

// noteUnused tells of functions that nothing uses any more: Go takes them, linters
// don't.
func (p *peeler) noteUnused(r *analyze.Route) {
	for _, f := range p.idle() {
		if site, ok := p.b.declaration(f); ok {
			p.b.noteWith(r, site, f.Name()+" is not used any more and was left: delete it when you are content")
		}
	}
}

// idle lists the functions that only what is cut used, in order of position.
func (p *peeler) idle() []*types.Func {
	var idle []*types.Func
	for id, o := range p.pkg.Info.Uses {
		f, ok := o.(*types.Func)
		if ok && p.gone(id.Pos()) && !slices.Contains(idle, f) && !p.usedStill(f) {
			idle = append(idle, f)
		}
	}
	slices.SortFunc(idle, func(x, y *types.Func) int { return int(x.Pos() - y.Pos()) })
	return idle
}

// declaration returns where a function of the module is declared.
func (b *builder) declaration(f *types.Func) (sdk.Site, bool) {
	for _, pkg := range b.prog.Packages {
		for _, file := range pkg.Files {
			for _, d := range file.AST.Decls {
				if fd, ok := d.(*ast.FuncDecl); ok && fd.Name.Pos() == f.Pos() {
					return sdk.Site{Pkg: pkg, File: file, Node: fd}, true
				}
			}
		}
	}
	return sdk.Site{}, false
}

// usedStill reports whether something that is not cut uses o.
func (p *peeler) usedStill(o types.Object) bool {
	for _, pkg := range p.b.prog.Packages {
		for id, used := range pkg.Info.Uses {
			if used.Pos() == o.Pos() && used.Name() == o.Name() && !(pkg == p.pkg && p.gone(id.Pos())) {
				return true
			}
		}
	}
	return false
}

// unusedImports returns the edits that take out the imports of f that nothing but
// what is cut used. Names that the new text uses stay.
func (b *builder) unusedImports(pkg *load.Package, f *load.File, list []fileEdit) []edit.Edit {
	var cuts []edit.Edit
	text := ""
	for _, fe := range list {
		if fe.edit.End > fe.edit.Start {
			cuts = append(cuts, fe.edit)
		}
		text += fe.edit.New + "\n"
	}
	used, cutUse := map[types.Object]bool{}, map[types.Object]bool{}
	for id, o := range pkg.Info.Uses {
		if _, ok := o.(*types.PkgName); !ok || id.Pos() < f.AST.FileStart || f.AST.FileEnd < id.Pos() {
			continue
		}
		at := sdk.Offset(b.prog.Fset, f, id.Pos())
		gone := slices.ContainsFunc(cuts, func(e edit.Edit) bool { return e.Start <= at && at < e.End })
		used[o] = used[o] || !gone
		cutUse[o] = cutUse[o] || gone
	}
	var out []edit.Edit
	for _, spec := range f.AST.Imports {
		o := pkg.Info.Implicits[spec]
		if spec.Name != nil {
			o = pkg.Info.Defs[spec.Name]
		}
		if o != nil && cutUse[o] && !used[o] && !strings.Contains(text, o.Name()+".") {
			out = append(out, b.cutImport(f, spec))
		}
	}
	return out
}

// cutImport takes out the line of an import, or the whole declaration.
func (b *builder) cutImport(f *load.File, spec *ast.ImportSpec) edit.Edit {
	from, to := spec.Pos(), spec.End()
	if spec.Comment != nil {
		to = spec.Comment.End()
	}
	for _, d := range f.AST.Decls {
		if g, ok := d.(*ast.GenDecl); ok && len(g.Specs) == 1 && g.Specs[0] == ast.Spec(spec) {
			from, to = g.Pos(), max(to, g.End())
		}
	}
	start, end := edit.LineStart(f.Src, sdk.Offset(b.prog.Fset, f, from)), sdk.Offset(b.prog.Fset, f, to)
	if next := bytes.IndexByte(f.Src[end:], '\n'); next >= 0 {
		end += next + 1
	}
	return edit.Edit{Start: start, End: end, Why: "nothing uses the import any more"}
}
