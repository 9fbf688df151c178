package analyze

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

const (
	stdioReason     = "stdio: local process, credentials come from the environment"
	inProcessReason = "in-process: only this program can call it"
	messageReason   = "messages are handed to the server by code of the program's own, which is not followed"
	kindReason      = "what it is run on could not be told"
	byHandReason    = "the transport is connected by code of the program's own, which is not followed"
)

// made is one call that makes an HTTP transport. Where a helper makes it for
// several servers, each has a transport of its own.
type made struct {
	call played
	by   map[*Server]*Transport
}

// findTransports finds the calls that make an HTTP transport, and reads their options.
func (a *analysis) findTransports() {
	for _, c := range a.calls(sdk.RoleTransport) {
		if c.role.sym.Server == sdk.None || c.role.sym.Kind == sdk.KindStdio {
			continue
		}
		m := &made{call: c, by: map[*Server]*Transport{}}
		a.transports[c.Expr] = m
		path, funcs := a.endpoint(c), a.contextFuncs(c)
		for _, s := range a.served(c.Call, a.servedBy(c, a.flow.Root(c.In))) {
			t := &Transport{
				Kind: c.role.sym.Kind, New: a.site(sdk.RoleTransport, c.In, c.Expr),
				Server: a.arg(c.Call, c.role.sym.Server), Path: path, ContextFuncs: funcs,
			}
			m.by[s] = t
			a.give(s, t)
		}
	}
}

func (a *analysis) give(s *Server, t *Transport) {
	s.Transports = append(s.Transports, t)
	a.owner[t] = s
}

// madeAt returns the transports that an origin is; in the activation that it
// was made in, which tells the servers of a helper apart.
func (a *analysis) madeAt(o flow.Origin) []*Transport {
	m := a.transports[o.Expr]
	if m == nil {
		return nil
	}
	var list []*Transport
	servers, _ := a.serversOf(a.servedBy(m.call, o.Frame))
	for _, s := range servers {
		if t := m.by[s]; t != nil {
			list = append(list, t)
		}
	}
	if len(list) == 0 {
		list = slices.Collect(maps.Values(m.by))
	}
	slices.SortFunc(list, func(x, y *Transport) int { return strings.Compare(a.owner[x].ID, a.owner[y].ID) })
	return list
}

// contextFuncs returns the options that put things into the request context.
func (a *analysis) contextFuncs(c played) []sdk.Site {
	var list []sdk.Site
	for _, opt := range a.options(c.Call, c.role.sym, a.flow.Root(c.In)) {
		if opt.entry.sym.Effect == sdk.EffectContext {
			list = append(list, a.site(sdk.RoleOption, opt.call.In, opt.call.Expr))
		}
	}
	return list
}

// endpoint returns the path at which the SDK's own Start serves; "" when it is
// computed, or when the SDK has no Start.
func (a *analysis) endpoint(c played) string {
	path := map[sdk.Kind]string{sdk.KindStreamable: c.role.spec.StreamPath, sdk.KindSSE: c.role.spec.SSEPath}[c.role.sym.Kind]
	for _, opt := range a.options(c.Call, c.role.sym, a.flow.Root(c.In)) {
		switch opt.entry.sym.Effect {
		case sdk.EffectBasePath:
			return ""
		case sdk.EffectPath:
		default:
			continue
		}
		list, ok := a.flow.Strings(a.arg(opt.call, opt.entry.sym.Path), opt.frame)
		if !ok || len(list) != 1 {
			return ""
		}
		path = list[0]
	}
	return path
}

// servedBy returns where the server of a transport comes from: its argument, or
// what its argument returns where that is a function.
func (a *analysis) servedBy(c played, f *flow.Frame) []flow.Origin {
	return a.given(a.origins(c.Call, c.role.sym.Server, f), 0)
}

// given replaces each function among origins by what it returns, also one that a
// guard of ours checks.
func (a *analysis) given(origins []flow.Origin, depth int) []flow.Origin {
	var list []flow.Origin
	for _, o := range origins {
		switch e := a.book.lookup(o.Callee); {
		case o.Kind == flow.Value && o.Fn != nil:
			list = append(list, a.flow.Returned(o.Fn, a.activation(o), 0)...)
		case o.Kind == flow.Result && e != nil && e.ours && returnsFunc(o.Callee) && depth < maxLayers:
			list = append(list, a.given(a.origins(o.Call, e.sym.Server, o.Frame), depth+1)...)
		default:
			list = append(list, o)
		}
	}
	return list
}

// returnsFunc reports whether f returns one function.
func returnsFunc(f *types.Func) bool {
	r := f.Signature().Results()
	if r.Len() != 1 {
		return false
	}
	_, ok := r.At(0).Type().Underlying().(*types.Signature)
	return ok
}

// activation returns the frame in which a function value's body runs.
func (a *analysis) activation(o flow.Origin) *flow.Frame {
	switch {
	case o.Fn.Lit != nil:
		return a.flow.Closure(o.Fn, o.Frame)
	case o.Recv != nil:
		return a.flow.Method(o.Fn, o.Recv, o.Frame)
	}
	return a.flow.Root(o.Fn)
}

// served returns the servers that a call serves, and notes what else it may serve.
func (a *analysis) served(c *flow.Call, origins []flow.Origin) []*Server {
	list, others := a.serversOf(origins)
	if others != "" || len(list) == 0 {
		if others == "" {
			others = "a value that no code of the module gives"
		}
		a.note(c.In, c.Expr.Pos(), "serves a server whose construction was not found: "+others)
	}
	if e := a.book.lookup(c.Callee); len(list) == 0 && e != nil && e.spec != nil {
		list = a.onlyServer(c, e.spec)
	}
	return list
}

// findDirect finds what serves a server without net/http: stdio, in-process
// clients, and messages handed over by hand.
func (a *analysis) findDirect() {
	for _, c := range a.calls(sdk.RoleStdio, sdk.RoleInProcess, sdk.RoleTransport) {
		sym := c.role.sym
		if sym.Server == sdk.None || a.transports[c.Expr] != nil {
			continue
		}
		f := a.flow.Root(c.In)
		kind := sym.Kind
		if sym.Transport != sdk.None {
			kind = a.kindOf(a.origins(c.Call, sym.Transport, f), 0)
		}
		from := a.origins(c.Call, sym.Server, f)
		for _, s := range a.served(c.Call, from) {
			t := &Transport{Kind: kind, New: a.site(sdk.RoleStdio, c.In, c.Expr), Server: a.arg(c.Call, sym.Server)}
			settleDirect(t, sym)
			a.guardStdio(t, from)
			a.give(s, t)
			a.direct[c.Expr] = append(a.direct[c.Expr], t)
			for _, o := range a.origins(c.Call, sym.Transport, f) {
				if o.Expr != nil {
					a.direct[o.Expr] = append(a.direct[o.Expr], t)
				}
			}
		}
	}
}

// settleDirect gives a way out that is not net/http its verdict.
func settleDirect(t *Transport, sym sdk.Symbol) {
	t.GuardKind = GuardNone
	switch {
	case t.Kind == sdk.KindStdio:
		t.Verdict, t.Reason = Unprotected, stdioReason
	case t.Kind == sdk.KindInProcess && sym.Server == sdk.Recv && sym.Transport == sdk.None:
		t.Verdict, t.Reason = Unknown, messageReason
	case t.Kind == sdk.KindInProcess:
		t.Verdict, t.Reason = Unprotected, inProcessReason
	case t.Kind == "":
		t.Kind, t.Verdict, t.Reason = sdk.KindInProcess, Unknown, kindReason
	default:
		t.Verdict, t.Reason = Unknown, byHandReason
	}
}

// kindOf reads the kind of transport off the types of the values it may be; ""
// when that can't be told.
func (a *analysis) kindOf(origins []flow.Origin, depth int) sdk.Kind {
	var kinds []sdk.Kind
	for _, o := range origins {
		k := a.kindOfOne(o, depth)
		if k != "" && !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 {
		return ""
	}
	slices.SortFunc(kinds, func(x, y sdk.Kind) int { return risk(y) - risk(x) })
	return kinds[0]
}

// risk puts the kinds in order of who can reach them.
func risk(k sdk.Kind) int {
	switch k {
	case sdk.KindStreamable:
		return 4
	case sdk.KindSSE:
		return 3
	case sdk.KindStdio:
		return 2
	}
	return 1
}

func (a *analysis) kindOfOne(o flow.Origin, depth int) sdk.Kind {
	if o.Kind == flow.Result {
		if e := a.book.lookup(o.Callee); e != nil {
			return e.sym.Kind
		}
		return ""
	}
	e := a.litType(o)
	if e == nil && o.Expr != nil && o.Frame != nil {
		if x, ok := o.Expr.(*ast.CallExpr); ok { // new(T)
			e = a.book.typeOf(o.Frame.Fn.Pkg.Info.TypeOf(x))
		}
	}
	switch {
	case e == nil:
		return ""
	case e.typ.Stream != "" && a.remote(a.fieldOf(o, e.typ.Stream)):
		return ""
	case e.typ.Inner != "" && depth < 4:
		return a.kindOf(a.fieldOf(o, e.typ.Inner), depth+1)
	}
	return e.typ.Kind
}

// findHooks finds middleware, filters and hooks that are already installed.
func (a *analysis) findHooks() {
	for _, c := range a.calls(sdk.RoleMiddleware) {
		if c.role.ours {
			continue
		}
		list, _ := a.serversOf(a.origins(c.Call, c.role.sym.Server, a.flow.Root(c.In)))
		for _, s := range list {
			s.Hooks = append(s.Hooks, a.site(sdk.RoleMiddleware, c.In, c.Expr))
			if c.role.sym.Defines == sdk.RoleTool {
				s.middleware = append(s.middleware, a.site(sdk.RoleMiddleware, c.In, c.Expr))
			}
		}
	}
	for call, s := range a.servers {
		c := a.flow.CallOf(call.(*ast.CallExpr))
		e := a.entry(c)
		for _, opt := range a.options(c, e.sym, a.flow.Root(c.In)) {
			switch opt.entry.sym.Effect {
			case sdk.EffectMiddleware, sdk.EffectFilter, sdk.EffectHooks:
				s.Hooks = append(s.Hooks, a.site(sdk.RoleMiddleware, opt.call.In, opt.call.Expr))
			}
			if opt.entry.sym.Defines == sdk.RoleTool {
				s.middleware = append(s.middleware, a.site(sdk.RoleMiddleware, opt.call.In, opt.call.Expr))
			}
		}
	}
	for _, s := range a.servers {
		slices.SortFunc(s.Hooks, a.compareSites)
	}
}
