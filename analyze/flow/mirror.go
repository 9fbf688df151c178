package flow

import (
	"go/ast"
	"go/types"
	"slices"
)

// Functions under another name: var NewServer = sdk.NewServer, once and for all.

// mirrors gives the calls of package variables that only ever hold one declared
// function that function as their callee.
func (g *Graph) mirrors() {
	g.dynamic = slices.DeleteFunc(g.dynamic, func(c *Call) bool {
		f := g.mirrored(c)
		if f == nil {
			return false
		}
		c.Callee = f
		g.callers[f] = append(g.callers[f], c)
		g.refs[c.In] = append(g.refs[c.In], f)
		return true
	})
}

// mirrored returns the function that a dynamic call surely calls; nil for none.
func (g *Graph) mirrored(c *Call) *types.Func {
	v, ok := calledObject(c.In.Pkg.Info, c.Expr.Fun).(*types.Var)
	if !ok || v.IsField() || !isGlobal(v) || !g.mine[v.Pkg()] || len(g.binds[v]) != 1 || g.addressed[v] {
		return nil
	}
	b := g.binds[v][0]
	if b.take != nil || b.index != 0 || b.in.Body != nil {
		return nil
	}
	switch e := unindex(b.expr).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		f, ok := calledObject(b.in.Pkg.Info, e).(*types.Func)
		if ok && f.Signature().Recv() == nil {
			return f.Origin()
		}
	}
	return nil
}
