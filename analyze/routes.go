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
		if a.mine(fn) && isServer(fn.Pkg.Info.TypeOf(lit)) {
			a.serverLiteral(fn, lit)
		}
	})
	a.flow.Stores(func(fn *flow.Func, s *ast.AssignStmt, sel *ast.SelectorExpr, val ast.Expr) {
		switch {
		case !a.mine(fn):
		case isHandlerField(fn, sel):
			a.serve(Route{Kind: RouteServer, Site: a.site(sdk.RoleListen, fn, s), Handler: val}, fn)
		case isDefaultMux(fn, sel):
			a.replaceDefaultMux(fn, val)
		}
	})
}

// isServer reports whether t is http.Server, or a type of the program's own that is
// defined by it.
func isServer(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	for i := 0; ok && i < st.NumFields(); i++ {
		if v := st.Field(i); v.Name() == "TLSNextProto" && v.Pkg() != nil && v.Pkg().Path() == netHTTP {
			return true
		}
	}
	return isNetHTTP(t, "Server")
}

// isHandlerField reports whether sel is field Handler of an http.Server, also of
// one that is embedded.
func isHandlerField(fn *flow.Func, sel *ast.SelectorExpr) bool {
	v, ok := fn.Pkg.Info.ObjectOf(sel.Sel).(*types.Var)
	return ok && v.IsField() && v.Name() == "Handler" && v.Pkg() != nil && v.Pkg().Path() == netHTTP
}

func isDefaultMux(fn *flow.Func, sel *ast.SelectorExpr) bool {
	v, ok := fn.Pkg.Info.ObjectOf(sel.Sel).(*types.Var)
	return ok && !v.IsField() && v.Name() == "DefaultServeMux" && v.Pkg() != nil && v.Pkg().Path() == netHTTP
}

// replaceDefaultMux makes what http.DefaultServeMux is set to a part of it.
func (a *analysis) replaceDefaultMux(fn *flow.Func, val ast.Expr) {
	for _, to := range a.arrivals(val, a.flow.Root(fn), nil) {
		if to.mux != nil {
			a.ways[to.mux] = append(a.ways[to.mux], way{chain: to.chain, parent: a.defaultMux(fn.Pkg)})
		}
	}
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
	if r.Handler != nil || !a.getsHandler(fn, lit) {
		a.serve(r, fn)
	}
}

// getsHandler reports whether the http.Server that lit makes is given its handler
// by an assignment; without any it serves the default mux.
func (a *analysis) getsHandler(fn *flow.Func, lit *ast.CompositeLit) bool {
	found := false
	a.flow.Stores(func(in *flow.Func, s *ast.AssignStmt, sel *ast.SelectorExpr, _ ast.Expr) {
		if found || !isHandlerField(in, sel) {
			return
		}
		for _, o := range a.flow.Origins(sel.X, a.flow.Root(in)) {
			found = found || o.Expr == ast.Expr(lit)
		}
	})
	return found
}

// serve records what a listener's handler leads to. A nil handler is the default mux.
func (a *analysis) serve(r Route, fn *flow.Func) {
	f := a.flow.Root(fn)
	list := a.arrivals(r.Handler, f, nil)
	if id, ok := ast.Unparen(r.Handler).(*ast.Ident); r.Handler == nil || ok && id.Name == "nil" {
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
			outer = a.oursLayer(c.role, c.Call, f, nil)
		}
		muxes := a.muxes(r.Mux, f)
		if strings.HasPrefix(r.Pattern, metadataPath) {
			a.metadata = append(a.metadata, muxes...)
		}
		for _, to := range a.arrivals(r.Handler, f, outer) {
			if to.mux != nil {
				for _, m := range muxes {
					a.ways[to.mux] = append(a.ways[to.mux], way{chain: to.chain, parent: m})
				}
				continue
			}
			list = append(list, mounted{r, to, muxes})
			a.mount(muxes, to.transport)
		}
	}
	for _, m := range list {
		r := m.route
		r.Addr = a.addrOf(m.muxes)
		a.route(m.to.transport, r, a.outside(m.to.chain, m.muxes)...)
	}
}

// metadataPath is where a client learns which issuer's tokens a server wants (RFC 9728
// section 3).
const metadataPath = "/.well-known/oauth-protected-resource"

func (a *analysis) mount(muxes []ast.Expr, t *Transport) {
	for _, m := range muxes {
		if a.mounted[m] == nil {
			a.mounted[m] = map[*Transport]bool{}
		}
		a.mounted[m][t] = true
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
		for _, w := range a.waysTo(m) {
			list = append(list, join(inner, outermost(w)))
		}
	}
	if len(list) == 0 {
		return []chain{inner}
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
func (a *analysis) addrOf(muxes []ast.Expr) string { return a.addrAt(muxes, 0) }

func (a *analysis) addrAt(muxes []ast.Expr, depth int) string {
	addr := ""
	for _, m := range muxes {
		for _, w := range a.waysOf(m) {
			switch {
			case depth > 6: // muxes that are mounted on each other
				return ""
			case w.parent != nil:
				return a.addrAt([]ast.Expr{w.parent}, depth+1)
			case addr != "" && w.addr != addr:
				return ""
			}
			addr = w.addr
		}
	}
	return addr
}
