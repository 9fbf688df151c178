package rewrite

import (
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// inProgram reports whether a program of pkg's module is made of it: it is one, or
// one imports it. Another module of a workspace is a library to it.
func (b *builder) inProgram(pkg *load.Package) bool {
	for _, p := range b.prog.Packages {
		if p.Name == "main" && p.Module == pkg.Module && imports(p.Types, pkg.Path, map[*types.Package]bool{}) {
			return true
		}
	}
	return false
}

// imports reports whether p is path or imports it, by whatever way.
func imports(p *types.Package, path string, seen map[*types.Package]bool) bool {
	if p.Path() == path {
		return true
	}
	if seen[p] {
		return false
	}
	seen[p] = true
	for _, q := range p.Imports() {
		if imports(q, path, seen) {
			return true
		}
	}
	return false
}
