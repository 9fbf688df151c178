package analyze

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: what it must not call open, since it does
// not see which way the program goes.

// settled splits by a setting of the program: where it is an argument that every caller
// gives as the same constant, the other way is not one that strangers surely go.
func (m *machine) settled(w *world, e ast.Expr) (yes, no []*world) {
	c := w.fork()
	c.exempt = m.at(e)
	yes, no = []*world{c}, []*world{c}
	given, always := m.alwaysGiven(e)
	if !always {
		return yes, no
	}
	u := []*world{w.unsure("it goes by an argument that is always " + given + ", at " + m.at(e))}
	if given == "true" {
		return yes, u
	}
	return u, no
}

// alwaysGiven returns the constant that every caller of a function around the body
// gives for parameter e, "true" or "false".
func (m *machine) alwaysGiven(e ast.Expr) (given string, always bool) {
	v, named := m.root(e)
	if !named || !m.outerParam(v) {
		return "", false
	}
	for i, o := range m.a.flow.Origins(e, m.a.flow.Root(m.fn)) {
		if o.Kind != flow.Const || o.Rest != nil || i > 0 && o.Value != given {
			return "", false
		}
		given = o.Value
	}
	return given, given == "true" || given == "false"
}

// outerParam reports whether v is a parameter of a function around the body.
func (m *machine) outerParam(v *types.Var) bool {
	for out := m.fn.Outer; out != nil && out.Sig != nil; out = out.Outer {
		for i := range out.Sig.Params().Len() {
			if out.Sig.Params().At(i) == v {
				return true
			}
		}
	}
	return false
}

// chosen is the world in which a call hands the request on: which handler gets it is
// not known where a variable of the body holds one of several.
func (m *machine) chosen(c *flow.Call, w *world) *world {
	e := c.Recv()
	if c.Dynamic() {
		e = c.Expr.Fun
	}
	if e == nil {
		return w
	}
	if v, named := m.root(e); named && m.fn.Body.Pos() <= v.Pos() && v.Pos() < m.fn.Body.End() && m.setAgain(v) {
		return w.unsure("to which handler it hands the request at " + m.at(c.Expr) + " is not followed")
	}
	return w
}

// setAgain reports whether the body that runs sets a variable of its own after it was declared.
func (m *machine) setAgain(v *types.Var) bool {
	found := false
	ast.Inspect(m.fn.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok && s.Tok == token.ASSIGN {
			found = found || slices.ContainsFunc(s.Lhs, func(l ast.Expr) bool {
				o, named := m.root(l)
				return named && o == v
			})
		}
		return !found
	})
	return found
}
