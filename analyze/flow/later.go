package flow

import (
	"go/ast"
	"go/types"
	"slices"
)

// A Store is an assignment to a field of what a variable holds.
type Store struct {
	Fields []string // the way from the variable to the field
	To     ast.Expr // the left side
	Val    ast.Expr
	In     *Func
	Always bool // it stands in the block in which the value was made
}

// later records v.f.g = e.
func (ix *indexer) later(x *ast.SelectorExpr, b binding) {
	var fields []string
	for e := ast.Expr(x); ; {
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		if !ok {
			id, ok := ast.Unparen(e).(*ast.Ident)
			if v := identVar(ix, id, ok); v != nil && b.take == nil && b.index == 0 {
				slices.Reverse(fields)
				ix.g.later[v] = append(ix.g.later[v], Store{Fields: fields, To: x, Val: b.expr, In: ix.fn})
			}
			return
		}
		fields = append(fields, sel.Sel.Name)
		e = sel.X
	}
}

func identVar(ix *indexer, id *ast.Ident, ok bool) *types.Var {
	if !ok {
		return nil
	}
	return varOf(ix.fn.Pkg.Info, id)
}

// Later returns the live assignments to fields of the variable that the value of e,
// made in fn, is first bound to, in source order. Of other names for the same value
// it knows nothing.
func (g *Graph) Later(e ast.Expr, fn *Func) []Store {
	v, ok := g.nameOf(e).(*types.Var)
	if !ok || v.IsField() {
		return nil
	}
	var list []Store
	for _, s := range g.later[v] {
		if s.In.live && (s.In != fn || s.Val.Pos() > e.Pos()) {
			s.Always = s.In == fn && fn.Body != nil && block(fn.Body, s.Val) == block(fn.Body, e)
			list = append(list, s)
		}
	}
	return list
}

// nameOf is Target of e, or of its address.
func (g *Graph) nameOf(e ast.Expr) types.Object {
	if o := g.targets[e]; o != nil {
		return o
	}
	return g.pointers[e]
}

// block returns the innermost list of statements that n stands in.
func block(body *ast.BlockStmt, n ast.Node) ast.Node {
	var inner ast.Node
	ast.Inspect(body, func(m ast.Node) bool {
		if m == nil || m.Pos() > n.Pos() || n.End() > m.End() {
			return false
		}
		switch m.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			inner = m
		}
		return true
	})
	return inner
}
