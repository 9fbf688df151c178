package analyze

import (
	"go/ast"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Transports of SDKs that join servers and transports the other way round: the
// server is given its transport, is a transport itself, or listens by itself.

const unnamedTransport = "the transport that the server is given is not known: "

// findConnected finds the transports that servers are given, and the servers that
// are their own.
func (a *analysis) findConnected() {
	for _, c := range a.calls(sdk.RoleServer) {
		s := a.servers[c.Expr]
		switch {
		case s == nil:
		case c.role.sym.Kind != "":
			a.connect(s, c, c.role.sym.Kind)
		case c.role.sym.Transport != sdk.None:
			a.join(s, c, a.flow.Root(c.In))
		}
	}
	for _, c := range a.calls(sdk.RoleConnect) {
		f := a.flow.Root(c.In)
		for _, s := range a.served(c.Call, a.origins(c.Call, c.role.sym.Server, f)) {
			a.join(s, c, f)
		}
	}
}

// connect adds the transport that a call makes to a server.
func (a *analysis) connect(s *Server, c played, kind sdk.Kind) {
	t := &Transport{Kind: kind, New: a.site(sdk.RoleTransport, c.In, c.Expr), Server: s.New.Node.(ast.Expr), Path: a.endpoint(c), ContextFuncs: a.contextFuncs(c)}
	if a.transports[c.Expr] == nil {
		a.transports[c.Expr] = &made{call: c, by: map[*Server]*Transport{}}
	}
	a.transports[c.Expr].by[s] = t
	a.give(s, t)
}

// join adds what a call gives a server to be served on.
func (a *analysis) join(s *Server, c played, f *flow.Frame) {
	found := false
	for _, o := range a.origins(c.Call, c.role.sym.Transport, f) {
		if o.Kind == flow.Nil {
			continue
		}
		found = true
		a.joinOne(s, c, o)
	}
	if !found {
		a.joinOne(s, c, flow.Origin{Kind: flow.Unknown, Why: "a value that no code of the module gives"})
	}
}

func (a *analysis) joinOne(s *Server, c played, o flow.Origin) {
	if e := a.book.lookup(o.Callee); o.Kind == flow.Result && e != nil && e.sym.Role == sdk.RoleTransport && overNet(e.sym.Kind) {
		a.connect(s, played{o.Call, e}, e.sym.Kind)
		return
	}
	t := &Transport{Kind: a.kindOf([]flow.Origin{o}, 0), New: a.site(sdk.RoleStdio, c.In, c.Expr), Server: s.New.Node.(ast.Expr)}
	if settleDirect(t, sdk.Symbol{Transport: 1}); t.Reason == kindReason {
		t.Reason = unnamedTransport + a.source(o)
	}
	a.give(s, t)
}

// overNet reports whether strangers can reach a transport of a kind.
func overNet(k sdk.Kind) bool {
	return k == sdk.KindStreamable || k == sdk.KindSSE || k == sdk.KindSocket
}

// findSelfServing gives each transport that the SDK serves by itself, and that no
// code of the program's serves behind something else, its place: where it is made.
func (a *analysis) findSelfServing() {
	for _, m := range a.transports {
		if !m.call.role.sym.Listens {
			continue
		}
		for s, t := range m.by {
			if len(t.Routes) > 0 {
				continue
			}
			r := Route{Kind: RouteStart, Site: t.New}
			if arg := a.arg(m.call.Call, m.call.role.sym.Addr); arg != nil {
				r.Addr = a.constant(arg, a.flow.Root(m.call.In))
			}
			a.route(t, r, a.authorizer(s))
		}
	}
}

// authorizer is the layer of a check that the server was given to put in front of
// its own transports; nil where there is none.
func (a *analysis) authorizer(s *Server) chain {
	c := a.flow.CallOf(s.New.Node.(*ast.CallExpr))
	e := a.entry(c)
	at := a.where(c.In, c.Expr.Pos())
	if e.sym.Opaque {
		return &layer{kind: GuardNone, verdict: Unknown, reason: "what the server is given at " + at + " may put a check in front, and is not read"}
	}
	var found chain
	for _, opt := range a.options(c, e.sym, a.flow.Root(c.In)) {
		if opt.entry.sym.Effect != sdk.EffectAuthorizer {
			continue
		}
		l := a.authorizerLayer(opt.call, opt.frame)
		if found == nil || l.verdict == Unknown {
			found = l // of several the one that is known least
		}
	}
	return found
}
