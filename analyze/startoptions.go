package analyze

import (
	"go/ast"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What the options of a transport put in front of its own Start. The last option
// that sets the http.Server wins, so that an option of ours counts only where it
// is surely given, and nothing behind it can take it away.

// A front is one way in which a transport's Start may come to serve.
type front struct {
	guard chain // nil: no guard
	own   bool  // on an http.Server of the user's own
}

// fronts returns the ways in which the options of the call that made a transport
// make it serve.
func (a *analysis) fronts(made *flow.Call, maker *entry) []front {
	list := []front{{}}
	args, sure := a.optionArgs(made, maker.sym)
	for _, arg := range args {
		list = a.applied(list, a.flow.Origins(arg, a.flow.Root(made.In)))
	}
	switch {
	case sure:
	case a.surelyOwn(made):
		return []front{{own: true}}
	default:
		list = a.maybe(list, made, maker)
	}
	return list
}

// surelyOwn reports whether options that are put together under conditions surely give
// an http.Server of the user's own: the list that they begin with has it, and nothing
// that is appended sets another one.
func (a *analysis) surelyOwn(made *flow.Call) bool {
	args := made.Expr.Args
	return made.Expr.Ellipsis.IsValid() && a.beginsOwn(args[len(args)-1], a.flow.Root(made.In), map[ast.Expr]bool{})
}

func (a *analysis) beginsOwn(e ast.Expr, f *flow.Frame, seen map[ast.Expr]bool) bool {
	built := a.flow.Each(e, f)
	for _, b := range built {
		if seen[b] {
			continue
		}
		seen[b] = true
		switch x := b.(type) {
		case *ast.CompositeLit:
			if !a.lastOwn(false, x.Elts, f) {
				return false
			}
		case *ast.CallExpr:
			c := a.flow.CallOf(x)
			if c == nil || c.Builtin != "append" || x.Ellipsis.IsValid() || !a.beginsOwn(x.Args[0], f, seen) || !a.lastOwn(true, x.Args[1:], f) {
				return false
			}
		default:
			return false
		}
	}
	return len(built) > 0
}

// lastOwn reports whether after a list of options the http.Server is the user's own.
func (a *analysis) lastOwn(own bool, options []ast.Expr, f *flow.Frame) bool {
	for _, opt := range options {
		own = a.givesServer(opt, f) || own && a.setsElse(opt, f)
	}
	return own
}

// givesServer reports whether an option surely gives an http.Server of the user's own.
func (a *analysis) givesServer(e ast.Expr, f *flow.Frame) bool {
	return a.everyOption(e, f, func(e *entry) bool { return e != nil && e.sym.Effect == sdk.EffectHTTPServer })
}

// setsElse reports whether an option is surely one of the SDK's that sets something else.
func (a *analysis) setsElse(e ast.Expr, f *flow.Frame) bool {
	return a.everyOption(e, f, func(e *entry) bool { return e == nil || e.sym.Effect != effectGuard })
}

// everyOption reports whether an option is the result of functions of SDKs that all are ok.
func (a *analysis) everyOption(e ast.Expr, f *flow.Frame, ok func(*entry) bool) bool {
	list := a.flow.Origins(e, f)
	for _, o := range list {
		known := a.book.lookup(o.Callee)
		if o.Kind != flow.Result || o.Callee == nil || o.Callee.Pkg() == nil || !a.ofSDK(o.Callee.Pkg().Path()) && (known == nil || known.sym.Effect != effectGuard) {
			return false
		}
		if !ok(known) {
			return false
		}
	}
	return len(list) > 0
}

// optionArgs returns the options of a call one by one; sure is false when there
// may be others before them.
func (a *analysis) optionArgs(c *flow.Call, sym sdk.Symbol) (args []ast.Expr, sure bool) {
	list := c.Expr.Args
	if sym.Options == sdk.None || len(list) < int(sym.Options) {
		return nil, true
	}
	if !c.Expr.Ellipsis.IsValid() {
		return list[sym.Options-1:], true
	}
	return a.elements(list[len(list)-1], a.flow.Root(c.In), 0)
}

// elements returns the elements of a slice in order, as far back as it is known
// how it was built: from a literal, by appending.
func (a *analysis) elements(e ast.Expr, f *flow.Frame, depth int) (list []ast.Expr, sure bool) {
	e = a.flow.Only(e, f)
	switch x := e.(type) {
	case *ast.CompositeLit:
		for _, elt := range x.Elts {
			if _, keyed := elt.(*ast.KeyValueExpr); keyed {
				return nil, false
			}
		}
		return x.Elts, true
	case *ast.CallExpr:
		c := a.flow.CallOf(x)
		if c == nil || c.Builtin != "append" || x.Ellipsis.IsValid() || len(x.Args) == 0 || depth > 20 {
			return nil, false
		}
		list, sure = a.elements(x.Args[0], f, depth+1)
		return append(list[:len(list):len(list)], x.Args[1:]...), sure
	}
	return nil, false
}

// applied returns the ways after one option, which may be any of the origins.
func (a *analysis) applied(list []front, origins []flow.Origin) []front {
	if len(origins) == 0 {
		return a.spoiled(list, "an option whose origin was not found")
	}
	var out []front
	for _, o := range origins {
		out = append(out, a.appliedOne(list, o)...)
	}
	return out
}

func (a *analysis) appliedOne(list []front, o flow.Origin) []front {
	e := a.book.lookup(o.Callee)
	switch {
	case o.Kind == flow.Result && e != nil && e.sym.Effect == effectGuard:
		return []front{{guard: a.oursLayer(e, o.Call, o.Frame, nil)}}
	case o.Kind == flow.Result && e != nil && e.sym.Effect == sdk.EffectHTTPServer:
		return []front{{own: true}}
	case o.Kind == flow.Nil, o.Kind == flow.Result && o.Callee != nil && o.Callee.Pkg() != nil && a.ofSDK(o.Callee.Pkg().Path()):
		return list // an option of the SDK's that sets something else
	}
	return a.spoiled(list, a.source(o))
}

// maybe adds what options may have done that are not known one by one.
func (a *analysis) maybe(list []front, made *flow.Call, maker *entry) []front {
	guard, own := false, false
	for _, opt := range a.options(made, maker.sym, a.flow.Root(made.In)) {
		guard = guard || opt.entry.sym.Effect == effectGuard
		own = own || opt.entry.sym.Effect == sdk.EffectHTTPServer
	}
	var out []front
	for _, f := range list {
		open := f.guard == nil && !f.own
		if open && guard {
			f.guard = &layer{name: OurGuard, kind: GuardNone, verdict: Unknown,
				reason: "whether the guard's option is always among those given at " + a.where(made.In, made.Expr.Pos()) + " could not be told"}
		}
		out = append(out, f)
		if open && own {
			out = append(out, front{own: true})
		}
	}
	return out
}

// spoiled returns the ways after something that may have replaced the
// http.Server: what guarded it may not any more.
func (a *analysis) spoiled(list []front, what string) []front {
	var out []front
	for _, f := range list {
		if f.guard != nil {
			f.guard = &layer{name: f.guard.name, kind: GuardNone, verdict: Unknown,
				reason: quoteName(what) + ", given after the guard's option, may take the guard away"}
		}
		out = append(out, f)
	}
	return out
}

// findLate finds options that are applied to a transport after it was made.
func (a *analysis) findLate() {
	for _, c := range a.flow.Calls {
		if !a.mine(c.In) || !c.Dynamic() || len(c.Expr.Args) != 1 {
			continue
		}
		arg := c.Expr.Args[0]
		if e := a.book.typeOf(orInvalid(c.In.Pkg.Info.TypeOf(arg))); e == nil || e.typ.Role != sdk.RoleTransport {
			continue
		}
		for _, o := range a.flow.Origins(arg, a.flow.Root(c.In)) {
			for _, t := range a.madeAt(o) {
				a.late[t] = "an option that is applied at " + a.where(c.In, c.Expr.Pos())
			}
		}
	}
}
