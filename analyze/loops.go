package analyze

import (
	"go/ast"
	"slices"
)

// The machine that runs a body on symbols: loops.

// rangeStmt runs a loop for no element, for one, and on until another round brings
// nothing new.
func (m *machine) rangeStmt(s *ast.RangeStmt, w *world) flows {
	var out flows
	for _, r := range m.eval(s.X, w) {
		elem := value{taint: r.one().taint, why: r.one().why, mixed: r.one().mixed, bound: r.one().bound, part: r.one().part || isText(m.info().TypeOf(s.X))}
		m.rounds(&out, r.w, func(in []*world) flows {
			now := make([]*world, len(in))
			for i, w := range in {
				now[i] = m.put(s.Value, elem, m.put(s.Key, elem, w))
			}
			return m.stmts(s.Body, now)
		})
	}
	return out
}

// rounds runs the body of a loop until all that it leads to was there before. After a
// few rounds nothing more is known of what each of them changes, so that it ends.
func (m *machine) rounds(out *flows, first *world, body func([]*world) flows) {
	all, now := []*world{first}, []*world{first}
	for i := range maxRounds {
		f := body(now)
		out.next, out.exits = append(out.next, f.breaks...), append(out.exits, f.exits...)
		ends := m.distinctWorlds(append(f.next, f.again...))
		if i >= freeRounds {
			ends = joined(append(ends, all...))
		}
		if now = unseen(all, ends); len(now) == 0 {
			out.next = append(out.next, all...)
			return
		}
		all = append(all, now...)
	}
	m.wide = true
	out.next = append(out.next, all...)
}

// unseen returns the worlds of list that are not in all.
func unseen(all, list []*world) []*world {
	var out []*world
	for _, w := range list {
		if !slices.ContainsFunc(all, func(have *world) bool { return sameWorld(have, w) }) {
			out = append(out, w)
		}
	}
	return out
}

func (m *machine) forStmt(s *ast.ForStmt, w *world) flows {
	var out flows
	for _, first := range m.stmt(s.Init, w).next {
		m.rounds(&out, first, func(in []*world) flows {
			var f flows
			for _, w := range in {
				yes, no := []*world{w}, []*world(nil)
				if s.Cond != nil {
					yes, no = m.branch(s.Cond, w)
				}
				f.add(m.stmts(s.Body, yes))
				f.breaks = append(f.breaks, no...)
			}
			return f
		})
	}
	return out
}
