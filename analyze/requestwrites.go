package analyze

import (
	"go/ast"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What requests write while they are served: no secret that another one is compared with.

// writes remembers what a body assigns to that is not its own: what a request writes
// is no secret that another one is compared with.
func (m *machine) writes(fn *flow.Func) {
	info := fn.Pkg.Info
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		s, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for _, l := range s.Lhs {
			if o := assigned(info, l); o != nil && (o.Pos() < fn.Body.Pos() || o.Pos() >= fn.Body.End()) {
				m.written[o] = true
			}
		}
		return true
	})
}

// assigned returns the variable or field that an assignment changes.
func assigned(info *types.Info, l ast.Expr) types.Object {
	switch x := ast.Unparen(l).(type) {
	case *ast.Ident:
		return info.Uses[x]
	case *ast.SelectorExpr:
		return info.Uses[x.Sel]
	case *ast.IndexExpr:
		return assigned(info, x.X)
	case *ast.StarExpr:
		return assigned(info, x.X)
	}
	return nil
}

// writtenByRequests reports whether a handler anywhere changes a field or variable.
func (a *analysis) writtenByRequests(o types.Object) bool {
	if a.requestWrites == nil {
		a.requestWrites = map[types.Object]bool{}
		a.flow.Assigns(func(fn *flow.Func, l ast.Expr) {
			if w := assigned(fn.Pkg.Info, l); w != nil && fn.Sig != nil && inHandler(fn) {
				a.requestWrites[w] = true
			}
		})
	}
	return a.requestWrites[o]
}

// assignedTo reports whether a variable is assigned to anywhere.
func (a *analysis) assignedTo(v types.Object) bool {
	found := false
	a.flow.Assigns(func(fn *flow.Func, l ast.Expr) {
		found = found || assigned(fn.Pkg.Info, l) == v
	})
	return found
}

func inHandler(fn *flow.Func) bool {
	for ; fn != nil; fn = fn.Outer {
		if takesRequest(fn.Sig) {
			return true
		}
	}
	return false
}
