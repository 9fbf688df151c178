package analyze

import (
	"go/ast"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Middleware of routers of other libraries, as layers in front of what is mounted.

// around puts middleware around each chain; where it may be one of several, each
// gives a chain of its own.
func (a *analysis) around(inner []chain, u used, r *router) []chain {
	var out []chain
	origins := a.flow.Origins(u.expr, a.flow.Root(u.call.In))
	for _, o := range origins {
		for _, l := range a.middleware(o, r) {
			if l != nil && !u.sure && l.verdict == Protected {
				l.verdict = Unknown
				l.reason = quoteName(l.name) + " is not surely among the middleware that is given at " + a.where(u.call.In, u.call.Expr.Pos())
			}
			for _, c := range inner {
				out = append(out, join(c, l))
			}
		}
	}
	if len(origins) == 0 || len(out) > 64 {
		return a.aroundUnknown(inner, u)
	}
	return out
}

func (a *analysis) aroundUnknown(inner []chain, u used) []chain {
	var out []chain
	l := a.foreignMiddleware("middleware", u.call.In, u.expr)
	for _, c := range inner {
		out = append(out, join(c, l))
	}
	return out
}

// middleware returns the layers that middleware of a router may put around a handler; nil
// stands for none.
func (a *analysis) middleware(o flow.Origin, r *router) []chain {
	switch {
	case a.isGuardFactory(o):
		return []chain{a.factoryLayer(o, nil)}
	case o.Kind == flow.Nil, asksNobody(o.Callee):
		return []chain{nil}
	case a.bridged(o) != nil:
		var out []chain
		for _, m := range a.flow.Origins(a.bridged(o), o.Frame) {
			out = append(out, a.middleware(m, &router{})...)
		}
		if len(out) > 0 {
			return out
		}
	case r.listed && o.Kind == flow.Value && o.Fn != nil && o.Fn.Body != nil && isRouterFunc(o.Fn.Sig):
		return []chain{a.layerOf(o.Fn, nil, func(fn *flow.Func) *gate { return a.listedGate(fn, r) })}
	case r.listed && a.wrapsHandler(o):
		return []chain{nil} // what it refuses, the next handler answers all the same
	case !r.listed && o.Kind == flow.Value && o.Fn != nil && o.Fn.Body != nil:
		return a.madeBy(a.flow.Returned(o.Fn, a.activation(o), 0), o)
	}
	if o.Expr == nil || o.Frame == nil {
		return []chain{{kind: GuardNone, verdict: Unknown, reason: "middleware in front of it is not followed"}}
	}
	return []chain{a.foreignMiddleware(a.source(o), o.Frame.Fn, o.Expr)}
}

// chained handles a handler that a list of middleware was put around; false for others.
func (w *walker) chained(o flow.Origin, c chain, depth int) bool {
	r := routerOf(o.Callee)
	if r == nil || r.chain == "" || receiverName(o.Callee) != r.chain || len(o.Call.Expr.Args) != 1 {
		return false
	}
	lists := w.a.flow.Receiver(o.Call, o.Frame)
	for _, list := range lists {
		if list.Kind != flow.Result || routerOf(list.Callee) != r || list.Call.Expr.Ellipsis.IsValid() {
			return false // w.foreign says so
		}
	}
	for _, list := range lists {
		now := []chain{c}
		for _, arg := range list.Call.Expr.Args {
			now = w.inside(now, w.a.around([]chain{nil}, used{expr: arg, call: list.Call, sure: true}, r))
		}
		for _, l := range now {
			w.expr(o.Call.Expr.Args[0], o.Frame, l, depth)
		}
	}
	return len(lists) > 0
}

// inside puts each layer, or none, inside of each chain.
func (w *walker) inside(chains, layers []chain) (out []chain) {
	for _, c := range chains {
		for _, l := range layers {
			out = append(out, join(l, c))
		}
	}
	return out
}

// bridged returns the middleware of net/http that a call makes a router's own; nil for
// what is no such call.
func (a *analysis) bridged(o flow.Origin) ast.Expr {
	if o.Kind != flow.Result || o.Callee == nil || len(o.Call.Expr.Args) != 1 {
		return nil
	}
	if name := middlewareBridges[unversioned(pkgPath(o.Callee))]; name == "" || name != o.Callee.Name() {
		return nil
	}
	return o.Call.Expr.Args[0]
}

// wrapsHandler reports whether a router's handler is one of net/http's that was wrapped.
func (a *analysis) wrapsHandler(o flow.Origin) bool {
	e := a.book.lookup(o.Callee)
	return o.Kind == flow.Result && e != nil && e.sym.Role == sdk.RoleWrap
}

func (a *analysis) foreignMiddleware(name string, fn *flow.Func, e ast.Expr) chain {
	return &layer{name: name, kind: GuardNone, verdict: Unknown,
		reason: "it passes through " + quoteName(name) + " at " + a.where(fn, e.Pos()) + ", which is not known to ask who is calling, nor not to"}
}

// madeBy returns the layers of the handlers that a middleware function returns.
func (a *analysis) madeBy(handlers []flow.Origin, of flow.Origin) []chain {
	var out []chain
	for _, h := range handlers {
		switch {
		case h.Kind == flow.Value && h.Fn != nil && h.Fn.Body != nil:
			out = append(out, a.ownLayer(h.Fn, nil))
		case h.Kind == flow.Unknown && h.Var != nil && h.Frame != nil && h.Frame.Fn == of.Fn && h.Rest == nil:
			out = append(out, nil) // the next handler itself
		default:
			out = append(out, a.foreignMiddleware(a.source(h), of.Fn, of.Fn.Type))
		}
	}
	if len(out) == 0 {
		out = append(out, a.foreignMiddleware(title(of.Fn), of.Fn, of.Fn.Type))
	}
	return out
}
