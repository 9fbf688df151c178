package analyze

import (
	"go/ast"
	"go/types"
)

// Fields of values whose type was not loaded, such as a setting in a struct of another
// module: what they hold is of whoever holds the value.

// unloadedField reports whether a selector names something of a value that nothing is
// known of, and no name of a package.
func (m *machine) unloadedField(x *ast.SelectorExpr) bool {
	if m.info().Uses[x.Sel] != nil {
		return false
	}
	id, ok := ast.Unparen(x.X).(*ast.Ident)
	if !ok {
		return true
	}
	_, isVar := m.info().Uses[id].(*types.Var)
	return isVar
}
