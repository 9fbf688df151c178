package sdk

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
)

// wireRouter puts the guard around the handler that a router of another library is
// given. The endpoints are added to the outermost router by whoever knows where that is;
// where the handler has every path there, the guard's own handler answers for them.
func wireRouter(w Route) (Wired, error) {
	const why = "ask every caller of the handler who they are"
	before, after := w.Auth+".Protect(", ")"
	if w.CatchAll {
		before = w.Auth + `.Handler("/", `
	}
	if lit := w.Passes; lit != nil {
		return Wired{Edits: []edit.Edit{
			Replace(w.Fset, w.Site.File, lit.Pos(), w.Handler.Pos(), w.Wrap+"("+before, why),
			Replace(w.Fset, w.Site.File, w.Handler.End(), lit.End(), after+")", why),
		}}, nil
	}
	e := w.Handler
	if takesFunc(w) {
		after += ".ServeHTTP"
		if method, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && method.Sel.Name == "ServeHTTP" {
			return Wired{Edits: Wrap(w.Fset, w.Site.File, method.X, before, ")", why)}, nil
		}
	}
	if _, plain := types.Unalias(orInvalid(w.Site.Pkg.Info.TypeOf(e))).(*types.Signature); plain {
		name, ok := httpName(w)
		if !ok {
			return Wired{}, &ManualError{Why: "net/http has no name of its own here", Text: w.Auth + ".Protect(http.HandlerFunc(f)) // in place of f"}
		}
		before, after = before+name+".HandlerFunc(", ")"+after
	}
	return Wired{Edits: Wrap(w.Fset, w.Site.File, e, before, after, why)}, nil
}

// takesFunc reports whether the call that is given the handler takes a function.
func takesFunc(w Route) bool {
	path, _ := astutil.PathEnclosingInterval(w.Site.File.AST, w.Handler.Pos(), w.Handler.End())
	for _, n := range path {
		call, ok := n.(*ast.CallExpr)
		if !ok || ast.Expr(call) == w.Handler {
			continue
		}
		sig, ok := orInvalid(w.Site.Pkg.Info.TypeOf(call.Fun)).Underlying().(*types.Signature)
		for i, arg := range call.Args {
			if arg == w.Handler && ok && i < sig.Params().Len() {
				_, isFunc := sig.Params().At(i).Type().Underlying().(*types.Signature)
				return isFunc
			}
		}
		return false
	}
	return false
}

func orInvalid(t types.Type) types.Type {
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return t
}
