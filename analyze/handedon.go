package analyze

import (
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// To what a handler of the module hands its requests on.

// body follows what a handler of the module hands its requests on to.
func (w *walker) body(fn *flow.Func, f *flow.Frame, c chain, depth int) {
	if l := w.a.ownLayer(fn, c); l != nil {
		c = l
	}
	for _, call := range fn.Calls {
		w.handedOn(call, f, c, depth)
	}
	for _, lit := range fn.Lits {
		if !handlesRequests(lit.Sig) {
			w.body(lit, w.a.flow.Closure(lit, f), c, depth)
		}
	}
}

// handedOn follows one call in a handler that passes the request on.
func (w *walker) handedOn(call *flow.Call, f *flow.Frame, c chain, depth int) {
	if !passesOn(call) {
		if w.a.helperHands(call) && depth < maxLayers {
			fn := w.a.flow.FuncOf(call.Callee)
			w.body(fn, w.a.flow.Enter(fn, call, f, nil), c, depth+1)
		}
		return
	}
	w.a.passed[call] = true
	if call.Callee == nil {
		w.expr(call.Expr.Fun, f, c, depth)
		return
	}
	if call.Callee.Name() == "ServeHTTP" || w.a.isHandlerOf(call.Callee) {
		if recv := call.Recv(); recv != nil {
			w.expr(recv, f, c, depth)
			return
		}
		w.expr(call.Expr.Args[0], f, c, depth) // a method expression: T.ServeHTTP(t, w, r)
	}
	if fn := w.a.flow.FuncOf(call.Callee); fn != nil && !w.a.book.known(call.Callee) {
		if depth < maxLayers {
			w.body(fn, w.a.flow.Enter(fn, call, f, nil), c, depth+1)
		}
	}
}

func (a *analysis) isHandlerOf(f *types.Func) bool {
	e := a.book.lookup(f)
	return e != nil && e.sym.Role == sdk.RoleHandlerOf
}

// passesRequest reports whether a call gets a response writer and a request.
func passesRequest(c *flow.Call) bool {
	if c.Convert || c.Builtin != "" {
		return false
	}
	writer, request := false, false
	for _, arg := range c.Expr.Args {
		t := c.In.Pkg.Info.TypeOf(arg)
		request = request || isNetHTTP(t, "Request")
		writer = writer || t != nil && !isNetHTTP(t, "Request") && hasMethod(t, "WriteHeader")
	}
	return writer && request
}

func hasMethod(t types.Type, name string) bool {
	o, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	_, ok := o.(*types.Func)
	return ok
}
