package rewrite

import (
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

	edits []fileEdit
}

// wire plans the edits. Nothing is recorded when one of the sites can't be edited.
func (g *group) wire() error {
	sites := g.guardSites()
	at, err := findAnchor(g.b.prog.Fset, sites)
	if err != nil {
		return err
	}
	side := g.b.sidecarFor(sites[0].Pkg, g.wirer)
	if len(side.servers) > 0 {
		return manualf("a second transport is served over HTTP in this package, which this version does not migrate: give it the same guard")
	}
	auth := at.fresh("mcpAuth")
	inside, err := g.check(side, auth, len(sites) > len(g.routes))
	if err != nil {
		return err
	}
	if err := g.guardRoutes(auth); err != nil {
		return err
	}
	lines, err := g.declare(side, at, auth, inside)
	if err != nil {
		return err
	}
	g.insert(at, lines)
	side.takesServer = side.takesServer || inside != ""
	g.commit(side)
	return nil
}

// guardSites returns the routes and, if it stands in the same function, the call
// that makes the transport.
func (g *group) guardSites() []sdk.Site {
	var sites []sdk.Site
	for _, r := range g.routes {
		sites = append(sites, r.Site)
	}
	if sameFunc(sites[0], g.transport.New) {
		sites = append(sites, g.transport.New)
	}
	return sites
}

// declare returns the statements that make the guard, with the server that it is
// given, if any, and that give up when it can't be made.
func (g *group) declare(side *sidecar, at *anchor, auth, server string) ([]string, error) {
	errName := at.errName()
	stop, err := at.onError(errName)
	if err != nil {
		return nil, err
	}
	lines := []string{
		auth + ", " + errName + " := " + side.constructor + "(" + server + ")",
		"if " + errName + " != nil {",
	}
	for _, s := range stop {
		lines = append(lines, "\t"+s)
	}
	return append(lines, "}"), nil
}

// check wires the SDK's own second check, and returns the server that the guard's
// constructor has to be given for it, "" if none. In another function than the
// routes the check takes the guard from each request instead of a variable.
func (g *group) check(side *sidecar, auth string, sameFunction bool) (server string, err error) {
	fn := auth + ".Server"
	if !sameFunction {
		fn = g.b.checkerFor(g.transport.New.Pkg, g.wirer, side)
	}
	w, err := g.wirer.WireTransport(sdk.Transport{
		Check: fn, Fset: g.b.prog.Fset, Site: g.transport.New, Server: g.transport.Server,
	})
	if err != nil {
		return "", err
	}
	g.add(g.transport.New.File, w.Edits)
	if sameFunction || w.Server == "" {
		return w.Server, nil
	}
	at, err := findAnchor(g.b.prog.Fset, []sdk.Site{g.transport.New})
	if err != nil {
		return "", err
	}
	g.insert(at, []string{fn + "(" + w.Server + ")"})
	return "", nil
}

func (g *group) guardRoutes(auth string) error {
	for _, r := range g.routes {
		w, err := g.wirer.WireRoute(sdk.Route{
			Auth: auth, Fset: g.b.prog.Fset, Kind: string(r.Kind), Site: r.Site,
			Transport: g.transport.New, Handler: r.Handler, Mux: r.Mux, Path: g.transport.Path,
		})
		if err != nil {
			return err
		}
		file := r.Site.File
		if r.Kind == analyze.RouteStart {
			file = g.transport.New.File
		}
		g.add(file, w.Edits)
	}
	return nil
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
func (g *group) commit(side *sidecar) {
	for _, fe := range g.edits {
		g.b.edits[fe.file.Rel] = append(g.b.edits[fe.file.Rel], fe)
	}
	g.b.touch(side.pkg.Path)
	g.b.touch(g.transport.New.Pkg.Path)
	side.add(g.server, g.transport, g.routes[0])
	g.b.keep(side)
	g.b.wired[g.transport.New.Node] = side
}
