package rewrite

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// Transports that a router of another library serves (chi, gin, echo, gorilla/mux). The
// guard goes around the handler; the endpoints by which clients find out how to sign in
// go to the outermost router, since their paths are those of the origin.

// routerBars says why a route on a router is left to a person; "" where it can be wired.
func (b *builder) routerBars(r *analyze.Route) string {
	m := r.Mounting
	switch {
	case m == nil:
		return b.notRewritten(r)
	case r.Site.File.Cgo || r.Site.File.Generated:
		return "the file is generated or uses cgo and is not edited"
	case m.Why != "":
		return m.Why
	}
	if why := b.shutsEndpoints(r); why != "" {
		return why
	}
	return b.pathsTaken(m)
}

// shutsEndpoints says what in front of a route is known to refuse some of a sign-in's
// requests, or, where analysis did not follow the library, may ask who is calling.
func (b *builder) shutsEndpoints(r *analyze.Route) string {
	checked := len(refusing(r.Checks))+len(refusing(r.Outside)) > 0
	for _, m := range r.Mounting.Ahead {
		at := fmt.Sprintf("%s (%s)", m.Name, m.Site.ID(b.prog.Fset))
		switch {
		case m.OnRoot && m.Shuts:
			return at + " stands in front of the whole router and refuses some of what a client sends to sign in: put it in front of the other routes only"
		case m.Plain || m.Shuts:
		case m.OnRoot && (checked || r.Verdict == analyze.Unknown):
			return at + " stands in front of the whole router, and whether it lets clients read the metadata and sign in is not known: if it does not, put it in front of the other routes only"
		case r.Verdict == analyze.Unknown && !checked:
			return "whether " + at + ", which stands in front of it, asks who is calling is not known"
		}
	}
	if r.Mounting.Wrapped && (checked || r.Verdict == analyze.Unknown) {
		return "a handler of your own stands in front of the whole router, and whether it lets clients read the metadata and sign in is not known"
	}
	return ""
}

// pathsTaken says which route of the router stands where the guard's endpoints go.
func (b *builder) pathsTaken(m *analyze.Mounting) string {
	for _, p := range m.Taken {
		switch {
		case strings.HasPrefix(p, "/.well-known/oauth-"), wizard.Brokered(b.ans) && strings.HasPrefix(p, "/oauth/"):
			return "the router has a route of its own at " + p + ", where an endpoint of the guard goes"
		case m.Library.Panics && strings.HasPrefix(p, "/*") && !catchAll(m):
			return m.Library.Name + " ends the program when a route for everything (" + p + ") stands beside others, as the endpoints of the guard would: serve it by NoRoute"
		}
	}
	return ""
}

// catchAll reports whether a handler has every path of the outermost router that
// nothing else has, for every method.
func catchAll(m *analyze.Mounting) bool {
	call, ok := m.OnRoot.Node.(*ast.CallExpr)
	if !ok || len(m.Calls) != 1 || m.Calls[0].Node != m.OnRoot.Node {
		return false
	}
	switch name := calledName(call); {
	case m.Library.Name == "chi" && name == "Mount":
		return m.Path == "/"
	case name == "Any", m.Library.Name == "chi" && (name == "Handle" || name == "HandleFunc"):
		return strings.HasPrefix(m.Path, "/*")
	}
	return false
}

func calledName(call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		return sel.Sel.Name
	}
	return ""
}

// asRouter makes w the description of a route on a router.
func (b *builder) asRouter(w *sdk.Route, m *analyze.Mounting) {
	w.Kind, w.Handler, w.CatchAll = "router", m.Handler, catchAll(m)
	if m.Passes == nil || len(m.Library.Wraps) == 0 {
		return
	}
	if name, ok := sdk.LocalName(w.Site.File, libraryPath(m)); ok {
		w.Passes, w.Wrap = m.Passes, name+"."+m.Library.Wraps[0]
	}
}

// libraryPath returns the import path of the library, with its version.
func libraryPath(m *analyze.Mounting) string {
	if sel, ok := m.Calls[0].Node.(*ast.CallExpr).Fun.(*ast.SelectorExpr); ok {
		if f := m.Calls[0].Pkg.Info.Uses[sel.Sel]; f != nil && f.Pkg() != nil {
			return f.Pkg().Path()
		}
	}
	return m.Library.Path
}

// A publication is where the endpoints of a guard are added to one outermost router.
type publication struct {
	mounting *analyze.Mounting
	site     sdk.Site // the statement that they are added next to
	before   bool     // in front of it, and not behind
}

// publications returns one for each outermost router that the routes are on.
func (g *group) publications() ([]publication, error) {
	var list []publication
	for _, r := range g.routes {
		m := r.Mounting
		if r.Kind != analyze.RouteOther || m == nil || catchAll(m) {
			continue
		}
		p, err := g.publication(m)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(list, func(q publication) bool { return q.mounting.Made == m.Made }); i >= 0 {
			list[i] = p
		} else {
			list = append(list, p)
		}
	}
	return list, nil
}

// publication chooses the statement: the one that adds the handler, where the outermost
// router is in reach there, else the one of the outermost router that leads to it. With
// chi it is always that one: middleware must come before every route. Where the first
// route that fits answers, it is the first route.
func (g *group) publication(m *analyze.Mounting) (publication, error) {
	site := m.Calls[len(m.Calls)-1]
	switch {
	case m.Library.Ordered:
		site = m.First
	case m.Library.Name == "chi" || !inReach(m, site):
		site = m.OnRoot
	}
	stmt := statementOf(site)
	switch stmt.(type) {
	case *ast.ExprStmt, *ast.AssignStmt:
		site.Node = stmt
		return publication{m, site, m.Library.Ordered}, nil
	}
	return publication{}, manualf("the router is used in the middle of a statement: give that one of its own")
}

// statementOf returns the statement of a list that a site stands in; nil if none does.
func statementOf(site sdk.Site) ast.Stmt {
	at, err := findAnchor(nil, []sdk.Site{site})
	if err != nil {
		return nil
	}
	return at.stmt
}

// inReach reports whether the outermost router has the same name at a site as where it
// is named.
func inReach(m *analyze.Mounting, site sdk.Site) bool {
	base := baseOf(m.Root)
	if base == nil || site.File != m.OnRoot.File {
		return false
	}
	scope := site.Pkg.Types.Scope().Innermost(site.Node.Pos())
	if scope == nil {
		return false
	}
	_, obj := scope.LookupParent(base.Name, site.Node.Pos())
	return obj != nil && obj == site.Pkg.Info.ObjectOf(base)
}

// baseOf returns the name that an expression such as s.router starts with; nil for one
// that may be another value each time.
func baseOf(e ast.Expr) *ast.Ident {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return baseOf(x.X)
	}
	return nil
}

// publish adds the endpoints of the guard to the outermost routers.
func (g *group) publish(auth string) error {
	for _, p := range g.published {
		if other := g.b.published[p.mounting.Made]; other != nil && other != g.guard && p.mounting.Library.Panics && !wizard.Brokered(g.b.ans) {
			return manualf("another server is served by the same router, and " + p.mounting.Library.Name + " ends the program when both add the metadata at the origin's own path")
		}
		line, err := g.endpoints(p, auth)
		if err != nil {
			return err
		}
		g.beside(p, line)
		g.marks = append(g.marks, func() { g.b.published[p.mounting.Made] = g.guard })
	}
	return nil
}

// endpoints returns the statement.
func (g *group) endpoints(p publication, auth string) (string, error) {
	at, err := findAnchor(g.b.prog.Fset, []sdk.Site{p.site})
	if err != nil {
		return "", err
	}
	base := baseOf(p.mounting.Root)
	if base == nil {
		return "", manualf("the router has no name: give it one")
	}
	http, err := g.httpAt(at)
	if err != nil {
		return "", err
	}
	library, _ := sdk.LocalName(p.site.File, libraryPath(p.mounting))
	path, handler := "path", "h"
	if slices.Contains([]string{base.Name, library, http}, path) {
		path = "endpoint"
	}
	if slices.Contains([]string{base.Name, library, http}, handler) {
		handler = "handler"
	}
	if strings.Contains(p.mounting.Library.Add, "PKG") && (library == "" || !at.isPackage(library)) {
		return "", manualf("the package of the router has no name here")
	}
	add := p.mounting.Library.AddTo(sdk.Text(g.b.prog.Fset, p.mounting.OnRoot.File, p.mounting.Root), library, path, handler)
	return auth + ".Public(func(" + path + " string, " + handler + " " + http + ".Handler) { " + add + " })", nil
}

// beside puts a statement in front of that of a publication, or behind it.
func (g *group) beside(p publication, line string) {
	const why = "let clients find out how to sign in, and do"
	f, fset := p.site.File, g.b.prog.Fset
	start, end := sdk.Offset(fset, f, p.site.Node.Pos()), sdk.Offset(fset, f, p.site.Node.End())
	if p.before {
		at := &anchor{fset: fset, pkg: p.site.Pkg, file: f, stmt: p.site.Node.(ast.Stmt)}
		offset, indent, inline := at.insertionPoint()
		if text := indent + line + "\n"; !inline {
			g.add(f, []edit.Edit{{Start: offset, End: offset, New: text, Why: why}})
			return
		}
		g.add(f, []edit.Edit{{Start: start, End: start, New: line + "; ", Why: why}})
		return
	}
	rest, _, more := strings.Cut(string(f.Src[end:]), "\n")
	if tail := strings.TrimSpace(rest); more && (tail == "" || strings.HasPrefix(tail, "//")) {
		next := end + len(rest) + 1
		g.add(f, []edit.Edit{{Start: next, End: next, New: edit.Indent(f.Src, start) + line + "\n", Why: why}})
		return
	}
	g.add(f, []edit.Edit{{Start: end, End: end, New: "; " + line, Why: why}})
}

// onRouter decides about a route on a router that nothing bars from being wired: checks
// of the user's own stay, or are left to a person where they shall go.
func (b *builder) onRouter(t *analyze.Transport, r *analyze.Route) (open bool, left *leftRoute) {
	switch checked := len(refusing(r.Checks))+len(refusing(r.Outside)) > 0; {
	case !checked:
		return true, nil
	case b.ans.Existing == "replace":
		return false, &leftRoute{Route: r, why: "a check of your own stands in front of it on the router, and is not taken out there by this version", byHand: inPlaceOf}
	}
	return b.withCheck(t, r)
}

// onRouterByHand returns what has to stand in place of a route that another library
// serves, and adds the endpoints; "" where nothing is known to write.
func (b *builder) onRouterByHand(g *guarded, wirer sdk.Wirer, t *analyze.Transport, r leftRoute) string {
	if r.Handler == nil {
		return ""
	}
	m := r.Mounting
	text := sdk.Text(b.prog.Fset, r.Site.File, r.Handler)
	if m != nil && m.Handler != nil {
		text = sdk.Text(b.prog.Fset, r.Site.File, m.Handler)
	}
	switch {
	case m != nil && m.Library.Buffers:
		return "go http.ListenAndServe(\"localhost:8081\", " + g.variable + ".Handler(\"/mcp\", " + text + ")) // in place of " + firstLine(sdk.Text(b.prog.Fset, m.Calls[0].File, m.Calls[0].Node))
	case m == nil || m.Handler == nil || m.Library.Add == "":
		return inPlace(b.protectedByHand(g, r, text), text) + "\n" +
			g.variable + ".Public(func(path string, h http.Handler) {\n" +
			"\t// add h at path to the outermost router, for all methods: r.Handle(path, h) with chi,\n" +
			"\t// r.Any(path, gin.WrapH(h)) with gin, e.Any(path, echo.WrapHandler(h)) with echo\n})"
	}
	return b.mountByHand(g, wirer, t, r) + "\n" + b.endpointsByHand(g, m)
}

// inPlace says what a text is pasted in place of, behind the remark that it may end with.
func inPlace(text, old string) string {
	if strings.Contains(text, " // ") {
		return text + " in place of " + firstLine(old)
	}
	return text + " // in place of " + firstLine(old)
}

// protectedByHand returns a handler with the guard around it: as a function again, where
// the router is given a function, and made once, where it is called for each request.
func (b *builder) protectedByHand(g *guarded, r leftRoute, text string) string {
	if call, ok := r.Site.Node.(*ast.CallExpr); ok && len(call.Args) == 2 && handsOn(r.Site, r.Handler) {
		return "mcpHandler := " + g.variable + ".Protect(" + text + ") // made once, outside of the function that is called for each request; there mcpHandler"
	}
	if _, isFunc := r.Site.Pkg.Info.TypeOf(r.Handler).(*types.Signature); !isFunc {
		return g.variable + ".Protect(" + text + ")"
	}
	name, ok := sdk.LocalName(r.Site.File, "net/http")
	if !ok {
		name = "http"
	}
	return g.variable + ".Protect(" + name + ".HandlerFunc(" + text + ")).ServeHTTP"
}

// mountByHand returns the call that gives the router the handler, with the guard in it.
func (b *builder) mountByHand(g *guarded, wirer sdk.Wirer, t *analyze.Transport, r leftRoute) string {
	m := r.Mounting
	w := b.routeOf(t, r.Route, g.variable)
	b.asRouter(&w, m)
	wired, err := wirer.WireRoute(w)
	call, text := m.Calls[0], sdk.Text(b.prog.Fset, r.Site.File, m.Handler)
	if err != nil || !within(m.Handler, call.Node) {
		return g.variable + ".Protect(" + text + ") // in place of " + firstLine(text)
	}
	before := ""
	if handsOn(call, m.Handler) && w.Passes == nil { // one guarded handler for all requests
		before = "mcpHandler := " + g.variable + ".Protect(" + text + ")\n"
		wired.Edits = []edit.Edit{sdk.Replace(b.prog.Fset, call.File, m.Handler.Pos(), m.Handler.End(), "mcpHandler", "")}
	}
	if b.madeInPlace(t, r) {
		wired.Edits = append(wired.Edits, b.checkedInPlace(g, wirer, t)...)
	}
	return before + b.edited(call.File, call.Node, wired.Edits) + " // in place of " + firstLine(sdk.Text(b.prog.Fset, call.File, call.Node))
}

// handsOn reports whether a handler is called, as h.ServeHTTP(w, r), in what a router is
// given by call.
func handsOn(call sdk.Site, h ast.Expr) bool {
	found := false
	ast.Inspect(call.Node, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && calledName(c) == "ServeHTTP" {
			found = found || c.Fun.(*ast.SelectorExpr).X == h
		}
		return !found
	})
	return found
}

func within(n, around ast.Node) bool { return around.Pos() <= n.Pos() && n.End() <= around.End() }

// madeInPlace reports whether a route's transport is made, of a server without a name,
// in the very call that gives a router the handler: then the text to paste has the
// second check in it.
func (b *builder) madeInPlace(t *analyze.Transport, r leftRoute) bool {
	m := r.Mounting
	if r.Kind != analyze.RouteOther || m == nil || m.Handler == nil || m.Library.Add == "" || baseOf(t.Server) != nil {
		return false
	}
	return m.Calls[0].File == t.New.File && within(t.New.Node, m.Calls[0].Node) && within(m.Handler, m.Calls[0].Node)
}

// checkedInPlace returns the edits that install the second check.
func (b *builder) checkedInPlace(g *guarded, wirer sdk.Wirer, t *analyze.Transport) []edit.Edit {
	w, err := wirer.WireTransport(sdk.Transport{Check: g.variable + ".Server", Each: g.variable + ".Servers", Fset: b.prog.Fset, Site: t.New, Server: t.Server})
	if err != nil {
		return nil
	}
	return w.Edits
}

// endpointsByHand returns the statement that adds the endpoints to the outermost router:
// by its name, or by that of the router that the handler is given to.
func (b *builder) endpointsByHand(g *guarded, m *analyze.Mounting) string {
	router, comment := "r", ""
	site := m.Calls[0]
	if sel, ok := site.Node.(*ast.CallExpr).Fun.(*ast.SelectorExpr); ok && baseOf(sel.X) != nil {
		router = sdk.Text(b.prog.Fset, site.File, sel.X)
	}
	if m.Root != nil && baseOf(m.Root) != nil && inReach(m, site) {
		router = sdk.Text(b.prog.Fset, m.OnRoot.File, m.Root)
	} else {
		comment = " // " + router + " has to be the outermost router"
	}
	library, ok := sdk.LocalName(site.File, libraryPath(m))
	if !ok {
		library = m.Library.Name
	}
	return g.variable + ".Public(func(path string, h http.Handler) { " + m.Library.AddTo(router, library, "path", "h") + " })" + comment
}
