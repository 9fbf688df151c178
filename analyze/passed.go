package analyze

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// The safety net below the walk from listeners inwards: requests that reach a
// transport by code that no listener was seen to run. What runs there is not
// known, so a guard elsewhere must not make the transport look protected.

// findPassed finds calls that hand a request to a transport and were not followed.
func (a *analysis) findPassed() {
	for _, c := range a.flow.Calls {
		if a.passed[c] || !a.mine(c.In) {
			continue
		}
		handler := a.passedTo(c)
		if handler == nil {
			continue
		}
		a.unseen(c.In, c.Expr, handler)
	}
}

// passedTo returns the handler that a call hands a request to; nil for other calls.
func (a *analysis) passedTo(c *flow.Call) ast.Expr {
	switch {
	case c.Callee != nil && a.isHandlerOf(c.Callee) && !givesHandler(c.In.Pkg.Info.TypeOf(c.Expr)):
	case c.Callee != nil && c.Callee.Name() == "ServeHTTP" && passesRequest(c):
	case c.Dynamic() && passesOn(c):
		return c.Expr.Fun
	default:
		return nil
	}
	if recv := c.Recv(); recv != nil {
		return recv
	}
	if len(c.Expr.Args) > 0 {
		return c.Expr.Args[0]
	}
	return nil
}

// unseen adds a route of unknown protection for what handler leads to.
func (a *analysis) unseen(fn *flow.Func, node ast.Node, handler ast.Expr) {
	r := Route{Kind: RouteOther, Site: a.site(sdk.RoleMount, fn, node), Handler: handler}
	l := &layer{kind: GuardNone, verdict: Unknown,
		reason: "requests are handed to it at " + a.where(fn, node.Pos()) + " by code that is not followed"}
	for _, to := range a.arrivals(handler, a.flow.Root(fn), nil) {
		for _, t := range a.behind(to) {
			a.route(t, r, join(to.chain, l))
		}
	}
}

// behind returns the transports at an arrival: those of a mux are what is mounted on it.
func (a *analysis) behind(to arrival) []*Transport {
	if to.mux == nil {
		return []*Transport{to.transport}
	}
	return slices.Collect(maps.Keys(a.mounted[to.mux]))
}

// findPointers finds handlers whose address is taken: what they are replaced by,
// where they are not named, has no guard that would be known.
func (a *analysis) findPointers() {
	a.flow.Addresses(func(fn *flow.Func, x *ast.UnaryExpr) {
		t := fn.Pkg.Info.TypeOf(x.X)
		if t == nil || !a.mine(fn) || !types.IsInterface(t) || !servesHTTP(t) {
			return
		}
		r := Route{Kind: RouteOther, Site: a.site(sdk.RoleMount, fn, x), Handler: x.X}
		l := &layer{kind: GuardNone, verdict: Unknown,
			reason: "the address of a handler that leads to it is taken at " + a.where(fn, x.Pos()) + ", and what it is replaced by is not followed"}
		for _, to := range append(a.arrivals(x.X, a.flow.Root(fn), nil), a.stored(x.X, fn)...) {
			for _, t := range a.behind(to) {
				a.route(t, r, l)
			}
		}
	})
}

// stored returns what the http.Servers lead to whose field Handler e is.
func (a *analysis) stored(e ast.Expr, fn *flow.Func) []arrival {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || !isHandlerField(fn, sel) {
		return nil
	}
	v, _ := fn.Pkg.Info.ObjectOf(sel.Sel).(*types.Var)
	w := &walker{a: a, seen: map[walkKey]bool{}}
	w.all(a.flow.Field(sel.X, a.flow.Root(fn), v), nil, 0)
	return w.out
}
