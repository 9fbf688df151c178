package flow

import (
	"go/types"
	"slices"
)

// findPrograms finds which packages each main package of the module is linked with: only
// their init functions and variables are run, and only their values meet.
func (g *Graph) findPrograms() {
	byPackage := map[*types.Package]bool{}
	for _, pkg := range g.Prog.Packages {
		if pkg.Name == "main" && !byPackage[pkg.Types] && hasMain(pkg.Types) {
			byPackage[pkg.Types] = true
			g.programs = append(g.programs, g.linked(pkg.Types))
		}
	}
}

func hasMain(p *types.Package) bool {
	_, ok := p.Scope().Lookup("main").(*types.Func)
	return ok
}

// linked returns the packages of the module that p imports, at any remove, and p.
func (g *Graph) linked(p *types.Package) map[*types.Package]bool {
	found := map[*types.Package]bool{}
	for todo := []*types.Package{p}; len(todo) > 0; {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !found[p] && g.mine[p] {
			found[p] = true
			todo = append(todo, p.Imports()...)
		}
	}
	return found
}

// inProgram reports whether a package is linked into some program. A module without
// one is a library, all of which counts.
func (g *Graph) inProgram(p *types.Package) bool {
	return len(g.programs) == 0 || slices.ContainsFunc(g.programs, func(of map[*types.Package]bool) bool { return of[p] })
}

// Together reports whether two packages are linked into one program of the module, or
// into none, where others use them who are not to be seen.
func (g *Graph) Together(p, q *types.Package) bool {
	linked := false
	for _, of := range g.programs {
		if of[p] && of[q] {
			return true
		}
		linked = linked || of[p] || of[q]
	}
	return !linked
}
