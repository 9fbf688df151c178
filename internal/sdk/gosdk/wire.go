// Package gosdk knows github.com/modelcontextprotocol/go-sdk: the names by which
// its servers are found, and the wiring that guards them.
package gosdk

import (
	"fmt"
	"go/ast"
	gotypes "go/types"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Wire writes the wiring of go-sdk servers.
var Wire sdk.Wirer = wirer{}

type wirer struct{}

func (wirer) Adapter() string { return "gosdk" }

func (wirer) ServerType() (importPath, typ string) {
	return "github.com/modelcontextprotocol/go-sdk/mcp", "*mcp.Server"
}

// CantGuard is sdk.Wirer's. On a stream of HTTP+SSE go-sdk runs every message as
// whoever opened it, and has no hook that could tell.
func (wirer) CantGuard(kind sdk.Kind) (why, instead string) {
	switch kind {
	case sdk.KindStreamable:
		return "", ""
	case sdk.KindSSE:
		return "go-sdk's SSE transport can't be guarded: it runs every message as whoever opened the stream; serve streamable HTTP instead, then run migrate again",
			"mcp.NewStreamableHTTPHandler(getServer, nil) // in place of NewSSEHandler: the transport is deprecated, clients speak streamable HTTP"
	}
	return fmt.Sprintf("the transport %s is not rewritten by this version", kind), ""
}

// WireRoute guards one place where a handler is served.
func (wirer) WireRoute(w sdk.Route) (sdk.Wired, error) { return sdk.WireHTTP(w) }

// WireTransport installs the second check on the server that getServer returns.
// One that is made once gets it before the handler is built (the last middleware
// added is the outermost); one that is made in a literal gets it there. Whatever
// else getServer is, a function, a method value, a literal with several ends, is
// wrapped, and evaluated once as before.
func (wirer) WireTransport(w sdk.Transport) (sdk.Wired, error) {
	const why = "check every call again inside the SDK"
	lit, ok := ast.Unparen(w.Server).(*ast.FuncLit)
	if !ok {
		return sdk.Wired{Each: true, Edits: sdk.Wrap(w.Fset, w.Site.File, w.Server, w.Each+"(", ")", why)}, nil
	}
	returned, ok := onlyReturn(lit)
	if !ok {
		return sdk.Wired{Each: true, Edits: sdk.Wrap(w.Fset, w.Site.File, w.Server, w.Each+"(", ")", why)}, nil
	}
	if _, call := ast.Unparen(returned).(*ast.CallExpr); call || declaredIn(w, lit, returned) {
		return sdk.Wired{Edits: sdk.Wrap(w.Fset, w.Site.File, returned, w.Check+"(", ")", why)}, nil
	}
	return sdk.Wired{Server: sdk.Text(w.Fset, w.Site.File, returned)}, nil
}

// onlyReturn returns the single expression that lit returns.
func onlyReturn(lit *ast.FuncLit) (ast.Expr, bool) {
	var found []ast.Expr
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = append(found, n.Results...)
		}
		return true
	})
	if len(found) != 1 {
		return nil, false
	}
	return found[0], true
}

// declaredIn reports whether the variable that e starts with is declared inside lit.
func declaredIn(w sdk.Transport, lit *ast.FuncLit, e ast.Expr) bool {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			e = x.X
			continue
		case *ast.Ident:
			obj := w.Site.Pkg.Info.Uses[x]
			_, isVar := obj.(*gotypes.Var)
			return isVar && lit.Pos() <= obj.Pos() && obj.Pos() < lit.End()
		}
		return true
	}
}
