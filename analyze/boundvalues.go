package analyze

import (
	"go/ast"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What variables that a body does not set may hold.

// sentinel reports whether a variable is an error of a package, such as io.EOF: one of
// other code, or one that is made where it is declared and never assigned to.
func (m *machine) sentinel(x *ast.Ident, v *types.Var) bool {
	if v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return false
	}
	if !m.a.inModule(v.Pkg()) {
		return true
	}
	origins := m.a.flow.Origins(x, m.a.flow.Root(m.fn))
	for _, o := range origins {
		if o.Kind != flow.Result || o.Callee == nil || o.Callee.FullName() != "errors.New" && o.Callee.FullName() != "fmt.Errorf" {
			return false
		}
	}
	return len(origins) > 0
}

// valueOf returns the value of a variable; one that the body does not set is the
// program's, unless requests write it.
func (m *machine) valueOf(v *types.Var, w *world) value {
	if val, ok := w.vals[v]; ok {
		return val
	}
	if m.written[v] || m.a.writtenByRequests(v) {
		return value{taint: fromNowhere, why: quoteName(v.Name()) + " is written while requests are served"}
	}
	for out := m.top.Outer; out != nil; out = out.Outer {
		if takesRequest(out.Sig) && out.Type.Pos() <= v.Pos() && v.Pos() < out.Body.End() {
			return value{taint: fromNowhere, why: quoteName(v.Name()) + " comes from a request outside"}
		}
	}
	return value{bound: m.isBound(v)}
}

// isBound reports whether a variable of the program may hold a secret: no constant, nor
// a table of them.
func (m *machine) isBound(v *types.Var) bool {
	if v.Pkg() != nil && !m.a.inModule(v.Pkg()) || servesHTTP(v.Type()) {
		return false
	}
	known, ok := m.a.mayHold[v]
	if !ok {
		known = !m.a.constantTable(v)
		m.a.mayHold[v] = known
	}
	return known
}

// constantTable reports whether a variable of a package is a table or list of constants,
// and nothing is put into it later.
func (a *analysis) constantTable(v *types.Var) bool {
	if v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return false
	}
	found := false
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		for _, pkg := range a.prog.Packages {
			for _, init := range pkg.Info.InitOrder {
				if len(init.Lhs) == 1 && init.Lhs[0] == v && init.Rhs == ast.Expr(lit) {
					found = constants(fn, lit)
				}
			}
		}
	})
	return found && !a.assignedTo(v)
}

func constants(fn *flow.Func, lit *ast.CompositeLit) bool {
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if fn.Pkg.Info.Types[kv.Key].Value == nil {
				return false
			}
			elt = kv.Value
		}
		if fn.Pkg.Info.Types[elt].Value == nil {
			return false
		}
	}
	return true
}
