package analyze

import (
	"go/ast"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// Handlers that change a request before they hand it on: what a check further in then
// reads may be the program's own, and an OPTIONS request that it lets through may have
// become another one.

// changesRequest reports whether a body, or what it tells of the request in the module,
// may change the request.
func (a *analysis) changesRequest(fn *flow.Func, depth int) bool {
	if depth > 4 || fn.Body == nil {
		return depth > 4
	}
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok {
			for i, l := range s.Lhs {
				found = found || a.swapsRequest(fn, s, i) || !contextRequest(fn.Pkg.Info, l) && partOfRequest(fn, l)
			}
		}
		return !found
	})
	for _, c := range allCalls(fn) {
		found = found || a.changesBy(c, depth)
	}
	return found
}

// partOfRequest reports whether an assignment changes a field of a request, or of what
// hangs on one.
func partOfRequest(fn *flow.Func, l ast.Expr) bool {
	switch x := ast.Unparen(l).(type) {
	case *ast.SelectorExpr:
		t := orInvalid(fn.Pkg.Info.TypeOf(x.X))
		return x.Sel.Name != "Body" && isOfRequest(t) && contextOf(t) == nil || partOfRequest(fn, x.X)
	case *ast.IndexExpr:
		return isOfRequest(orInvalid(fn.Pkg.Info.TypeOf(x.X)))
	case *ast.StarExpr:
		return isOfRequest(orInvalid(fn.Pkg.Info.TypeOf(x.X)))
	}
	return false
}

// changesBy reports whether a call may change the request.
func (a *analysis) changesBy(c *flow.Call, depth int) bool {
	if c.Convert || c.Builtin != "" && c.Builtin != "delete" || a.isHandOver(c) {
		return false
	}
	if r := contextMethod(c); r != nil {
		replaced := putsRequest(c) && len(c.Expr.Args) == 1 && a.keepsRequest(c.In, c.Expr.Args[0])
		return !replaced && !r.context.harmlessTo(c.Callee.Name(), len(c.Expr.Args))
	}
	if c.Callee != nil {
		p := &plain{m: &machine{a: a}, fn: c.In}
		if fn := a.flow.FuncOf(c.Callee); fn != nil {
			return a.tellsOfRequest(c) && a.changesRequest(fn, depth+1)
		}
		if plainMethods[c.Callee.FullName()] || p.prints(c) || readsOnly(c) {
			return false
		}
		if recv := c.Recv(); recv != nil && isOfRequest(orInvalid(c.In.Pkg.Info.TypeOf(recv))) {
			return !isNetHTTP(c.In.Pkg.Info.TypeOf(recv), "Header") || !p.ofAnswer(recv)
		}
	}
	return a.tellsOfRequest(c)
}

// tellsOfRequest reports whether a call is given the request or a part of it that can be
// changed.
func (a *analysis) tellsOfRequest(c *flow.Call) bool {
	for _, arg := range c.Expr.Args {
		if isOfRequest(orInvalid(c.In.Pkg.Info.TypeOf(arg))) {
			return true
		}
	}
	recv := c.Recv()
	return recv != nil && isOfRequest(orInvalid(c.In.Pkg.Info.TypeOf(recv)))
}

// readsOnly reports whether other code is known to read of a request only: net/http
// itself, and tracing.
func readsOnly(c *flow.Call) bool {
	path := pkgPath(c.Callee)
	if strings.HasPrefix(path, "go.opentelemetry.io/otel") {
		return true
	}
	switch c.Callee.Name() {
	case "SetBasicAuth", "AddCookie", "Set", "Add", "Del", "UnmarshalBinary":
		return false
	}
	return path == "net/http" || path == "net/url"
}
