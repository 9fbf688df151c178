package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A SideDoor is an import that puts handlers on http.DefaultServeMux by itself, where a
// server is on that mux too: they are open beside it, whatever stands in front of it.
type SideDoor struct {
	Site    sdk.Site // the import
	Package string   // what is imported, such as "net/http/pprof"
	Opens   string   // what anybody then gets
	Server  sdk.Site // the transport that is on the mux
}

// selfMounting are packages that put handlers on the default mux when they are imported.
var selfMounting = map[string]string{
	"net/http/pprof":         "profiles, memory contents and the command line, at /debug/pprof/",
	"expvar":                 "the command line and all published variables, at /debug/vars",
	"golang.org/x/net/trace": "traces of requests, at /debug/requests and /debug/events",
}

// findSideDoors finds imports of those in programs that have a server on the default
// mux, unless a guard stands in front of the whole mux.
func (a *analysis) findSideDoors() {
	a.sideDoors(anyDefaultMux, nil)
	for main, key := range a.defaults {
		a.sideDoors(key, main)
	}
	slices.SortFunc(a.doors, func(x, y SideDoor) int { return a.compareSites(x.Site, y.Site) })
}

// sideDoors looks at the imports of one program, or of all where main is nil.
func (a *analysis) sideDoors(mux ast.Expr, main *load.Package) {
	server := a.firstOn(mux)
	if server == nil || a.guardedMux(mux) {
		return
	}
	linked := map[*types.Package]bool{}
	if main != nil {
		linked = imported(main.Types)
	}
	for _, pkg := range a.prog.Packages {
		if main != nil && !linked[pkg.Types] {
			continue
		}
		for _, f := range pkg.Files {
			for _, spec := range f.AST.Imports {
				a.sideDoor(sdk.Site{Role: sdk.RoleMount, Pkg: pkg, File: f, Node: spec}, importPath(spec), server.New)
			}
		}
	}
}

func (a *analysis) sideDoor(at sdk.Site, path string, server sdk.Site) {
	known := slices.ContainsFunc(a.doors, func(d SideDoor) bool { return d.Site.Node == at.Node })
	if opens := selfMounting[path]; opens != "" && !known && !a.book.authlib(at.Pkg.Path) {
		a.doors = append(a.doors, SideDoor{Site: at, Package: path, Opens: opens, Server: server})
	}
}

// firstOn returns the first transport that is put on a mux; nil if none is.
func (a *analysis) firstOn(mux ast.Expr) *Transport {
	var first *Transport
	for t := range a.mounted[mux] {
		if first == nil || a.compareSites(t.New, first.New) < 0 {
			first = t
		}
	}
	return first
}

// guardedMux reports whether a guard stands in front of a mux wherever it is served.
func (a *analysis) guardedMux(mux ast.Expr) bool {
	ways := a.waysOf(mux)
	return len(ways) > 0 && !slices.ContainsFunc(ways, func(w way) bool { return judgeChain(w.chain).verdict != Protected })
}
