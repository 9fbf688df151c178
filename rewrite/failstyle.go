package rewrite

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// onError returns the statements by which the function around the anchor gives up,
// in its own style: it returns the error where it can, or the exit code
// that it returns for others, else it does what the function does elsewhere (log.Fatal, slog and os.Exit, fmt and os.Exit, panic).
// In a program, the packages that it is made of included, the file's style will
// do, and panic where the file has none. A library must not end whoever uses it.
func (a *anchor) onError(errName string) ([]string, error) {
	typ, body := a.enclosingFunc()
	if typ == nil {
		return nil, manualf("the server is served outside of any function")
	}
	if ret, ok := a.returnError(typ, errName); ok {
		return []string{ret}, nil
	}
	if text := a.exitCode(typ, body, errName); text != nil {
		return text, nil
	}
	if results := typ.Results != nil && len(typ.Results.List) > 0; !results {
		if text := a.likeElsewhere(body, errName); text != nil {
			return text, nil
		}
	}
	if !a.program {
		return nil, manualf("the function that serves has no way to report an error: let it return one")
	}
	if text := a.likeElsewhere(a.file.AST, errName); text != nil {
		return text, nil
	}
	return []string{"panic(" + errName + ")"}, nil
}

// likeElsewhere returns how code below n gives up, nil if it never does.
func (a *anchor) likeElsewhere(n ast.Node, errName string) []string {
	for _, style := range failStyles {
		if text := style(a, n, errName); text != nil {
			return text
		}
	}
	return nil
}

// enclosingFunc returns the innermost function around the anchor.
func (a *anchor) enclosingFunc() (*ast.FuncType, *ast.BlockStmt) {
	for _, n := range a.path {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n.Type, n.Body
		case *ast.FuncDecl:
			return n.Type, n.Body
		}
	}
	return nil, nil
}

// returnError returns "return zero, …, err" when the last result is an error.
func (a *anchor) returnError(typ *ast.FuncType, errName string) (string, bool) {
	if typ.Results == nil {
		return "", false
	}
	var values []string
	for _, field := range typ.Results.List {
		for range max(1, len(field.Names)) {
			values = append(values, a.zero(field.Type))
		}
	}
	last := typ.Results.List[len(typ.Results.List)-1]
	if t := a.pkg.Info.TypeOf(last.Type); t == nil || !types.Identical(t, types.Universe.Lookup("error").Type()) {
		return "", false
	}
	values[len(values)-1] = errName
	return "return " + strings.Join(values, ", "), true
}

// zero returns the zero value of the type that e denotes, as it is written there.
func (a *anchor) zero(e ast.Expr) string {
	t := a.pkg.Info.TypeOf(e)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsBoolean != 0:
			return "false"
		case u.Info()&types.IsNumeric != 0:
			return "0"
		}
	case *types.Struct, *types.Array:
		return sdk.Text(a.fset, a.file, e) + "{}"
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return "*new(" + sdk.Text(a.fset, a.file, e) + ")"
	}
	return "nil"
}

// A failStyle returns the statements, or nil if the function does not give up so.
type failStyle func(a *anchor, n ast.Node, errName string) []string

var failStyles = []failStyle{logFatal, slogExit, fmtExit, panics}

func logFatal(a *anchor, n ast.Node, errName string) []string {
	if name, ok := a.calls(n, "log", "Fatal", "Fatalf", "Fatalln"); ok {
		return []string{name + ".Fatal(" + errName + ")"}
	}
	return nil
}

func slogExit(a *anchor, n ast.Node, errName string) []string {
	slog, ok := a.calls(n, "log/slog", "Error")
	if !ok {
		return nil
	}
	os, ok := a.calls(n, "os", "Exit")
	if !ok {
		return nil
	}
	return []string{slog + `.Error("set up MCP sign-in", "error", ` + errName + ")", os + ".Exit(1)"}
}

func fmtExit(a *anchor, n ast.Node, errName string) []string {
	os, ok := a.calls(n, "os", "Exit")
	if !ok {
		return nil
	}
	if fmt, ok := sdk.LocalName(a.file, "fmt"); ok && a.isPackage(fmt) {
		return []string{fmt + ".Fprintln(" + os + ".Stderr, " + errName + ")", os + ".Exit(1)"}
	}
	return []string{"println(" + errName + ".Error())", os + ".Exit(1)"}
}

func panics(a *anchor, n ast.Node, errName string) []string {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
				found = true
			}
		}
		return !found
	})
	if found {
		return []string{"panic(" + errName + ")"}
	}
	return nil
}

// calls reports whether code below n calls one of the package's functions, and by which
// name the file knows the package at the anchor.
func (a *anchor) calls(n ast.Node, pkgPath string, names ...string) (string, bool) {
	local, ok := sdk.LocalName(a.file, pkgPath)
	if !ok || !a.isPackage(local) {
		return "", false
	}
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return !found
		}
		fn, ok := a.pkg.Info.Uses[sel.Sel].(*types.Func)
		if !ok || fn.Pkg() == nil || fn.Pkg().Path() != pkgPath {
			return true
		}
		for _, name := range names {
			found = found || fn.Name() == name
		}
		return !found
	})
	return local, found
}

// isPackage reports whether name still means an imported package at the anchor.
func (a *anchor) isPackage(name string) bool {
	scope := a.scope()
	if scope == nil {
		return false
	}
	_, obj := scope.LookupParent(name, a.stmt.Pos())
	_, ok := obj.(*types.PkgName)
	return ok
}
