package analyze

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Routers of other libraries that speak net/http: what stands in front of a handler
// there is the middleware of its group, of the groups around that, and what stands in
// front of the router.

// A router is what the names of one library mean. Middleware that it is given counts
// for every route of the group, whatever the order: such libraries refuse another one.
type router struct {
	path   string   // import path, without a version
	makers []string // functions that make a router
	use    []string // methods that give a group middleware
	with   []string // methods that return a group of its own with middleware
	group  []string // methods that call a function with a group of its own, or return it
	mount  []string // methods that take a handler
	plain  string   // package of middleware that never asks who is calling
}

var routers = []router{
	{
		path: "github.com/go-chi/chi", makers: []string{"NewRouter", "NewMux"}, use: []string{"Use"}, with: []string{"With"},
		group: []string{"Group", "Route"}, plain: "middleware",
		mount: []string{"Mount", "Handle", "HandleFunc", "Method", "MethodFunc", "Get", "Post", "Put", "Patch", "Delete", "Head", "Options", "Connect", "Trace"},
	},
	{
		path: "github.com/gorilla/mux", makers: []string{"NewRouter"}, use: []string{"Use"}, mount: []string{"Handle", "HandleFunc"},
	},
}

// routerOf returns the library that a function belongs to; nil for others.
func routerOf(f *types.Func) *router {
	if f == nil || f.Pkg() == nil {
		return nil
	}
	for i, r := range routers {
		if rest, ok := strings.CutPrefix(f.Pkg().Path(), r.path); ok && (rest == "" || strings.HasPrefix(rest, "/v") && !strings.Contains(rest[1:], "/")) {
			return &routers[i]
		}
	}
	return nil
}

func (r *router) is(f *types.Func, names []string) bool {
	return r != nil && slices.Contains(names, f.Name())
}

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

func (a *analysis) placeOf(o flow.Origin, depth int) ([]place, bool) {
	if depth > 8 || o.Rest != nil {
		return nil, false
	}
	var parent *flow.Call
	switch r := routerOf(o.Callee); {
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
		if last := c.Expr.Args[len(c.Expr.Args)-1]; ast.Unparen(last) == ast.Expr(fn.Lit) {
			return c
		}
	}
	return nil
}

// A used is middleware that a group was given.
type used struct {
	expr ast.Expr
	call *flow.Call
	sure bool // whenever there is the group
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
	}
}

func (a *analysis) usedBy(group ast.Expr, c *flow.Call, sure bool) {
	for _, arg := range c.Expr.Args {
		a.uses[group] = append(a.uses[group], used{arg, c, sure && !c.Expr.Ellipsis.IsValid()})
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
		if x, ok := s.(*ast.ExprStmt); ok && x.X == ast.Expr(c.Expr) {
			return true
		}
	}
	return false
}

// routed returns what stands in front of a handler that call c gives to a router, and
// the router; ok is false for other calls.
func (a *analysis) routed(c *flow.Call) (fronts []chain, muxes []ast.Expr, ok bool) {
	r := routerOf(c.Callee)
	if r == nil && c.Iface && (c.Callee.Name() == "Handle" || c.Callee.Name() == "HandleFunc") {
		muxes, ok = a.onlyMuxes(a.flow.Receiver(c, a.flow.Root(c.In)))
		return []chain{nil}, muxes, ok
	}
	if r == nil || !r.is(c.Callee, r.mount) || c.Recv() == nil {
		return nil, nil, false
	}
	list, ok := a.placesOf(c.Recv(), a.flow.Root(c.In), 0)
	for _, p := range list {
		chains := []chain{nil}
		for _, g := range p.groups {
			for _, u := range slices.Backward(a.uses[g]) {
				chains = a.around(chains, u, r)
			}
		}
		fronts, muxes = append(fronts, chains...), append(muxes, p.mux)
	}
	return fronts, muxes, ok
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
