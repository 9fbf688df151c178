package analyze

import (
	"go/ast"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
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

// middleware returns the layers that a func(http.Handler) http.Handler may put around
// a handler; nil stands for none.
func (a *analysis) middleware(o flow.Origin, r *router) []chain {
	switch {
	case a.isGuardFactory(o):
		return []chain{a.factoryLayer(o, nil)}
	case o.Kind == flow.Nil:
		return []chain{nil}
	case o.Kind == flow.Value && o.Fn != nil && o.Fn.Body != nil:
		return a.madeBy(a.flow.Returned(o.Fn, a.activation(o), 0), o)
	case o.Callee != nil && o.Callee.Pkg() != nil && r.plain != "" && o.Callee.Pkg().Name() == r.plain &&
		strings.HasPrefix(o.Callee.Pkg().Path(), r.path) && o.Callee.Name() != "BasicAuth":
		return []chain{nil}
	case o.Expr == nil || o.Frame == nil:
		return []chain{{kind: GuardNone, verdict: Unknown, reason: "middleware in front of it is not followed"}}
	}
	return []chain{a.foreignMiddleware(a.source(o), o.Frame.Fn, o.Expr)}
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
