package rewrite

import (
	"cmp"
	"go/ast"
	"go/types"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What is left to a person: the place, the reason, and text to paste there that
// compiles.

// A leftRoute is a route that is not edited, and why.
type leftRoute struct {
	*analyze.Route
	why    string
	byHand string // what to paste; "" for what an edit would have written
}

// leaveToPerson records a manual step for every route of a transport that can't
// be wired, and keeps the wiring file that the text to paste speaks of.
func (b *builder) leaveToPerson(s *analyze.Server, t *analyze.Transport, left []leftRoute) {
	if len(left) == 0 {
		return
	}
	wirer := b.opt.Wirers[s.Spec.Name]
	if wirer == nil {
		b.manual(t.New, left[0].why, "")
		return
	}
	side := b.sidecarFor(handSite(t, left[0]).Pkg, wirer)
	g := b.guardAt(side, s, t, handSite(t, left[0]))
	declared := len(g.servers) > 0 // the guard is made elsewhere in the package
	g.addServer(s, t, left[0].Route)
	b.keep(side, g)
	b.wired[t.New.Node] = g
	for _, r := range left {
		text := ""
		if !declared {
			text = b.declareByHand(g, wirer, t, r)
		}
		declared = true
		b.manual(handSite(t, r), r.why, text+cmp.Or(strings.ReplaceAll(r.byHand, "mcpAuth", g.variable), b.replacement(g, wirer, t, r)))
	}
}

// handSite returns where a person has to edit: where a route is served, or in
// another package the call that makes its transport, if Start takes the guard there; on
// a router the call that is given the handler.
func handSite(t *analyze.Transport, r leftRoute) sdk.Site {
	if r.Kind == analyze.RouteStart && r.Site.Pkg != t.New.Pkg {
		return t.New
	}
	if m := r.Mounting; r.Kind == analyze.RouteOther && m != nil {
		return m.Calls[0]
	}
	return r.Site
}

// declareByHand returns the statements that make the guard, to be pasted before
// the transport is made.
func (b *builder) declareByHand(g *guarded, wirer sdk.Wirer, t *analyze.Transport, r leftRoute) string {
	server := b.serverByHand(g, wirer, t)
	if handSite(t, r).Pkg != t.New.Pkg {
		server = "s" // its name means nothing here
	}
	stop := []string{"panic(err)"}
	if at, err := findAnchor(b.prog.Fset, []sdk.Site{handSite(t, r)}); err == nil {
		at.program = b.inProgram(at.pkg)
		if lines, err := at.onError("err"); err == nil {
			stop = lines
		}
	}
	arg := ""
	if g.takesServer {
		arg = server
	}
	text := g.variable + ", err := " + g.constructor + "(" + arg + ")\nif err != nil {\n\t" + strings.Join(stop, "\n\t") + "\n}\n"
	switch {
	case g.takesServer || b.checked[t.New.Node] || b.madeInPlace(t, r):
	case r.Mounting != nil && server == "s" && handSite(t, r).Pkg == t.New.Pkg && !t.New.File.Cgo && baseOf(t.Server) == nil:
		old := sdk.Text(b.prog.Fset, t.New.File, t.New.Node)
		text += b.edited(t.New.File, t.New.Node, b.checkedInPlace(g, wirer, t)) + " // in place of " + firstLine(old) + "\n"
	case server == "s":
		text += g.variable + ".Server(s) // s: the server; before the transport is made\n"
	default:
		text += g.variable + ".Server(" + server + ") // before the transport is made\n"
	}
	return text
}

// serverByHand returns the expression of the server that a transport serves; "s"
// where it has no name of its own.
func (b *builder) serverByHand(g *guarded, wirer sdk.Wirer, t *analyze.Transport) string {
	w, err := wirer.WireTransport(sdk.Transport{Check: g.variable + ".Server", Each: g.variable + ".Servers", Fset: b.prog.Fset, Site: t.New, Server: t.Server})
	if err == nil && w.Server != "" {
		return w.Server
	}
	if _, made := t.New.Pkg.Info.TypeOf(t.Server).Underlying().(*types.Signature); made {
		return "s" // what the function returns
	}
	switch ast.Unparen(t.Server).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if !t.New.File.Cgo {
			return sdk.Text(b.prog.Fset, t.New.File, t.Server)
		}
	}
	return "s"
}

// replacement returns what has to stand in place of a route that is not edited.
func (b *builder) replacement(g *guarded, wirer sdk.Wirer, t *analyze.Transport, r leftRoute) string {
	fallback := g.variable + ".Protect(handler) // in place of handler"
	if r.Site.File.Cgo {
		return fallback
	}
	if r.Kind == analyze.RouteOther {
		return cmp.Or(b.onRouterByHand(g, wirer, t, r), fallback)
	}
	w, err := wirer.WireRoute(b.routeOf(t, r.Route, g.variable))
	if err != nil {
		if manual, ok := err.(*sdk.ManualError); ok {
			return manual.Text
		}
		return fallback
	}
	site := r.Site
	if r.Kind == analyze.RouteStart {
		site = t.New
	}
	old := sdk.Text(b.prog.Fset, site.File, site.Node)
	if p := b.peels[r.Route]; p != nil {
		for _, fe := range p.edits() {
			w.Edits = append(w.Edits, fe.edit)
		}
	}
	return b.edited(site.File, site.Node, w.Edits) + " // in place of " + firstLine(old)
}

// edited returns the text of n after the edits that lie in it.
func (b *builder) edited(f *load.File, n ast.Node, edits []edit.Edit) string {
	start, end := sdk.Offset(b.prog.Fset, f, n.Pos()), sdk.Offset(b.prog.Fset, f, n.End())
	var inside []edit.Edit
	for _, e := range edits {
		if start <= e.Start && e.End <= end {
			e.Start, e.End = e.Start-start, e.End-start
			inside = append(inside, e)
		}
	}
	out, err := edit.Apply(f.Src[start:end], inside)
	if err != nil {
		return sdk.Text(b.prog.Fset, f, n)
	}
	return string(out)
}

func firstLine(s string) string {
	first, _, more := strings.Cut(s, "\n")
	if more {
		return first + " …"
	}
	return first
}
