package rewrite

import (
	"go/ast"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// exclusive reports whether at most one of two sites runs: they stand in different
// functions that no run of a function leads to both of, in different cases of a switch
// or select, or in the two halves of an if.
func (b *builder) exclusive(x, y sdk.Site) bool {
	fx, fy := declOf(x), declOf(y)
	switch {
	case x.File == y.File && (fx == nil || fy == nil || fx == fy):
		return exclusiveIn(x.File, x.Node, y.Node)
	case fx == nil || fy == nil:
		return true
	}
	if b.paths == nil {
		b.paths = pathsOf(b.prog)
	}
	return !b.paths.meet(x, y)
}

// exclusiveIn is exclusive in one function.
func exclusiveIn(file *load.File, a, b ast.Node) bool {
	path, _ := astutil.PathEnclosingInterval(file.AST, a.Pos(), a.End())
	for i, n := range path {
		if b.Pos() < n.Pos() || n.End() < b.End() {
			continue
		}
		if i == 0 {
			return false
		}
		return apart(n, path[i-1], b)
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
