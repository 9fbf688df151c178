package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// exitCode returns how a function gives up whose only result is an exit code: it says
// why where the function says it, and returns the code that it returns for other
// errors. Nil where it returns none that is known not to be 0.
func (a *anchor) exitCode(typ *ast.FuncType, body *ast.BlockStmt, errName string) []string {
	if typ.Results == nil || typ.Results.NumFields() != 1 || len(typ.Results.List[0].Names) > 0 {
		return nil
	}
	if t, ok := a.pkg.Info.TypeOf(typ.Results.List[0].Type).Underlying().(*types.Basic); !ok || t.Info()&types.IsInteger == 0 {
		return nil
	}
	code, block := a.failing(body)
	if code == "" {
		return nil
	}
	return []string{a.sayTo(block, errName), "return " + code}
}

// failing finds the last block that ends by returning a constant other than 0 because
// of an error, and the constant as it is written there.
func (a *anchor) failing(body *ast.BlockStmt) (code string, block *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		x, ok := n.(*ast.IfStmt)
		if !ok || !a.ofError(x.Cond) || len(x.Body.List) == 0 {
			return true
		}
		ret, ok := x.Body.List[len(x.Body.List)-1].(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 {
			return true
		}
		if lit, ok := ret.Results[0].(*ast.BasicLit); ok && lit.Kind == token.INT && lit.Value != "0" {
			code, block = lit.Value, x.Body
		}
		return true
	})
	return code, block
}

// ofError reports whether a condition is that an error is not nil.
func (a *anchor) ofError(cond ast.Expr) bool {
	x, ok := cond.(*ast.BinaryExpr)
	if !ok || x.Op != token.NEQ {
		return false
	}
	t := a.pkg.Info.TypeOf(x.X)
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// sayTo returns the statement that prints an error where block prints one with fmt, or
// to the standard error.
func (a *anchor) sayTo(block *ast.BlockStmt, errName string) string {
	name, ok := sdk.LocalName(a.file, "fmt")
	if !ok || !a.isPackage(name) {
		return "println(" + errName + ".Error())"
	}
	to := ""
	ast.Inspect(block, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if fn, ok := a.pkg.Info.Uses[sel.Sel].(*types.Func); ok && fn.Pkg() != nil && fn.Pkg().Path() == "fmt" &&
				(fn.Name() == "Fprintf" || fn.Name() == "Fprintln") && a.reaches(call.Args[0]) {
				to = sdk.Text(a.fset, a.file, call.Args[0])
			}
		}
		return true
	})
	if os, ok := sdk.LocalName(a.file, "os"); to == "" && ok && a.isPackage(os) {
		to = os + ".Stderr"
	}
	if to == "" {
		return "println(" + errName + ".Error())"
	}
	return name + ".Fprintln(" + to + ", " + errName + ")"
}

// reaches reports whether a name, or a field or variable of one, means the same at the anchor.
func (a *anchor) reaches(e ast.Expr) bool {
	for {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			e = x.X
		case *ast.Ident:
			scope := a.scope()
			if scope == nil {
				return false
			}
			_, obj := scope.LookupParent(x.Name, a.stmt.Pos())
			return obj != nil && obj == a.pkg.Info.Uses[x]
		default:
			return false
		}
	}
}
