package rewrite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// declaredBeside returns the names that files of pkg declare which were not loaded:
// those for other systems or tags, and tests. Wiring that takes one of them builds
// here and nowhere else. A file that can't be parsed declares nothing.
func declaredBeside(pkg *load.Package) map[string]bool {
	names := map[string]bool{}
	entries, err := os.ReadDir(pkg.Dir)
	if err != nil {
		return names
	}
	loaded := map[string]bool{}
	for _, f := range pkg.Files {
		loaded[filepath.Base(f.Path)] = true
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), ".go") || loaded[e.Name()] {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, e.Name()), nil, parser.SkipObjectResolution)
		if err == nil && f.Name.Name == pkg.Name {
			addDeclared(names, f)
		}
	}
	return names
}

func addDeclared(names map[string]bool, f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names[d.Name.Name] = names[d.Name.Name] || d.Recv == nil
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						names[id.Name] = true
					}
				}
			}
		}
	}
}
