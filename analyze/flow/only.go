package flow

import (
	"go/ast"
	"go/token"
)

// Only returns the expression that e surely is the value of: e itself, or for a
// local variable with a single assignment that reaches the use, and no other way
// to be changed, what was assigned.
func (g *Graph) Only(e ast.Expr, f *Frame) ast.Expr {
	for range maxDepth {
		e = ast.Unparen(e)
		id, ok := e.(*ast.Ident)
		if !ok {
			return e
		}
		v := varOf(f.Fn.Pkg.Info, id)
		if v == nil || isGlobal(v) || g.owner[v] == nil || len(g.elems[v]) > 0 || g.addressed[v] {
			return e
		}
		defs, entry := g.reaching(v, id.Pos(), f.Fn)
		if entry || len(defs) != 1 || defs[0].take != nil || defs[0].index != 0 || defs[0].in != f.Fn {
			return e
		}
		e = defs[0].expr
	}
	return e
}

// Each returns the expressions that e may be: of a local variable, what each assignment
// that reaches it gives. It is nil where one of them is not known.
func (g *Graph) Each(e ast.Expr, f *Frame) []ast.Expr {
	e = g.Only(e, f)
	id, ok := e.(*ast.Ident)
	if !ok {
		return []ast.Expr{e}
	}
	v := varOf(f.Fn.Pkg.Info, id)
	if v == nil || isGlobal(v) || g.owner[v] == nil || len(g.elems[v]) > 0 || g.addressed[v] {
		return nil
	}
	defs, entry := g.reaching(v, id.Pos(), f.Fn)
	if entry {
		return nil
	}
	var list []ast.Expr
	for _, d := range defs {
		if d.take != nil || d.index != 0 || d.in != f.Fn {
			return nil
		}
		list = append(list, ast.Unparen(d.expr))
	}
	return list
}

// address remembers that the address of a variable is taken, so that it may be
// changed where it is not named.
func (ix *indexer) address(x *ast.UnaryExpr) {
	if x.Op != token.AND {
		return
	}
	if v := rootVar(ix.fn.Pkg.Info, x.X); v != nil {
		ix.g.addressed[v] = true
	}
}
