package analyze

import "go/ast"

// The machine that runs a body on symbols: loops.

// rangeStmt runs a loop for no element, one, and two.
func (m *machine) rangeStmt(s *ast.RangeStmt, w *world) flows {
	var out flows
	for _, r := range m.eval(s.X, w) {
		elem := value{taint: r.one().taint, why: r.one().why}
		now := []*world{m.put(s.Value, elem, m.put(s.Key, elem, r.w))}
		out.next = append(out.next, r.w)
		for range maxRounds {
			f := m.stmts(s.Body, now)
			now = append(append(f.next, f.breaks...), f.again...)
			out.next, out.exits = append(out.next, now...), append(out.exits, f.exits...)
		}
	}
	return out
}

func (m *machine) forStmt(s *ast.ForStmt, w *world) flows {
	var out flows
	now := m.stmt(s.Init, w).next
	for range maxRounds {
		var in []*world
		for _, w := range now {
			if s.Cond == nil {
				in = append(in, w)
				continue
			}
			yes, no := m.branch(s.Cond, w)
			in, out.next = append(in, yes...), append(out.next, no...)
		}
		f := m.stmts(s.Body, in)
		now = append(f.next, f.again...)
		out.next, out.exits = append(out.next, f.breaks...), append(out.exits, f.exits...)
	}
	out.next = append(out.next, now...)
	return out
}
