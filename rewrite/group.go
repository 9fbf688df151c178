package rewrite

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A group is one transport with the routes that serve it: they share one guard,
// made right before the first of them.
type group struct {
	b         *builder
	wirer     sdk.Wirer
	server    *analyze.Server
	transport *analyze.Transport
	routes    []*analyze.Route
	elsewhere bool // another function serves the transport, too, with a guard that it makes

	side  *sidecar // of the package that serves
	guard *guarded
	edits []fileEdit
	marks []func() // run when the group is committed

	published []publication // where the endpoints are added to routers of other libraries
}

// wire plans the edits. Nothing is recorded when one of the sites can't be edited.
func (g *group) wire() error {
	if err := g.alone(); err != nil {
		return err
	}
	var err error
	if g.published, err = g.publications(); err != nil {
		return err
	}
	sites := g.guardSites()
	at, err := findAnchor(g.b.prog.Fset, sites)
	if err != nil {
		return err
	}
	at.program = g.b.inProgram(at.pkg)
	if made, served := g.transport.New.Pkg.Module, sites[0].Pkg.Module; made != served {
		return manualf("the transport is made in the module " + made.Path + " and served in " + served.Path +
			", and a guard of the one can't be used in the other: make the transport where it is served, from a server that " + made.Path + " returns")
	}
	g.side = g.b.sidecarFor(sites[0].Pkg, g.wirer)
	g.guard = g.b.guardAt(g.side, g.server, g.transport, sites[0])
	if err := g.clash(sites[0]); err != nil {
		return err
	}
	auth := at.fresh(g.guard.variable)
	inside, err := g.check(auth, !g.elsewhere && sameFunc(sites[0], g.transport.New) && !g.b.together(g.server))
	if err != nil {
		return err
	}
	if err := g.guardRoutes(auth); err != nil {
		return err
	}
	lines, err := g.declare(at, auth, inside)
	if err != nil {
		return err
	}
	g.insert(at, lines)
	if err := g.publish(auth); err != nil {
		return err
	}
	g.commit(sites[0])
	return nil
}

// guardSites returns the places that need the guard at hand: those that serve, the
// call that makes the transport for Start, whose option it is, that call too if it
// stands in the same function, and those next to which the endpoints are added.
func (g *group) guardSites() []sdk.Site {
	var sites []sdk.Site
	for _, r := range g.routes {
		sites = append(sites, guardSite(g.transport, r))
		if m := r.Mounting; r.Kind != analyze.RouteStart && m != nil && m.Handler != nil { // it may be on a line before
			sites = append(sites, sdk.Site{Pkg: r.Site.Pkg, File: r.Site.File, Node: m.Handler})
		}
	}
	if sameFunc(sites[0], g.transport.New) {
		sites = append(sites, g.transport.New)
	}
	for _, p := range g.published {
		sites = append(sites, p.site)
	}
	return sites
}

// guardSite is where a route takes its guard: Start takes it with the transport, so
// that one call of Start can serve one of several, each with its own.
func guardSite(t *analyze.Transport, r *analyze.Route) sdk.Site {
	if r.Kind == analyze.RouteStart {
		return t.New
	}
	return r.Site
}

// byFunction sorts the routes of a transport by the function in which they need the
// guard, in their order.
func byFunction(t *analyze.Transport, routes []*analyze.Route) [][]*analyze.Route {
	var parts [][]*analyze.Route
	for _, r := range routes {
		i := slices.IndexFunc(parts, func(p []*analyze.Route) bool { return sameFunc(guardSite(t, p[0]), guardSite(t, r)) })
		if i < 0 {
			parts = append(parts, nil)
			i = len(parts) - 1
		}
		parts[i] = append(parts[i], r)
	}
	return parts
}

// alone reports another open transport that is served by the same call: one guard would
// stand in front of both, and speak of one only.
func (g *group) alone() error {
	for _, s := range g.b.res.Servers {
		for _, t := range s.Transports {
			if t.New.Node == g.transport.New.Node {
				continue
			}
			for _, r := range t.Routes {
				if r.Verdict != analyze.Protected && g.guards(guardSite(t, r)) {
					return manualf("what is served here is sometimes another transport (" + t.New.ID(g.b.prog.Fset) +
						"): give each a pattern of its own, or guard them here with one guard")
				}
			}
		}
	}
	return nil
}

// guards reports whether the group guards what is served at a site.
func (g *group) guards(site sdk.Site) bool {
	return slices.ContainsFunc(g.routes, func(r *analyze.Route) bool { return guardSite(g.transport, r).Node == site.Node })
}

// clash reports what another transport has taken: the place that serves, or the
// guard, where both would run and claim the same URL.
func (g *group) clash(site sdk.Site) error {
	for _, r := range g.routes {
		if g.b.routed[guardSite(g.transport, r).Node] {
			return manualf("one handler leads to several servers here: give each a pattern of its own, or guard them here with one guard")
		}
	}
	for _, place := range g.guard.places {
		if !g.b.exclusive(place, site) {
			where := "in this function"
			if place.File != site.File || declOf(place) != declOf(site) {
				where = "by the same run of the program, at " + place.ID(g.b.prog.Fset)
			}
			return manualf("the server is served over HTTP a second time " + where + ": a guard has one URL, so serve it once, or give the second one a guard of its own")
		}
	}
	return nil
}

// declare returns the statements that make the guard, with the server that it is
// given, if any, and that give up when it can't be made.
func (g *group) declare(at *anchor, auth, server string) ([]string, error) {
	errName := at.errName()
	stop, err := at.onError(errName)
	if err != nil {
		return nil, err
	}
	if len(g.guard.places) == 0 {
		g.marks = append(g.marks, func() { g.guard.takesServer = server != "" })
	} else if g.guard.takesServer != (server != "") {
		return nil, manualf("the server is served in two places in different ways: make the guard here as the other place does")
	}
	return declaration(auth, errName, g.guard.constructor+"("+server+")", stop), nil
}

// check wires the SDK's own second check, and returns the server that the guard's
// constructor has to be given for it, "" if none. In another function than the
// routes, and where the server has two guards at a time, the check takes the guard
// from each request instead of a variable. Where several functions serve the
// transport, the first of them that is wired brings it.
func (g *group) check(auth string, ownGuard bool) (server string, err error) {
	if g.b.checked[g.transport.New.Node] {
		return "", nil
	}
	g.marks = append(g.marks, func() { g.b.checked[g.transport.New.Node] = true })
	one, each := auth+".Server", auth+".Servers"
	side := g.side
	if !ownGuard {
		if g.transport.New.Pkg != side.pkg {
			side = g.b.sidecarFor(g.transport.New.Pkg, g.wirer)
		}
		one = cmp.Or(side.checker, g.b.freshName(side.pkg, "checkMCPCalls"))
		each = cmp.Or(side.eachChecker, g.b.freshName(side.pkg, "checkMCPServers"))
	}
	w, err := g.wirer.WireTransport(sdk.Transport{
		Check: one, Each: each, Fset: g.b.prog.Fset, Site: g.transport.New, Server: g.transport.Server,
	})
	if err != nil {
		return "", err
	}
	g.add(g.transport.New.File, w.Edits)
	if ownGuard {
		return w.Server, nil
	}
	g.marks = append(g.marks, func() {
		if w.Each {
			side.eachChecker = each
		} else {
			side.checker = one
		}
		g.b.keep(side, nil)
	})
	if w.Server == "" {
		return "", nil
	}
	at, err := findAnchor(g.b.prog.Fset, []sdk.Site{g.transport.New})
	if err != nil {
		return "", err
	}
	g.insert(at, []string{one + "(" + w.Server + ")"})
	return "", nil
}

func (g *group) guardRoutes(auth string) error {
	for _, r := range g.routes {
		w, err := g.wirer.WireRoute(g.b.routeOf(g.transport, r, auth))
		if err != nil {
			return err
		}
		g.take(r)
		if r.Kind == analyze.RouteOther {
			g.addOnce(r.Site.File, w.Edits)
			continue
		}
		file := r.Site.File
		if r.Kind == analyze.RouteStart {
			file = g.transport.New.File
		}
		g.add(file, w.Edits)
	}
	return nil
}

// addOnce adds edits that several routes may share: one handler that a router is given
// for one method after the other.
func (g *group) addOnce(f *load.File, edits []edit.Edit) {
	for _, e := range edits {
		if fe := (fileEdit{f, e}); !slices.Contains(g.edits, fe) {
			g.edits = append(g.edits, fe)
		}
	}
}

// take plans the cuts that take the checks of a route out, each once.
func (g *group) take(r *analyze.Route) {
	p := g.b.peels[r]
	if p == nil {
		return
	}
	for _, fe := range p.edits() {
		if !slices.Contains(g.edits, fe) {
			g.edits = append(g.edits, fe)
		}
	}
}

// insert puts statements right before the anchor's.
func (g *group) insert(at *anchor, lines []string) {
	offset, indent, inline := at.insertionPoint()
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(indent + line + "\n")
	}
	if inline {
		text.Reset()
		text.WriteString(oneLine(lines) + "; ")
	}
	g.add(at.file, []edit.Edit{{Start: offset, End: offset, New: text.String(), Why: "ask every caller of the server who they are"}})
}

// oneLine joins the lines of statements, with the semicolons that line ends stand for.
func oneLine(lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		line = strings.TrimSpace(line)
		b.WriteString(line)
		switch {
		case i == len(lines)-1:
		case strings.HasSuffix(line, "{"), i+1 < len(lines) && strings.TrimSpace(lines[i+1]) == "}":
			b.WriteString(" ")
		default:
			b.WriteString("; ")
		}
	}
	return b.String()
}

func (g *group) add(f *load.File, edits []edit.Edit) {
	for _, e := range edits {
		g.edits = append(g.edits, fileEdit{f, e})
	}
}

// commit records the edits, and what the sidecar must know about this server.
func (g *group) commit(place sdk.Site) {
	for _, fe := range g.edits {
		g.b.edits[fe.file.Rel] = append(g.b.edits[fe.file.Rel], fe)
	}
	for _, mark := range g.marks {
		mark()
	}
	g.b.touch(g.side.pkg.Path)
	g.b.touch(g.transport.New.Pkg.Path)
	g.guard.addServer(g.server, g.transport, mainRoute(g.transport, g.routes))
	g.guard.places = append(g.guard.places, place)
	g.b.keep(g.side, g.guard)
	g.b.wired[g.transport.New.Node] = g.guard
	g.b.noteSSE(g.guard, g.transport)
	for _, r := range g.routes {
		g.b.routed[guardSite(g.transport, r).Node] = true
		for _, note := range g.b.later[r] {
			note()
		}
	}
	g.b.noteReaders(g.server, g.routes)
	g.b.noteMetadata(g.server)
}
