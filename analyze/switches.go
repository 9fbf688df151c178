package analyze

import (
	"go/ast"
	"go/token"
	"go/types"
)

// The machine that runs a body on symbols: switches.

// switchStmt runs the clauses one after the other, like if and else if.
func (m *machine) switchStmt(s *ast.SwitchStmt, w *world) flows {
	var out flows
	first := m.stmt(s.Init, w)
	left, through := first.next, []*world(nil)
	fallback := -1
	for i, c := range s.Body.List {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			fallback = i
		}
		into := through
		for _, e := range clause.List {
			var rest []*world
			for _, w := range left {
				yes, no := m.matches(s.Tag, e, w)
				into, rest = append(into, yes...), append(rest, no...)
			}
			left = rest
		}
		through = m.clause(clause, into, &out)
	}
	if fallback < 0 {
		out.next = append(out.next, left...)
	}
	for i := fallback; i >= 0 && i < len(s.Body.List); i++ { // and what it falls through to
		if left = m.clause(s.Body.List[i].(*ast.CaseClause), left, &out); len(left) == 0 {
			break
		}
	}
	out.next, out.breaks = append(out.next, out.breaks...), nil
	return out
}

// clause runs one clause, and returns the worlds that fall through to the next.
func (m *machine) clause(c *ast.CaseClause, in []*world, out *flows) []*world {
	body, falls := c.Body, false
	if n := len(body); n > 0 {
		if b, ok := body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
			body, falls = body[:n-1], true
		}
	}
	f := m.block(body, in)
	if falls {
		next := f.next
		f.next = nil
		out.add(f)
		return next
	}
	out.add(f)
	return nil
}

// typeSwitch runs each clause for a value that may have its type.
func (m *machine) typeSwitch(s *ast.TypeSwitchStmt, w *world) flows {
	var out flows
	x := typeSwitched(s)
	for _, w := range m.stmt(s.Init, w).next {
		for _, r := range m.eval(x, w) {
			fallback := false
			for _, c := range s.Body.List {
				clause, v := c.(*ast.CaseClause), r.one()
				fallback = fallback || clause.List == nil
				v.null = false
				at := r.w
				if o, ok := m.info().Implicits[clause].(*types.Var); ok {
					at = at.set(o, v)
				}
				yes, _ := m.split(at, value{taint: v.taint, why: v.why}, x, true)
				out.add(m.block(clause.Body, yes))
			}
			if !fallback {
				_, no := m.split(r.w, value{taint: r.one().taint, why: r.one().why}, x, true)
				out.next = append(out.next, no...)
			}
		}
	}
	out.next, out.breaks = append(out.next, out.breaks...), nil
	return out
}

// typeSwitched returns the expression whose type is switched on.
func typeSwitched(s *ast.TypeSwitchStmt) ast.Expr {
	var e ast.Expr
	switch a := s.Assign.(type) {
	case *ast.AssignStmt:
		e = a.Rhs[0]
	case *ast.ExprStmt:
		e = a.X
	}
	if t, ok := ast.Unparen(e).(*ast.TypeAssertExpr); ok {
		return t.X
	}
	return e
}

func (m *machine) matches(tag, e ast.Expr, w *world) (yes, no []*world) {
	if tag == nil {
		return m.branch(e, w)
	}
	return m.equal(tag, e, w)
}
