package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: statements.

// Bounds of one run; what exceeds them is not understood.
const (
	maxWorlds  = 400   // paths followed at once
	maxTurns   = 40000 // statements and expressions run, and paths compared
	maxInside  = 5     // calls entered one inside the other
	maxDeep    = 3     // structs one in the other
	maxRounds  = 16    // of a loop
	freeRounds = 3     // of them, before what they change is forgotten
)

type machine struct {
	a       *analysis
	fn      *flow.Func // that runs now
	top     *flow.Func
	stack   []*flow.Func
	entered []*flow.Func           // all that ran, with top
	handed  []*world               // paths that end at the next handler
	seen    map[*ast.CallExpr]bool // calls that were run
	written map[types.Object]bool  // what requests write, outside of the body's own
	turns   int
	wide    bool
	goesOn  bool                      // the handler behind follows when it ends
	issued  bool                      // an issuer's word is what proves
	equates bool                      // it compares one, as it is, with something of the program
	weighs  bool                      // it holds a credential against something of the program
	stops   bool                      // some path ends without handing on
	scopes  map[ast.Node][]*types.Var // memo of declaredIn
	coarse  bool                      // paths are not told apart by what was held against something before; see gate
	lean    bool                      // what the body calls in the module is not entered; see leanOpen
	lost    string                    // a statement that can't be run
}

// A result is one way in which an expression has values.
type result struct {
	w    *world
	vals []value
}

func (r result) one() value {
	if len(r.vals) == 0 {
		return value{}
	}
	return r.vals[0]
}

// An exit is a path that leaves a body: by return, or at its end.
type exit struct {
	w    *world
	vals []value
}

// flows are the paths that leave a statement.
type flows struct {
	next   []*world
	exits  []exit
	breaks []*world
	again  []*world // continue
}

func newMachine(a *analysis, fn *flow.Func) *machine {
	m := &machine{a: a, fn: fn, top: fn, stack: []*flow.Func{fn}, entered: []*flow.Func{fn}, seen: map[*ast.CallExpr]bool{}, written: map[types.Object]bool{}, scopes: map[ast.Node][]*types.Var{}}
	m.writes(fn)
	return m
}

// run runs the body for any request.
func (m *machine) run() {
	w := &world{}
	for i := range m.fn.Sig.Params().Len() {
		w = w.set(m.fn.Sig.Params().At(i), paramValue(m.fn.Sig.Params().At(i)))
	}
	f := m.block(m.fn.Body.List, []*world{w})
	for _, e := range f.exits {
		f.next = append(f.next, e.w)
	}
	m.goOn(f.next)
	m.stops = m.stops || slices.ContainsFunc(f.next, func(w *world) bool { return !w.handed })
}

// paramValue is what a handler's parameter holds.
func paramValue(v *types.Var) value {
	switch {
	case isNetHTTP(v.Type(), "Request"), contextOf(v.Type()) != nil:
		return value{taint: fromRequest, made: true}
	case isContext(v.Type()):
		return value{taint: fromContext, made: true}
	case isNetHTTP(v.Type(), "ResponseWriter"):
		return value{made: true}
	case servesHTTP(v.Type()):
		return value{}
	}
	return value{taint: fromNowhere, why: "what it is called with is not known"}
}

func isContext(t types.Type) bool {
	n := named(t)
	return n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context" && n.Obj().Name() == "Context"
}

// missed says why the run does not count: a call that hands on was never run.
func (m *machine) missed() string {
	if m.wide {
		return "its body has too many paths to follow"
	}
	if m.lost != "" {
		return m.lost
	}
	for _, fn := range m.entered {
		for _, c := range allCalls(fn) {
			if !m.seen[c.Expr] && (m.a.isHandOver(c) || fn == m.top && m.a.helperHands(c)) && !ofHandler(c.In, fn) {
				return "how the request gets to " + m.a.where(c.In, c.Expr.Pos()) + " is not followed"
			}
		}
	}
	return ""
}

// ofHandler reports whether a call stands in a handler inside of the body, which is
// looked at by itself.
func ofHandler(in, body *flow.Func) bool {
	for ; in != nil && in != body; in = in.Outer {
		if handlesRequests(in.Sig) {
			return true
		}
	}
	return false
}

// spent counts a turn, and reports whether there are none left.
func (m *machine) spent() bool {
	if m.turns++; m.turns > maxTurns {
		m.wide = true
	}
	return m.wide
}

func (m *machine) info() *types.Info { return m.fn.Pkg.Info }

func (m *machine) at(n ast.Node) string { return m.a.where(m.fn, n.Pos()) }
