package flow

import (
	"go/ast"
	"go/token"
	"slices"
)

// Statements that leave a block early: what is assigned behind them may not have
// been assigned at the block's end.

// jumps reports whether fn has a goto: then nothing is said about the order of
// its statements. The answer is kept.
func (g *Graph) jumps(fn *Func) bool {
	yes, known := g.gotos[fn]
	if !known {
		yes = branches(fn.Body, token.GOTO)
		g.gotos[fn] = yes
	}
	return yes
}

// branches reports whether n, without the function literals in it, holds one of
// the branch statements.
func branches(n ast.Node, toks ...token.Token) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BranchStmt:
			found = found || slices.Contains(toks, x.Tok)
		}
		return !found
	})
	return found
}
