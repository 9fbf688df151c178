package analyze

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// findMissingNames finds what the program uses of an SDK and the version that was
// read in place of its own does not have: there something may be hidden.
func (a *analysis) findMissingNames() {
	for _, s := range a.prog.StandIns {
		for _, pkg := range a.prog.Packages {
			for _, f := range pkg.Files {
				a.missingNames(s, pkg, f)
			}
		}
	}
}

func (a *analysis) missingNames(s load.StandIn, pkg *load.Package, f *load.File) {
	ast.Inspect(f.AST, func(n ast.Node) bool {
		x, ok := n.(*ast.SelectorExpr)
		if !ok || pkg.Info.Uses[x.Sel] != nil || pkg.Info.Selections[x] != nil || !fromModule(pkg.Info, x.X, s.Module) {
			return true
		}
		at := a.prog.Fset.PositionFor(x.Pos(), f.Cgo)
		a.incomplete[Incomplete{File: f.Rel, Line: at.Line, Why: fmt.Sprintf(
			"%s is not in %s %s, which was read because %s is not in the module cache: go mod download fetches it", types.ExprString(x), s.Module, s.Used, s.Wanted)}] = true
		return true
	})
}

// fromModule reports whether an expression is a package of a module, or of a type of one.
func fromModule(info *types.Info, e ast.Expr, module string) bool {
	path := ""
	if id, ok := e.(*ast.Ident); ok {
		if p, ok := info.Uses[id].(*types.PkgName); ok {
			path = p.Imported().Path()
		}
	}
	if n := named(orInvalid(info.TypeOf(e))); n != nil && n.Obj().Pkg() != nil {
		path = n.Obj().Pkg().Path()
	}
	return path == module || strings.HasPrefix(path, module+"/")
}
