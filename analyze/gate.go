package analyze

import (
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What a handler of the user's own demands of a request before it hands it on. Its
// body is run on symbols, every path through it: a path that ends at the next handler
// has verified a credential, or is open to a stranger, or hangs on something that is
// not understood. One open path makes the handler open, and one that is not
// understood is enough for the handler not to count as a guard.

// A gate is what was found out about one body.
type gate struct {
	proved    bool   // some path verified a credential
	open      bool   // some path is open to a stranger
	demands   bool   // each open path asks for a credential to be there, and takes any
	unset     string // the setting that decides, on some open path, before a credential is held against anything
	exempt    string // the configuration that opens a path of one that verifies others
	doubt     string // why a path is not understood; "" when all are
	issued    bool   // what verifies is a token's issuer, or its key
	compares  bool   // it compares a credential with what the program holds
	preflight bool   // it hands on OPTIONS requests of strangers, which are no messages of MCP
	handed    bool   // it hands requests on at all
	stops     bool   // some callers are not handed on
}

// shut reports whether nobody gets past the gate without a credential that was verified.
func (g *gate) shut() bool { return g.handed && g.proved && !g.open && g.doubt == "" }

// gateOf runs a handler's body on symbols, once.
func (a *analysis) gateOf(fn *flow.Func) *gate {
	if g := a.gates[fn]; g != nil {
		return g
	}
	a.gates[fn] = &gate{demands: true}
	a.gates[fn] = newMachine(a, fn).gate()
	return a.gates[fn]
}

// gate runs the body, and tells what that comes to.
func (m *machine) gate() *gate {
	g := &gate{demands: true}
	if m.run(); m.wide { // once more, with fewer paths: then no setting is found to decide first
		again := newMachine(m.a, m.top)
		again.goesOn, again.coarse = m.goesOn, true
		again.run()
		m = again
	}
	for _, w := range m.handed {
		g.add(w)
	}
	if why := m.missed(); why != "" {
		g.handed, g.doubt = true, why
	}
	if m.wide && !g.open {
		m.leanOpen(g)
	}
	switch why := m.unplain(); {
	case why != "" && (g.shut() || g.open && m.weighs):
		g.open, g.doubt = false, why
	case g.open && m.weighs && !g.proved && g.unset == "":
		g.open, g.doubt = false, "how it holds the credential against what the program knows is not followed"
	}
	g.demands, g.issued, g.compares = g.demands && g.open, m.issued, m.equates
	g.stops = m.stops
	return g
}

// add counts one path that ends at the next handler.
func (g *gate) add(w *world) {
	g.handed = true
	switch {
	case w.harmless && !w.proved:
		g.preflight = true
	case w.proved:
		g.proved = true
	case w.doubt != "":
		if g.doubt == "" {
			g.doubt = w.doubt
		}
	default:
		g.open = true
		if g.unset == "" && !w.weighed && !w.demands {
			g.unset = w.unset
		}
		g.demands = g.demands && w.demands
		if g.exempt == "" {
			g.exempt = w.exempt
		}
	}
}

// handsOn reports whether fn, or what it calls in the module, hands a request to
// another handler.
func (a *analysis) handsOn(fn *flow.Func) bool {
	if known, ok := a.hands[fn]; ok {
		return known
	}
	a.hands[fn] = false // a cycle ends here
	found := false
	for _, c := range allCalls(fn) {
		if found = a.isHandOver(c) || a.helperHands(c); found {
			break
		}
	}
	a.hands[fn] = found
	return found
}

// helperHands reports whether a call runs a function of the module that hands on a request.
func (a *analysis) helperHands(c *flow.Call) bool {
	if c.Callee == nil || c.Iface || a.book.known(c.Callee) {
		return false
	}
	callee := a.flow.FuncOf(c.Callee)
	return callee != nil && callee.Body != nil && takesRequest(callee.Sig) && a.handsOn(callee)
}

// isHandOver reports whether a call hands a request to a handler: by ServeHTTP, or by
// calling a handler function that is a value.
func (a *analysis) isHandOver(c *flow.Call) bool {
	if runsNext(c) || runsHandler(c) {
		return true
	}
	if !passesRequest(c) {
		return false
	}
	return c.Dynamic() || c.Callee != nil && (c.Callee.Name() == "ServeHTTP" || a.isHandlerOf(c.Callee))
}

// takesRequest reports whether a function has a request among its parameters, or the
// context of a router that stands for one.
func takesRequest(sig *types.Signature) bool {
	if sig == nil {
		return false
	}
	for i := range sig.Params().Len() {
		if t := sig.Params().At(i).Type(); isNetHTTP(t, "Request") || contextOf(t) != nil {
			return true
		}
	}
	return false
}
