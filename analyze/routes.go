package analyze

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Where transports are served: each place that takes a handler is asked which
// transports its handler leads to.

// A way is one way on which a mux is served: by a listener, or mounted on another mux.
type way struct {
	chain  chain
	parent ast.Expr // the mux it is mounted on; nil when it is served itself
	addr   string
}

// findServes finds listeners and http.Servers.
func (a *analysis) findServes() {
	for _, c := range a.calls(sdk.RoleListen) {
		r := Route{Kind: RouteListen, Site: a.site(sdk.RoleListen, c.In, c.Expr), Handler: a.arg(c.Call, c.role.sym.Handler)}
		if e := a.arg(c.Call, c.role.sym.Addr); e != nil {
			r.Addr = a.constant(e, a.flow.Root(c.In))
		}
		a.serve(r, c.In)
	}
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		if a.mine(fn) && isNetHTTP(fn.Pkg.Info.TypeOf(lit), "Server") {
			a.serverLiteral(fn, lit)
		}
	})
	a.flow.Stores(func(fn *flow.Func, s *ast.AssignStmt, sel *ast.SelectorExpr, val ast.Expr) {
		if a.mine(fn) && sel.Sel.Name == "Handler" && isNetHTTP(fn.Pkg.Info.TypeOf(sel.X), "Server") {
			a.serve(Route{Kind: RouteServer, Site: a.site(sdk.RoleListen, fn, s), Handler: val}, fn)
		}
	})
}

func (a *analysis) serverLiteral(fn *flow.Func, lit *ast.CompositeLit) {
	r := Route{Kind: RouteServer, Site: a.site(sdk.RoleListen, fn, lit)}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch key, _ := kv.Key.(*ast.Ident); {
		case key == nil:
		case key.Name == "Handler":
			r.Handler = kv.Value
		case key.Name == "Addr":
			r.Addr = a.constant(kv.Value, a.flow.Root(fn))
		}
	}
	if r.Handler != nil {
		a.serve(r, fn)
	}
}

// serve records what a listener's handler leads to. A nil handler is the default mux.
func (a *analysis) serve(r Route, fn *flow.Func) {
	f := a.flow.Root(fn)
	list := a.arrivals(r.Handler, f, nil)
	if id, ok := ast.Unparen(r.Handler).(*ast.Ident); ok && id.Name == "nil" {
		list = append(list, arrival{mux: a.defaultMux(fn.Pkg)})
	}
	for _, to := range list {
		if to.mux != nil {
			a.ways[to.mux] = append(a.ways[to.mux], way{chain: to.chain, addr: r.Addr})
			continue
		}
		a.route(to.transport, r, to.chain)
	}
}

// route adds one path on which requests get to a transport; several paths to it
// from the same place are one route.
func (a *analysis) route(t *Transport, r Route, cases ...chain) {
	for _, have := range t.Routes {
		if have.Site.Node == r.Site.Node {
			a.cases[have] = append(a.cases[have], cases...)
			return
		}
	}
	add := r
	t.Routes = append(t.Routes, &add)
	a.cases[&add] = cases
}

// findMounts finds handlers that are put on a net/http mux.
func (a *analysis) findMounts() {
	type mounted struct {
		route Route
		to    arrival
		muxes []ast.Expr
	}
	var list []mounted
	for _, c := range a.calls(sdk.RoleMount) {
		f := a.flow.Root(c.In)
		r := Route{Kind: RouteMount, Site: a.site(sdk.RoleMount, c.In, c.Expr), Handler: a.arg(c.Call, c.role.sym.Handler)}
		r.Mux, r.Pattern = a.arg(c.Call, c.role.sym.Mux), a.pattern(c)
		var outer chain
		if c.role.ours {
			outer = a.oursLayer(c.role, c.Call, nil)
		}
		muxes := a.muxes(r.Mux, f)
		for _, to := range a.arrivals(r.Handler, f, outer) {
			if to.mux != nil {
				for _, m := range muxes {
					a.ways[to.mux] = append(a.ways[to.mux], way{chain: to.chain, parent: m})
				}
				continue
			}
			list = append(list, mounted{r, to, muxes})
		}
	}
	for _, m := range list {
		r := m.route
		r.Addr = a.addrOf(m.muxes)
		a.route(m.to.transport, r, a.outside(m.to.chain, m.muxes)...)
	}
}

func (a *analysis) pattern(c played) string {
	e := a.arg(c.Call, c.role.sym.Path)
	if e == nil {
		return ""
	}
	p := a.constant(e, a.flow.Root(c.In))
	if method, rest, ok := strings.Cut(p, " "); ok && !strings.Contains(method, "/") {
		p = strings.TrimSpace(rest)
	}
	return p
}

// constant returns the one constant that e is; "" if it is none.
func (a *analysis) constant(e ast.Expr, f *flow.Frame) string {
	list, ok := a.flow.Strings(e, f)
	if !ok || len(list) != 1 {
		return ""
	}
	return list[0]
}

// muxes returns the keys of the muxes that e may be; nil e is the default mux.
func (a *analysis) muxes(e ast.Expr, f *flow.Frame) []ast.Expr {
	if e == nil {
		return []ast.Expr{a.defaultMux(f.Fn.Pkg)}
	}
	var list []ast.Expr
	for _, to := range a.arrivals(e, f, nil) {
		if to.mux != nil {
			list = append(list, to.mux)
		}
	}
	return list
}

// outside joins the layers inside a mux with those on each way to it.
func (a *analysis) outside(inner chain, muxes []ast.Expr) []chain {
	var list []chain
	for _, m := range muxes {
		for _, w := range a.waysTo(m, 0) {
			list = append(list, join(inner, w))
		}
	}
	if len(list) == 0 {
		return []chain{inner}
	}
	return list
}

// waysTo returns the layers on each way to a mux, from the listener inwards.
func (a *analysis) waysTo(mux ast.Expr, depth int) []chain {
	if depth > 6 {
		return nil
	}
	var list []chain
	for _, w := range a.waysOf(mux) {
		if w.parent == nil {
			list = append(list, w.chain)
			continue
		}
		outer := a.waysTo(w.parent, depth+1)
		if len(outer) == 0 {
			outer = []chain{nil}
		}
		for _, o := range outer {
			list = append(list, join(w.chain, o))
		}
	}
	return list
}

// join puts the layers of outer around those of inner.
func join(inner, outer chain) chain {
	if inner == nil {
		return outer
	}
	l := *inner
	l.trail = join(inner.trail, outer)
	return &l
}

// addrOf returns the constant address that the muxes are served on, if there is one.
func (a *analysis) addrOf(muxes []ast.Expr) string {
	addr := ""
	for _, m := range muxes {
		for _, w := range a.waysOf(m) {
			switch {
			case w.parent != nil:
				return a.addrOf([]ast.Expr{w.parent})
			case addr != "" && w.addr != addr:
				return ""
			}
			addr = w.addr
		}
	}
	return addr
}

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
	maker := a.book.lookup(made.Callee)
	r := Route{Kind: RouteStart, Site: a.site(sdk.RoleStart, c.In, c.Expr)}
	if arg := a.arg(c, e.sym.Addr); arg != nil {
		r.Addr = a.constant(arg, a.flow.Root(c.In))
	}
	var guard chain
	own := false
	for _, opt := range a.options(made, maker.sym, a.flow.Root(made.In)) {
		switch opt.entry.sym.Effect { // the last one that sets the http.Server wins
		case effectGuard:
			guard, own = a.oursLayer(opt.entry, opt.call, nil), false
		case sdk.EffectHTTPServer:
			guard, own = nil, true
		}
	}
	if own && len(t.Routes) > 0 {
		return // it serves what the http.Server's own handler leads to
	}
	a.route(t, r, guard)
}

// findForeign finds handlers that are handed to a router or server of another library.
func (a *analysis) findForeign() {
	for _, c := range a.flow.Calls {
		if a.mine(c.In) && a.leaves(c) {
			a.handedOut(c)
		}
	}
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		t := named(fn.Pkg.Info.TypeOf(lit))
		if !a.mine(fn) || t == nil || t.Obj().Pkg() == nil || a.inModule(t.Obj().Pkg()) || isNetHTTP(t, "Server") {
			return
		}
		for _, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok && servesHTTP(fn.Pkg.Info.TypeOf(kv.Value)) {
				a.handTo(fn, lit, kv.Value, typeName(t), "")
			}
		}
	})
}

func typeName(t *types.Named) string { return t.Obj().Pkg().Name() + "." + t.Obj().Name() }

func (a *analysis) inModule(p *types.Package) bool {
	for _, have := range a.prog.Packages {
		if have.Types == p {
			return true
		}
	}
	return false
}

// leaves reports whether a call goes to code outside of the module that keeps
// what it gets: it is not known, and gives no handler back.
func (a *analysis) leaves(c *flow.Call) bool {
	if c.Callee == nil || c.Callee.Pkg() == nil || a.book.known(c.Callee) || passesRequest(c) {
		return false
	}
	if a.inModule(c.Callee.Pkg()) && !(c.Iface && a.flow.NoBody(c.Callee)) {
		return false
	}
	switch c.Callee.Pkg().Path() {
	case "fmt", "log", "log/slog", "errors", "reflect":
		return false
	}
	return !givesHandler(c.In.Pkg.Info.TypeOf(c.Expr)) && c.Callee.Name() != "Shutdown"
}

func (a *analysis) handedOut(c *flow.Call) {
	pattern := ""
	for _, arg := range c.Expr.Args {
		t := c.In.Pkg.Info.TypeOf(arg)
		if b, ok := types.Default(orInvalid(t)).Underlying().(*types.Basic); ok && b.Kind() == types.String && pattern == "" {
			if p := a.constant(arg, a.flow.Root(c.In)); strings.HasPrefix(p, "/") {
				pattern = p
			}
		}
		if servesHTTP(t) {
			a.handTo(c.In, c.Expr, arg, funcName(c.Callee), pattern)
		}
	}
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
