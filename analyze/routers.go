package analyze

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Routers of other libraries: what stands in front of a handler there is the middleware
// that its route is given, that of its group, of the groups around that, and what stands
// in front of the router.

// A place is a group of a router: the router, and the groups from the innermost out.
type place struct {
	mux    ast.Expr
	groups []ast.Expr // by the calls that make them; the router's own is the last
}

// placesOf returns the groups that an expression may be; ok is false when that can't
// be told.
func (a *analysis) placesOf(e ast.Expr, f *flow.Frame, depth int) (list []place, ok bool) {
	origins := a.flow.Origins(e, f)
	for _, o := range origins {
		p, ok := a.placeOf(o, depth)
		if !ok {
			return nil, false
		}
		list = append(list, p...)
	}
	return list, len(list) > 0
}

const maxGroups = 16 // calls on a router, one on the result of the other

// embedsGroup reports whether what is taken of a router is the group that it embeds.
func embedsGroup(o flow.Origin) bool {
	r := routerOf(o.Callee)
	return r != nil && r.is(o.Callee, r.makers) && o.Rest.Tail() == nil && o.Rest.Step().Field != nil && o.Rest.Step().Field.Embedded()
}

func (a *analysis) placeOf(o flow.Origin, depth int) ([]place, bool) {
	if depth > maxGroups || o.Rest != nil && !embedsGroup(o) {
		return nil, false
	}
	var parent *flow.Call
	switch r := routerOf(o.Callee); {
	case o.Kind == flow.Result && r != nil && r.is(o.Callee, r.same) && o.Call.Recv() != nil:
		return a.placesOf(o.Call.Recv(), o.Frame, depth+1)
	case o.Kind == flow.Result && r != nil && o.Callee.Signature().Recv() == nil && r.is(o.Callee, r.makers):
		return []place{{o.Expr, []ast.Expr{o.Expr}}}, true
	case o.Kind == flow.Result && r != nil && (r.is(o.Callee, r.with) || r.is(o.Callee, r.group)):
		parent = o.Call
	case o.Kind == flow.Unknown && o.Var != nil && o.Frame != nil:
		parent = a.groupCall(o.Frame.Fn, o.Var)
	}
	if parent == nil || parent.Recv() == nil {
		return nil, false
	}
	list, ok := a.placesOf(parent.Recv(), a.flow.Root(parent.In), depth+1)
	for i, p := range list {
		list[i] = place{p.mux, append([]ast.Expr{parent.Expr}, p.groups...)}
	}
	return list, ok
}

// groupCall returns the call that runs fn with a group of its own as parameter v.
func (a *analysis) groupCall(fn *flow.Func, v *types.Var) *flow.Call {
	if fn.Lit == nil || fn.Sig.Params().Len() != 1 || fn.Sig.Params().At(0) != v {
		return nil
	}
	for _, c := range a.flow.Calls {
		if r := routerOf(c.Callee); r == nil || !r.is(c.Callee, r.group) {
			continue
		}
		if last := c.Expr.Args; len(last) > 0 && ast.Unparen(last[len(last)-1]) == ast.Expr(fn.Lit) {
			return c
		}
	}
	return nil
}

// A used is middleware that a group was given.
type used struct {
	expr  ast.Expr
	call  *flow.Call
	sure  bool   // whenever there is the group
	late  bool   // it counts for what the group had before, too
	below string // the path that it is for; "" for any
}

// findUses finds the middleware of all groups.
func (a *analysis) findUses() {
	for _, c := range a.flow.Calls {
		r := routerOf(c.Callee)
		if r == nil || !a.mine(c.In) || c.Recv() == nil {
			continue
		}
		switch {
		case r.is(c.Callee, r.with):
			a.usedBy(c.Expr, c, true)
		case r.is(c.Callee, r.use):
			list, ok := a.placesOf(c.Recv(), a.flow.Root(c.In), 0)
			if !ok {
				continue // it guards less than it looks, never more
			}
			for _, p := range list {
				a.usedBy(p.groups[0], c, len(list) == 1 && a.always(c, p.groups[0]))
			}
		}
		a.findSubRouters(c, r)
	}
}

// usedBy notes the middleware that a call gives a group. Where it names paths, it is for
// those only.
func (a *analysis) usedBy(group ast.Expr, c *flow.Call, sure bool) {
	r := routerOf(c.Callee)
	u := used{call: c, sure: sure && !c.Expr.Ellipsis.IsValid(), late: slices.Contains(r.late, receiverName(c.Callee))}
	for i, arg := range c.Expr.Args {
		switch t := orInvalid(c.In.Pkg.Info.TypeOf(arg)).Underlying().(type) {
		case *types.Basic:
			if i == 0 && !r.is(c.Callee, r.with) {
				u.below = a.pathBelow(arg, c)
			}
			continue
		case *types.Slice:
			u.sure = u.sure && !isBasic(t.Elem())
		}
		u.expr = arg
		a.uses[group] = append(a.uses[group], u)
	}
}

// pathBelow is the path that middleware is for; "" is any, "?" what can't be told.
func (a *analysis) pathBelow(arg ast.Expr, c *flow.Call) string {
	path := strings.TrimSuffix(a.constant(arg, a.flow.Root(c.In)), "/")
	if v := c.In.Pkg.Info.Types[arg].Value; path == "" && (v == nil || len(constText(v)) > 1) || strings.ContainsAny(path, ":*+?<\\") {
		return "?"
	}
	return path
}

// findSubRouters finds routers that are given to another one by a method of which it is
// not known what then stands in front of them.
func (a *analysis) findSubRouters(c *flow.Call, r *router) {
	for _, arg := range c.Expr.Args {
		n := named(orInvalid(c.In.Pkg.Info.TypeOf(arg)))
		if n == nil || n.Obj().Pkg() == nil || routerAt(n.Obj().Pkg().Path()) != r || servesHTTP(n) {
			continue
		}
		list, _ := a.placesOf(arg, a.flow.Root(c.In), 0)
		for _, p := range list {
			l := &layer{kind: GuardNone, verdict: Unknown,
				reason: "its router is given to another one at " + a.where(c.In, c.Expr.Pos()) + ", and what stands in front of it there is not followed"}
			a.ways[p.mux] = append(a.ways[p.mux], way{chain: l})
		}
	}
}

// always reports whether a call is surely run for a group: it is a statement of the
// function that makes the group, or that the group is given to, and not of a branch.
func (a *analysis) always(c *flow.Call, group ast.Expr) bool {
	made := a.flow.CallOf(group.(*ast.CallExpr))
	if made == nil || c.In.Body == nil {
		return false
	}
	if made.In != c.In && (c.In.Lit == nil || made.In != c.In.Outer || !slices.Contains(made.Expr.Args, ast.Expr(c.In.Lit))) {
		return false
	}
	for _, s := range c.In.Body.List {
		if x, ok := s.(*ast.ExprStmt); ok && beginsWith(x.X, c.Expr) {
			return !leavesEarly(c.In, s)
		}
	}
	return false
}

// beginsWith reports whether an expression is a call, or one on what that gives.
func beginsWith(e ast.Expr, call *ast.CallExpr) bool {
	for {
		x, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok || x == call {
			return ok
		}
		sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
		if !ok {
			return false
		}
		e = sel.X
	}
}

// routed returns what stands in front of a handler that call c gives to a router as
// argument i, and the router; ok is false for other calls.
func (a *analysis) routed(c *flow.Call, i int) (fronts []chain, muxes []ast.Expr, ok bool) {
	r := routerOf(c.Callee)
	if r == nil && c.Iface && (c.Callee.Name() == "Handle" || c.Callee.Name() == "HandleFunc") {
		muxes, ok = a.onlyMuxes(a.flow.Receiver(c, a.flow.Root(c.In)))
		return []chain{nil}, muxes, ok
	}
	if r == nil || c.Recv() == nil || !r.is(c.Callee, r.mount) && !(r.listed && r.is(c.Callee, r.use)) {
		return nil, nil, false
	}
	list, ok := a.placesOf(c.Recv(), a.flow.Root(c.In), 0)
	for _, p := range list {
		chains := []chain{nil}
		for _, u := range slices.Backward(beside(r, c, i)) {
			chains = a.around(chains, u, r)
		}
		fronts, muxes = append(fronts, a.throughGroups(chains, p, c, r)...), append(muxes, p.mux)
	}
	return fronts, muxes, ok
}

// beside is the middleware that a call gives a route besides handler i, outermost first.
func beside(r *router, c *flow.Call, i int) (list []used) {
	args := c.Expr.Args[i+1:]
	if r.listed {
		args = c.Expr.Args[:i]
	}
	for _, arg := range args {
		if _, basic := orInvalid(c.In.Pkg.Info.TypeOf(arg)).Underlying().(*types.Basic); !basic {
			list = append(list, used{expr: arg, call: c, sure: !c.Expr.Ellipsis.IsValid()})
		}
	}
	return list
}

// throughGroups puts the middleware of a place's groups around each chain.
func (a *analysis) throughGroups(chains []chain, p place, c *flow.Call, r *router) []chain {
	moment := c
	for _, g := range p.groups {
		for _, u := range slices.Backward(a.uses[g]) {
			switch a.orderOf(u, g, moment) {
			case behind:
				continue
			case perhaps:
				u.sure = false
			case inFrontOf:
				u.sure = true
			}
			chains = a.around(chains, u, r)
		}
		if made := a.flow.CallOf(g.(*ast.CallExpr)); made != nil {
			moment = made
		}
	}
	return chains
}

// onlyMuxes returns the muxes that a value of an interface of the program's own is; ok
// is false when it may be anything else.
func (a *analysis) onlyMuxes(origins []flow.Origin) (list []ast.Expr, ok bool) {
	for _, o := range origins {
		e := a.book.lookup(o.Callee)
		if o.Kind != flow.Result || e == nil || e.sym.Role != roleMux {
			return nil, false
		}
		list = append(list, o.Expr)
	}
	return list, len(list) > 0
}

// onRouter adds the routes of a handler that a router is given.
func (a *analysis) onRouter(c *flow.Call, handler ast.Expr, fronts []chain, muxes []ast.Expr) {
	r := Route{Kind: RouteOther, Site: a.site(sdk.RoleMount, c.In, c.Expr), Handler: handler, Pattern: a.pathArg(c)}
	for _, at := range a.arrivals(handler, a.flow.Root(c.In), nil) {
		if at.mux != nil {
			for _, m := range muxes {
				for _, front := range fronts {
					a.ways[at.mux] = append(a.ways[at.mux], way{chain: join(at.chain, front), parent: m})
				}
			}
			continue
		}
		a.mount(muxes, at.transport)
		a.later = append(a.later, func() {
			r.Addr = a.addrOf(muxes)
			for _, front := range fronts {
				a.route(at.transport, r, a.outside(join(at.chain, front), muxes)...)
			}
		})
	}
}
