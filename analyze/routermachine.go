package analyze

import (
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: methods of a router's context.

// listedGate is gateOf for a handler in a list of which another one follows it.
func (a *analysis) listedGate(fn *flow.Func, r *router) *gate {
	if g := a.listGates[fn]; g != nil {
		return g
	}
	m := newMachine(a, fn)
	m.goesOn = r.goesOn
	g := m.gate()
	a.listGates[fn] = g
	return g
}

// goOn hands on, at the end of a handler that the next one follows by itself, all that
// was neither handed on nor stopped.
func (m *machine) goOn(list []*world) {
	for i, w := range list {
		if m.goesOn && !w.handed && !w.aborted {
			list[i] = m.handOn(w)
		}
	}
}

// ofContext runs the methods of a router's context.
func (m *machine) ofContext(c *flow.Call, r result) ([]result, bool) {
	of := contextMethod(c)
	if of == nil {
		return nil, false
	}
	x, name := of.context, c.Callee.Name()
	is := func(list []string) bool { return slices.Contains(list, name) }
	if is(x.next) {
		return m.runNext(c, r.w), true
	}
	if r.vals[0].taint != fromRequest { // of a context that is not known to be the caller's
		return nil, false
	}
	args := r.vals[1:]
	all := func(v value) ([]result, bool) { return []result{{r.w, repeat(v, m.results(c.Expr))}}, true }
	switch {
	case is(x.stop):
		w := r.w.fork()
		w.aborted = true
		return []result{{w, repeat(value{made: true}, m.results(c.Expr))}}, true
	case is(x.stopped):
		return just(r.w, constBool(r.w.aborted)), true
	case is(x.request):
		return just(r.w, value{taint: fromRequest, made: true}), true
	case is(x.headers):
		return just(r.w, m.headerGot(c, args)), true
	case is(x.inputs):
		v := value{taint: fromHeader}
		if len(args) == 1 && credentialName(stringConst(args[0])) {
			v.taint = fromCredential
		}
		return []result{{r.w, append([]value{v}, repeat(value{taint: fromAnybody}, m.results(c.Expr)-1)...)}}, true
	case is(x.kept):
		return all(value{taint: fromContext})
	case is(x.told) && len(args) == 0:
		return all(value{taint: fromAnybody, path: name == "Path" || name == "FullPath", method: name == "Method"})
	case is(x.answers) && contextOf(m.info().TypeOf(c.Expr)) != nil:
		return just(r.w, r.vals[0]), true // gives the context itself
	case is(x.answers), is(x.keep), is(x.replace):
		return all(value{made: true, taint: fromAnybody})
	}
	return nil, false
}

// runNext runs the next handler of the list, unless it was kept from that.
func (m *machine) runNext(c *flow.Call, w *world) []result {
	if !w.aborted {
		w = m.handOn(w)
	}
	return []result{{w, repeat(value{taint: fromNowhere, why: "what the handlers behind say at " + m.at(c.Expr) + " is not followed"}, m.results(c.Expr))}}
}

// contextHelper returns the functions that a call of a helper may run which is given a
// router's context: they are run, since it is up to them whether they hand it on.
func (m *machine) contextHelper(c *flow.Call) []*flow.Func {
	if c.Callee == nil || passesRequest(c) || !passesContext(c) {
		return nil
	}
	return m.bodies(c)
}
