package analyze

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
)

// The machine that runs a body on symbols: statements.

func (m *machine) block(list []ast.Stmt, in []*world) flows {
	out := flows{next: in}
	for _, s := range list {
		f := m.stmts(s, out.next)
		out.next = nil
		out.add(f)
		out.next = m.leftStmt(s, out.next)
		if len(out.next) == 0 {
			break
		}
	}
	return out
}

func (m *machine) stmts(s ast.Stmt, in []*world) flows {
	var out flows
	for _, w := range in {
		if m.wide = m.wide || len(out.next) > maxWorlds; m.spent() {
			break
		}
		out.add(m.stmt(s, w))
	}
	if len(out.next) > 8 {
		out.next = m.merged(m.distinctWorlds(out.next))
	}
	return out
}

// distinctWorlds leaves out worlds that tell nothing new.
func (m *machine) distinctWorlds(list []*world) []*world {
	var out []*world
	for _, w := range list {
		if m.turns += len(out) / 8; m.spent() {
			return out
		}
		if !slices.ContainsFunc(out, func(have *world) bool { return sameWorld(have, w) }) {
			out = append(out, w)
		}
	}
	return out
}

func sameWorld(x, y *world) bool {
	return x == y || sameResult(result{w: x}, result{w: y}) && maps.EqualFunc(x.vals, y.vals, sameValue)
}

func (f *flows) add(g flows) {
	f.next, f.exits = append(f.next, g.next...), append(f.exits, g.exits...)
	f.breaks, f.again = append(f.breaks, g.breaks...), append(f.again, g.again...)
}

func (m *machine) stmt(s ast.Stmt, w *world) flows {
	switch x := s.(type) {
	case nil, *ast.EmptyStmt:
		return flows{next: []*world{w}}
	case *ast.BlockStmt:
		return m.block(x.List, []*world{w})
	case *ast.ExprStmt:
		return m.expression(x.X, w)
	case *ast.AssignStmt:
		return flows{next: m.assign(x, w)}
	case *ast.DeclStmt:
		return flows{next: m.declare(x, w)}
	case *ast.ReturnStmt:
		return m.returns(x, w)
	case *ast.IfStmt:
		return m.ifStmt(x, w)
	case *ast.SwitchStmt:
		return m.switchStmt(x, w)
	case *ast.TypeSwitchStmt:
		return m.typeSwitch(x, w)
	case *ast.RangeStmt:
		return m.rangeStmt(x, w)
	case *ast.ForStmt:
		return m.forStmt(x, w)
	case *ast.BranchStmt:
		switch {
		case x.Label == nil && x.Tok == token.BREAK:
			return flows{breaks: []*world{w}}
		case x.Label == nil && x.Tok == token.CONTINUE:
			return flows{again: []*world{w}}
		}
	case *ast.LabeledStmt:
		return m.stmt(x.Stmt, w)
	case *ast.IncDecStmt:
		return flows{next: []*world{m.put(x.X, value{taint: fromNowhere, why: "what is counted at " + m.at(x) + " is not followed"}, w)}}
	case *ast.DeferStmt, *ast.GoStmt, *ast.SendStmt:
		return flows{next: []*world{w}}
	}
	m.lost = "a statement at " + m.at(s) + " is not followed"
	return flows{}
}

// expression runs a call that is a statement; some end the program.
func (m *machine) expression(e ast.Expr, w *world) flows {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		if c := m.a.flow.CallOf(call); c != nil && c.Builtin == "panic" {
			m.stops = true
			return flows{}
		}
	}
	var out flows
	for _, r := range m.eval(e, w) {
		out.next = append(out.next, r.w)
	}
	return out
}

func (m *machine) returns(s *ast.ReturnStmt, w *world) flows {
	var out flows
	if len(s.Results) == 0 {
		var vals []value
		for i := range m.fn.Sig.Results().Len() { // named ones
			vals = append(vals, w.vals[m.fn.Sig.Results().At(i)])
		}
		return flows{exits: []exit{{w, vals}}}
	}
	for _, r := range m.evalList(s.Results, w) {
		out.exits = append(out.exits, exit(r))
	}
	return out
}

func (m *machine) ifStmt(s *ast.IfStmt, w *world) flows {
	var out flows
	first := m.stmt(s.Init, w)
	out.exits = first.exits
	for _, w := range first.next {
		yes, no := m.branch(s.Cond, w)
		out.add(m.stmts(s.Body, yes))
		if s.Else == nil {
			out.next = append(out.next, no...)
		} else {
			out.add(m.stmts(s.Else, no))
		}
	}
	return out
}
