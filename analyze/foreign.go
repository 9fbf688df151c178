package analyze

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// findForeign finds handlers that are handed to a router or server of another library.
func (a *analysis) findForeign() {
	for _, c := range a.flow.Calls {
		if a.mine(c.In) && mayGiveHandler(c) && a.leaves(c) {
			a.handedOut(c)
		}
		if a.mine(c.In) && a.goesOut(c) {
			a.carriedOut(c)
		}
	}
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		t := named(fn.Pkg.Info.TypeOf(lit))
		if !a.mine(fn) || t == nil || t.Obj().Pkg() == nil || a.inModule(t.Obj().Pkg()) || isServer(t) {
			return
		}
		p := &parcel{a: a, fn: fn, node: lit, to: typeName(t)}
		p.literal(flow.Origin{Kind: flow.Literal, Expr: lit, Frame: a.flow.Root(fn)}, 0)
	})
	a.flow.Stores(func(fn *flow.Func, s *ast.AssignStmt, sel *ast.SelectorExpr, val ast.Expr) {
		v, ok := fn.Pkg.Info.ObjectOf(sel.Sel).(*types.Var)
		if !ok || !a.mine(fn) || v.Pkg() == nil || a.inModule(v.Pkg()) || isHandlerField(fn, sel) || isDefaultMux(fn, sel) {
			return
		}
		if servesHTTP(fn.Pkg.Info.TypeOf(val)) {
			a.handTo(fn, s, val, v.Pkg().Name()+"."+v.Name(), "")
			return
		}
		p := &parcel{a: a, fn: fn, node: val, to: v.Pkg().Name() + "." + v.Name()}
		p.expr(val)
	})
	for _, add := range a.later {
		add()
	}
}

func typeName(t *types.Named) string { return t.Obj().Pkg().Name() + "." + t.Obj().Name() }

func (a *analysis) inModule(p *types.Package) bool { return a.own[p] }

// mayGiveHandler reports whether the types of a call's arguments allow for a handler.
func mayGiveHandler(c *flow.Call) bool {
	return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool {
		t := c.In.Pkg.Info.TypeOf(arg)
		return servesHTTP(t) || isAny(t)
	})
}

// leaves reports whether a call goes to code outside of the module that keeps
// what it gets: it is not known, and gives no handler back.
func (a *analysis) leaves(c *flow.Call) bool {
	if c.Callee == nil || c.Callee.Pkg() == nil || a.book.known(c.Callee) || passesOn(c) {
		return false
	}
	if a.inModule(c.Callee.Pkg()) && !(c.Iface && a.flow.NoBody(c.Callee)) {
		return false
	}
	if printing[c.Callee.Pkg().Path()] || c.Callee.FullName() == "reflect.TypeOf" {
		return false
	}
	return !givesHandler(c.In.Pkg.Info.TypeOf(c.Expr)) && c.Callee.Name() != "Shutdown"
}

func (a *analysis) handedOut(c *flow.Call) {
	for i, arg := range c.Expr.Args {
		t := c.In.Pkg.Info.TypeOf(arg)
		if servesHTTP(t) || isAny(t) && a.holdsHandler(arg, a.flow.Root(c.In)) {
			if fronts, muxes, routed := a.routed(c, i); routed {
				a.onRouter(c, arg, fronts, muxes)
				continue
			}
			a.handTo(c.In, c.Expr, arg, funcName(c.Callee), a.pathArg(c))
		}
	}
}

// goesOut reports whether a call runs code outside of the module that is not known.
func (a *analysis) goesOut(c *flow.Call) bool {
	return c.Callee != nil && c.Callee.Pkg() != nil && !a.inModule(c.Callee.Pkg()) && !a.book.known(c.Callee)
}

// pathArg is the first argument of a call that is a path, as far as it is constant.
func (a *analysis) pathArg(c *flow.Call) string {
	for _, arg := range c.Expr.Args {
		b, ok := types.Default(orInvalid(c.In.Pkg.Info.TypeOf(arg))).Underlying().(*types.Basic)
		if !ok || b.Kind() != types.String {
			continue
		}
		if p := a.constant(arg, a.flow.Root(c.In)); strings.HasPrefix(p, "/") {
			return p
		}
	}
	return ""
}

func isAny(t types.Type) bool {
	if t == nil {
		return false
	}
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.Empty()
}

// holdsHandler reports whether a value of interface type any is a handler.
func (a *analysis) holdsHandler(e ast.Expr, f *flow.Frame) bool {
	for _, o := range a.flow.Origins(e, f) {
		if o.Expr != nil && o.Frame != nil && servesHTTP(o.Frame.Fn.Pkg.Info.TypeOf(o.Expr)) {
			return true
		}
	}
	return false
}

func orInvalid(t types.Type) types.Type {
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return t
}

// handTo adds the route of a handler that another library serves.
func (a *analysis) handTo(fn *flow.Func, node ast.Node, handler ast.Expr, to, pattern string) {
	reason := "it is handed to " + quoteName(to) + " at " + a.where(fn, node.Pos()) + ", and what stands in front of it there is not followed"
	r := Route{Kind: RouteOther, Site: a.site(sdk.RoleMount, fn, node), Handler: handler, Pattern: pattern}
	l := &layer{name: "", kind: GuardNone, verdict: Unknown, reason: reason}
	for _, at := range a.arrivals(handler, a.flow.Root(fn), nil) {
		if at.mux != nil {
			a.ways[at.mux] = append(a.ways[at.mux], way{chain: join(at.chain, l)})
			continue
		}
		a.route(at.transport, r, join(at.chain, l))
	}
}
