package flow

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
)

// Functions under another name: var NewServer = sdk.NewServer, once and for all.

// mirrors gives the calls of package variables that only ever hold one declared
// function that function as their callee.
func (g *Graph) mirrors() {
	for _, at := range slices.SortedFunc(maps.Keys(g.dynamic), shape.compare) {
		g.dynamic[at] = slices.DeleteFunc(g.dynamic[at], func(c *Call) bool {
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
}

// compare orders shapes, so that every run gives the same lists.
func (a shape) compare(b shape) int {
	return cmp.Or(cmp.Compare(a.params, b.params), cmp.Compare(a.results, b.results), cmp.Compare(variadics(a), variadics(b)))
}

func variadics(s shape) int {
	if s.variadic {
		return 1
	}
	return 0
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
