package analyze

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: variables that are gone. Two paths that
// differ in those alone are one, so that a loop over a few names, or a row of helpers,
// does not multiply the paths behind it.

// leftStmt forgets what a statement declared for itself: nothing behind it can name
// that. Where the body makes functions, one of those may, and all is kept.
func (m *machine) leftStmt(s ast.Stmt, list []*world) []*world {
	switch s.(type) {
	case *ast.BlockStmt, *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
		return without(m.declaredIn(m.fn, s), list)
	}
	return list
}

// leftCall forgets what a function that was entered declared, and its parameters.
func (m *machine) leftCall(fn *flow.Func, f flows) flows {
	if len(fn.Lits) > 0 {
		return f
	}
	gone := slices.Concat(m.declaredIn(fn, fn.Body), variables(fn.Sig.Params()), variables(fn.Sig.Results()))
	if recv := fn.Sig.Recv(); recv != nil {
		gone = append(gone, recv)
	}
	f.next = without(gone, f.next)
	exits := make([]exit, len(f.exits))
	for i, e := range f.exits {
		exits[i] = exit{without(gone, []*world{e.w})[0], e.vals}
	}
	f.exits = exits
	return f
}

// variables lists those of a tuple, also such without a name.
func variables(t *types.Tuple) []*types.Var {
	list := make([]*types.Var, t.Len())
	for i := range list {
		list[i] = t.At(i)
	}
	return list
}

// declaredIn lists the variables that are declared within a part of fn; none where fn
// makes functions.
func (m *machine) declaredIn(fn *flow.Func, n ast.Node) []*types.Var {
	if len(fn.Lits) > 0 {
		return nil
	}
	list, known := m.scopes[n]
	if known {
		return list
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := fn.Pkg.Info.Defs[id].(*types.Var); ok {
				list = append(list, v)
			}
		}
		if c, ok := n.(*ast.CaseClause); ok {
			if v, ok := fn.Pkg.Info.Implicits[c].(*types.Var); ok {
				list = append(list, v)
			}
		}
		return true
	})
	list = list[:len(list):len(list)]
	m.scopes[n] = list
	return list
}

// without leaves variables out of worlds.
func without(gone []*types.Var, list []*world) []*world {
	if len(gone) == 0 {
		return list
	}
	out := make([]*world, len(list))
	for i, w := range list {
		out[i] = w.withoutVars(gone)
	}
	return out
}

// withoutVars is w without the variables that are gone.
func (w *world) withoutVars(gone []*types.Var) *world {
	c := w
	for _, v := range gone {
		if _, there := w.vals[v]; !there {
			continue
		}
		if c == w {
			c = w.fork()
			c.vals = maps.Clone(w.vals)
		}
		delete(c.vals, v)
	}
	return c
}
