package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
)

// The machine that runs a body on symbols: conditions.

// branch returns the worlds in which a condition holds, and those in which it does not.
func (m *machine) branch(e ast.Expr, w *world) (yes, no []*world) {
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			no, yes = m.branch(x.X, w)
			return yes, no
		}
	case *ast.BinaryExpr:
		return m.compared(x, w)
	}
	for _, r := range m.eval(e, w) {
		t, f := m.holds(r.w, r.one(), e)
		yes, no = append(yes, t...), append(no, f...)
	}
	return yes, no
}

func (m *machine) compared(x *ast.BinaryExpr, w *world) (yes, no []*world) {
	switch x.Op {
	case token.LAND:
		first, left := m.branch(x.X, w)
		yes, no = m.branchAll(x.Y, first)
		return yes, m.distinctWorlds(append(no, left...))
	case token.LOR:
		first, left := m.branch(x.X, w)
		yes, no = m.branchAll(x.Y, left)
		return m.distinctWorlds(append(yes, first...)), no
	case token.EQL:
		return m.equal(x.X, x.Y, w)
	case token.NEQ:
		no, yes = m.equal(x.X, x.Y, w)
		return yes, no
	}
	for _, r := range m.evalList([]ast.Expr{x.X, x.Y}, w) {
		t, f := m.ordered(x, r)
		yes, no = append(yes, t...), append(no, f...)
	}
	return yes, no
}

// branchAll is branch for several worlds.
func (m *machine) branchAll(e ast.Expr, in []*world) (yes, no []*world) {
	for _, w := range in {
		if m.spent() {
			break
		}
		t, f := m.branch(e, w)
		yes, no = append(yes, t...), append(no, f...)
	}
	return m.merged(m.distinctWorlds(yes)), m.merged(m.distinctWorlds(no))
}

// holds splits by a value that is a condition.
func (m *machine) holds(w *world, v value, e ast.Expr) (yes, no []*world) {
	switch {
	case v.lit != nil && v.lit.Kind() == constant.Bool:
		if constant.BoolVal(v.lit) {
			return []*world{w}, nil
		}
		return nil, []*world{w}
	case v.good:
		return []*world{w.prove()}, []*world{w}
	}
	return m.split(w, v, e, true)
}

// split splits by something about v; present says that yes means it is there.
func (m *machine) split(w *world, v value, e ast.Expr, present bool) (yes, no []*world) {
	if v.mixed && v.taint != fromNowhere {
		m.weighs = true
		u := w.unsure("what decides at " + m.at(e) + " hangs on what the caller sent and on what the program holds, and is not followed")
		return []*world{u}, []*world{u}
	}
	switch v.taint {
	case fromProgram:
		return m.settled(w, e)
	case fromNowhere:
		u := w.unsure(v.why)
		return []*world{u}, []*world{u}
	case fromContext:
		u := w.unsure("it goes by what an outer handler put into the context, at " + m.at(e))
		if present {
			return []*world{u}, []*world{w}
		}
		return []*world{w}, []*world{u}
	case fromRequest:
		u := w.unsure("what it looks at in the request at " + m.at(e) + " is not followed")
		return []*world{u}, []*world{u}
	}
	return []*world{w}, []*world{w}
}
