package analyze

import (
	"go/ast"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What comes after a check and may count on it: a handler that reads who is calling, too.
// Behind a check it knew that somebody is there; without it, it may find nobody.

// countsOn says where a function reads who is calling, outside of the statements; "" where
// it does not.
func (d *decorations) countsOn(fn *flow.Func, beside []ast.Stmt, depth int) (at string) {
	if fn == nil || fn.Body == nil || depth > maxSpeaks {
		return ""
	}
	if at, known := d.counting[fn]; known && beside == nil {
		return at
	}
	if beside == nil {
		d.counting[fn] = "" // for functions that call each other
		defer func() { d.counting[fn] = at }()
	}
	if at := d.selectsCaller(fn, beside); at != "" {
		return at
	}
	for _, c := range allCalls(fn) {
		if c.Callee == nil || inStatements(c.Expr, beside) {
			continue
		}
		if e := d.a.book.lookup(c.Callee); e != nil && e.sym.Role == sdk.RoleCaller || c.Callee.FullName() == "(context.Context).Value" {
			return d.a.where(fn, c.Expr.Pos())
		}
		if at := d.countsOn(d.a.flow.FuncOf(c.Callee), nil, depth+1); at != "" {
			return d.a.where(fn, c.Expr.Pos())
		}
	}
	return ""
}

// selectsCaller says where a function takes the field of a request that says who calls.
func (d *decorations) selectsCaller(fn *flow.Func, beside []ast.Stmt) (at string) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok || at != "" || inStatements(sel, beside) || fn.Pkg.Info.Selections[sel] == nil {
			return at == ""
		}
		if e := d.a.book.typeOf(orInvalid(fn.Pkg.Info.TypeOf(sel.X))); e != nil && e.typ.Role == sdk.RoleCaller && e.typ.NameField == sel.Sel.Name {
			at = d.a.where(fn, sel.Pos())
		}
		return true
	})
	return at
}

// inStatements reports whether n stands in one of the statements.
func inStatements(n ast.Node, stmts []ast.Stmt) bool {
	return slices.ContainsFunc(stmts, func(s ast.Stmt) bool { return s.Pos() <= n.Pos() && n.End() <= s.End() })
}

// boundBy says why a check can't go because of what comes after it.
func (d *decorations) boundBy(fn *flow.Func, beside []ast.Stmt) string {
	if at := d.countsOn(fn, beside, 0); at != "" {
		return "the handler reads who is calling, too (" + at + "), and may count on the check: take that from authlib.FromContext(ctx), then run migrate again"
	}
	return ""
}
