package analyze

import (
	"go/ast"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// findStarts finds transports that serve themselves.
func (a *analysis) findStarts() {
	for _, c := range a.flow.Calls {
		if !a.mine(c.In) {
			continue
		}
		e, from := a.starting(c)
		if e == nil {
			continue
		}
		for _, o := range from {
			for _, t := range a.madeAt(o) {
				a.start(t, c, e)
			}
		}
	}
}

// starting returns the start symbol of a call and where its transport comes
// from: called directly, or as a method value.
func (a *analysis) starting(c *flow.Call) (*entry, []flow.Origin) {
	isStart := func(e *entry) bool { return e != nil && e.sym.Role == sdk.RoleStart }
	switch {
	case c.Iface && c.Callee.Name() == "Start":
		from := a.flow.Receiver(c, a.flow.Root(c.In))
		for _, o := range from {
			if t := a.transports[o.Expr]; t != nil {
				return &entry{sym: sdk.Symbol{Role: sdk.RoleStart, Addr: 1}}, from
			}
		}
	case c.Callee != nil:
		if e := a.book.lookup(c.Callee); isStart(e) {
			return e, a.flow.Receiver(c, a.flow.Root(c.In))
		}
	case c.Dynamic() && takesAddr(c):
		for _, o := range a.flow.Origins(c.Expr.Fun, a.flow.Root(c.In)) {
			if e := a.book.lookup(o.Callee); o.Kind == flow.Value && isStart(e) && o.Recv != nil {
				return e, a.flow.Bound(o)
			}
		}
	}
	return nil, nil
}

func takesAddr(c *flow.Call) bool {
	if len(c.Expr.Args) != 1 {
		return false
	}
	b, ok := orInvalid(c.In.Pkg.Info.TypeOf(c.Expr.Args[0])).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// start adds the route of a transport's own Start, behind what its options put there.
func (a *analysis) start(t *Transport, c *flow.Call, e *entry) {
	made := a.flow.CallOf(t.New.Node.(*ast.CallExpr))
	maker := a.entry(made)
	r := Route{Kind: RouteStart, Site: a.site(sdk.RoleStart, c.In, c.Expr)}
	if arg := a.arg(c, e.sym.Addr); arg != nil {
		r.Addr = a.constant(arg, a.flow.Root(c.In))
	}
	list := a.fronts(made, maker)
	if why := a.late[t]; why != "" {
		list = a.spoiled(list, why)
	}
	var cases []chain
	for _, f := range list {
		t.Own = t.Own || f.own
		if f.own && len(t.Routes) > 0 {
			continue // it serves what the http.Server's own handler leads to
		}
		cases = append(cases, f.guard)
	}
	if len(cases) > 0 {
		a.route(t, r, cases...)
	}
}
