package rewrite

import (
	"go/ast"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// exclusive reports whether at most one of two sites runs: they stand in different
// functions that both serve, in different cases of a switch or select, or in the
// two halves of an if.
func exclusive(a, b sdk.Site) bool {
	fa, fb := declOf(a), declOf(b)
	if a.File != b.File || fa != nil && fb != nil && fa != fb {
		return true
	}
	path, _ := astutil.PathEnclosingInterval(a.File.AST, a.Node.Pos(), a.Node.End())
	for i, n := range path {
		if b.Node.Pos() < n.Pos() || n.End() < b.Node.End() {
			continue
		}
		if i == 0 {
			return false
		}
		return apart(n, path[i-1], b.Node)
	}
	return false
}

// apart reports whether n, the innermost node around both, runs only one of its
// parts: child, which holds one site, or the one that holds other.
func apart(n, child, other ast.Node) bool {
	switch n := n.(type) {
	case *ast.BlockStmt: // the body of a switch or select holds its clauses
		switch child.(type) {
		case *ast.CaseClause, *ast.CommClause:
			return true
		}
	case *ast.IfStmt:
		halves := func(x, y ast.Node) bool {
			return x == ast.Node(n.Body) && n.Else != nil && n.Else.Pos() <= y.Pos() && y.End() <= n.Else.End()
		}
		return halves(child, other) || child == ast.Node(n.Else) && n.Body.Pos() <= other.Pos() && other.End() <= n.Body.End()
	}
	return false
}
