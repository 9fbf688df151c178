package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A module that was migrated before has wiring: its files are taken up as what they
// are, so that a further run plans what is new and nothing twice. A constructor that
// the program calls belongs to the servers that its guard protects; one that nobody
// calls yet waits for the server that a person was asked to guard with it.

// adopt takes up the wiring that is there.
func (b *builder) adopt() {
	for _, pkg := range b.prog.Packages {
		if pkg.Module == nil || !pkg.Module.LookedAt {
			continue
		}
		for _, f := range pkg.Files {
			if !isWiring(f) {
				continue
			}
			if side := b.adoptFile(pkg, f); side != nil {
				b.sidecars = append(b.sidecars, side)
			} else {
				b.strange = append(b.strange, f.Rel)
			}
		}
	}
}

// adoptFile returns the wiring in f with the servers that it guards; nil where that
// can't be told for certain.
func (b *builder) adoptFile(pkg *load.Package, f *load.File) *sidecar {
	for _, wirer := range b.opt.Wirers {
		side := b.readWiring(pkg, f, wirer)
		if side == nil {
			continue
		}
		if twice := slices.ContainsFunc(b.sidecars, func(s *sidecar) bool { return s.pkg == pkg && s.adapter == side.adapter }); twice {
			return nil // which of the two the next server belongs to is not known
		}
		if !b.findServers(side) {
			return nil
		}
		for _, g := range side.guards {
			g.was.http, g.was.kind, g.was.servers = g.http, g.kind, slices.Clone(g.servers)
		}
		return side
	}
	return nil
}

// findServers gives each guard the servers that it protects, and reports whether all
// that are protected in the package could be told apart.
func (b *builder) findServers(side *sidecar) bool {
	held := b.variablesOf(side)
	for _, s := range b.res.Servers {
		if w := b.opt.Wirers[s.Spec.Name]; w == nil || w.Adapter() != side.adapter {
			continue
		}
		for _, t := range streamableFirst(s.Transports) {
			if !b.findGuard(side, held, s, t) {
				return false
			}
		}
	}
	return !slices.ContainsFunc(side.guards, func(g *guarded) bool { return g.called && len(g.servers) == 0 })
}

// findGuard gives the transport to the guard in front of it, if that is of side.
func (b *builder) findGuard(side *sidecar, held map[types.Object]*guarded, s *analyze.Server, t *analyze.Transport) bool {
	if t.Kind == sdk.KindStdio && t.Guard == analyze.OurGuard && t.New.Pkg == side.pkg {
		g := guardIn(side, held, t.New)
		if g == nil {
			return false
		}
		g.addStdio(s)
	}
	for _, r := range t.Routes {
		site := r.Site
		if r.Kind == analyze.RouteStart {
			site = t.New
		}
		if r.Guard != analyze.OurGuard || site.Pkg != side.pkg {
			continue
		}
		g := guardIn(side, held, site)
		if g == nil {
			return false
		}
		g.addServer(s, t, mainRoute(t, t.Routes))
	}
	return true
}

// guardIn returns the guard that site names; where it names none, the only one that
// the package makes.
func guardIn(side *sidecar, held map[types.Object]*guarded, site sdk.Site) *guarded {
	var found *guarded
	several := false
	ast.Inspect(site.Node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if g, ok := held[side.pkg.Info.Uses[id]]; ok {
			several = several || g == nil || found != nil && found != g
			found = g
		}
		return true
	})
	if several {
		return nil
	}
	if found != nil {
		return found
	}
	for _, g := range side.guards {
		if !g.called {
			continue
		}
		if found != nil {
			return nil
		}
		found = g
	}
	return found
}

// variablesOf returns the variables of the package that hold guards of side, nil for
// one that holds several, and notes where guards are made.
func (b *builder) variablesOf(side *sidecar) map[types.Object]*guarded {
	held := map[types.Object]*guarded{}
	for _, f := range side.pkg.Files {
		if f == side.disk || f.AST == nil {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				side.use(f, n)
			case *ast.CallExpr:
				if g := side.makes(n); g != nil {
					g.places = append(g.places, sdk.Site{Role: sdk.RoleGuard, Pkg: side.pkg, File: f, Node: n})
				}
			case *ast.AssignStmt:
				side.hold(n, held)
			}
			return true
		})
	}
	return held
}

// use notes that a file other than the wiring names something that it declares.
func (s *sidecar) use(f *load.File, id *ast.Ident) {
	obj := s.pkg.Info.Uses[id]
	if obj == nil || obj.Parent() != s.pkg.Types.Scope() {
		return
	}
	if obj.Pos() < s.disk.AST.FileStart || s.disk.AST.FileEnd < obj.Pos() {
		return
	}
	for _, g := range s.guards {
		g.called = g.called || id.Name == g.constructor || id.Name == g.stdio
	}
	if !slices.Contains(s.users, f.Rel) {
		s.users = append(s.users, f.Rel)
	}
}

// makes returns the guard that call makes, over HTTP or over stdio.
func (s *sidecar) makes(call *ast.CallExpr) *guarded {
	id, ok := call.Fun.(*ast.Ident)
	if !ok {
		return nil
	}
	obj := s.pkg.Info.Uses[id]
	for _, g := range s.guards {
		if (id.Name == g.constructor || id.Name == g.stdio) && obj != nil && obj == s.pkg.Types.Scope().Lookup(id.Name) {
			return g
		}
	}
	return nil
}

// hold notes the variable that a guard is assigned to.
func (s *sidecar) hold(assign *ast.AssignStmt, held map[types.Object]*guarded) {
	if len(assign.Rhs) != 1 {
		return
	}
	call, ok := assign.Rhs[0].(*ast.CallExpr)
	if !ok {
		return
	}
	g := s.makes(call)
	id, ok := assign.Lhs[0].(*ast.Ident)
	if g == nil || !ok {
		return
	}
	obj := s.pkg.Info.Defs[id]
	if obj == nil {
		obj = s.pkg.Info.Uses[id]
	}
	if other, taken := held[obj]; taken && other != g {
		g = nil
	}
	held[obj] = g
}

// fillVacant says of the guards that were vacant what is known of them now. One that is
// so still gets a server that stands for the one it was written for.
func (b *builder) fillVacant() {
	for _, side := range b.sidecars {
		for _, g := range side.guards {
			if g.was == nil || len(g.was.servers) > 0 {
				continue
			}
			if len(g.servers) == 0 {
				g.servers, g.http = []*analyze.Server{b.standIn(side, g)}, g.stdio == ""
			}
			g.was.http, g.was.kind, g.was.servers = g.http, g.kind, g.servers
		}
	}
}

// standIn returns a server of the SDK that side is for, with the name that is written
// above the guard.
func (b *builder) standIn(side *sidecar, g *guarded) *analyze.Server {
	stand := &analyze.Server{ID: g.id, Spec: &sdk.Spec{}}
	for _, s := range b.res.Servers {
		if w := b.opt.Wirers[s.Spec.Name]; w != nil && w.Adapter() == side.adapter {
			stand.Spec, stand.Version = s.Spec, s.Version
		}
	}
	return stand
}

// vacancy returns the guard that an earlier run wrote for the server and that nobody
// makes yet; nil if there is none.
func (s *sidecar) vacancy(server *analyze.Server) *guarded {
	var plain *guarded
	for _, g := range s.guards {
		if g.was == nil || g.sibling || len(g.servers) > 0 {
			continue
		}
		switch strings.TrimRight(strings.TrimPrefix(g.constructor, "newMCPAuth"), "0123456789") {
		case strings.TrimRight(camel(server.ID), "0123456789"):
			return g
		case "":
			plain = g
		}
	}
	return plain
}

// snapshot returns the wiring as the file has it.
func (s *sidecar) snapshot() *sidecar {
	was := *s
	was.guards = nil
	for _, g := range s.guards {
		before := *g
		g.was = &before
		was.guards = append(was.guards, g.was)
	}
	return &was
}

// adopted reports whether the wiring was there before this run.
func (s *sidecar) adopted() bool { return s.disk != nil }
