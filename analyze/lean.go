package analyze

import "github.com/mcp-migrate/mcp-migrate/analyze/flow"

// Bodies with too many paths to follow. One open path is enough for a handler to be
// open, and most such paths go by a setting in the body itself. So the body is run once
// more without what it calls in the module. Such a call may answer anything, or never
// come back: no path behind it counts as open. Nothing else that this run says is used.

// leanOpen looks for an open path that hangs on nothing but the body itself, and counts
// it.
func (wide *machine) leanOpen(g *gate) {
	m := newMachine(wide.a, wide.top)
	m.goesOn, m.lean, m.turns = wide.goesOn, true, maxTurns-maxTurns/16 // most of the turns were spent before
	m.run()
	if m.wide || m.lost != "" || m.weighs {
		return
	}
	for _, w := range m.handed {
		if !w.proved && !w.harmless && w.doubt == "" {
			g.add(w)
		}
	}
}

// passedBy is a call of the module that is not entered.
func (m *machine) passedBy(c *flow.Call, r result) []result {
	why := "what " + calledText(c.Expr) + " does at " + m.at(c.Expr) + " is not followed"
	return []result{{r.w.unsure(why), repeat(value{taint: fromNowhere, why: why}, m.results(c.Expr))}}
}

// bypasses reports whether a call runs code of the module, or code that is a value, and
// is not entered.
func (m *machine) bypasses(c *flow.Call) bool {
	if !m.lean {
		return false
	}
	return c.Dynamic() || c.Iface || c.Callee != nil && m.a.flow.FuncOf(c.Callee) != nil
}
