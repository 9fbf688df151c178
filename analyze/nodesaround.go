package analyze

import (
	"go/ast"
	"go/token"
	"slices"
)

// nodesAround returns the nodes of a file that hold all from pos to end, the innermost first.
func nodesAround(f *ast.File, pos, end token.Pos) []ast.Node {
	var list []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || n.End() < end {
			return false
		}
		list = append(list, n)
		return true
	})
	slices.Reverse(list)
	return list
}
