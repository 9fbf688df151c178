package analyze

import (
	"go/ast"
	"go/types"
	"maps"

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
		return forgetWithin(m.fn, s, list)
	}
	return list
}

// leftCall forgets what a function that was entered declared, and its parameters.
func leftCall(fn *flow.Func, f flows) flows {
	f.next = forgetWithin(fn, fn.Type, forgetWithin(fn, fn.Body, f.next))
	exits := make([]exit, len(f.exits))
	for i, e := range f.exits {
		exits[i] = exit{forgetWithin(fn, fn.Type, forgetWithin(fn, fn.Body, []*world{e.w}))[0], e.vals}
	}
	f.exits = exits
	return f
}

// forgetWithin leaves out of each world the variables that are declared within n.
func forgetWithin(fn *flow.Func, n ast.Node, list []*world) []*world {
	if len(fn.Lits) > 0 {
		return list
	}
	out := make([]*world, len(list))
	for i, w := range list {
		out[i] = w.without(func(v *types.Var) bool { return n.Pos() <= v.Pos() && v.Pos() < n.End() })
	}
	return out
}

// without is w without the variables that are gone.
func (w *world) without(gone func(*types.Var) bool) *world {
	var c *world
	for v := range w.vals {
		if !gone(v) {
			continue
		}
		if c == nil {
			c = w.fork()
			c.vals = maps.Clone(w.vals)
		}
		delete(c.vals, v)
	}
	if c == nil {
		return w
	}
	return c
}
