package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The contexts that routers of other libraries give their handlers: each stands for a
// request and the writer of its answer.

// contextOf returns the router whose context t is, through a pointer; nil for other types.
func contextOf(t types.Type) *router {
	n := named(orInvalid(t))
	if n == nil || n.Obj().Pkg() == nil {
		return nil
	}
	r := routerAt(n.Obj().Pkg().Path())
	if r == nil || r.context == nil || r.context.name != n.Obj().Name() {
		return nil
	}
	return r
}

// contextMethod returns the router whose context a call is a method of; nil for other calls.
func contextMethod(c *flow.Call) *router {
	if c.Callee == nil {
		return nil
	}
	return contextMethodOf(c.Callee)
}

func contextMethodOf(f *types.Func) *router {
	r := routerOf(f)
	if r == nil || r.context == nil || receiverName(f) != r.context.name {
		return nil
	}
	return r
}

// runsNext reports whether a call runs the next handler of a list.
func runsNext(c *flow.Call) bool {
	r := contextMethod(c)
	return r != nil && slices.Contains(r.context.next, c.Callee.Name())
}

// isRouterFunc reports whether t is a handler of a router: a function of a context.
func isRouterFunc(t types.Type) bool {
	sig, ok := orInvalid(t).Underlying().(*types.Signature)
	if !ok || sig.Params().Len() != 1 || sig.Results().Len() > 1 || contextOf(sig.Params().At(0).Type()) == nil {
		return false
	}
	return sig.Results().Len() == 0 || isError(sig.Results().At(0).Type())
}

// handlesRequests reports whether a function is a handler, of net/http or of a router.
func handlesRequests(sig *types.Signature) bool {
	return sig != nil && (isHandlerFunc(sig) || isRouterFunc(sig))
}

// passesContext reports whether a call is given a router's context.
func passesContext(c *flow.Call) bool {
	if c.Convert || c.Builtin != "" {
		return false
	}
	return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return contextOf(c.In.Pkg.Info.TypeOf(arg)) != nil })
}

// passesOn reports whether a call gets all that a handler gets.
func passesOn(c *flow.Call) bool { return passesRequest(c) || passesContext(c) }

// runsHandler reports whether a call of a function value runs a router's handler.
func runsHandler(c *flow.Call) bool {
	return c.Dynamic() && passesContext(c) && isRouterFunc(c.In.Pkg.Info.TypeOf(c.Expr.Fun))
}

// harmlessTo reports whether a method of a context neither changes the request nor runs
// anything, given so many arguments.
func (x *routerContext) harmlessTo(method string, args int) bool {
	for _, list := range [][]string{x.request, x.headers, x.inputs, x.kept, x.keep, x.answers, x.stop, x.stopped, x.next} {
		if slices.Contains(list, method) {
			return true
		}
	}
	return args == 0 && slices.Contains(x.told, method)
}

// putsRequest reports whether a call gives a context another request.
func putsRequest(c *flow.Call) bool {
	r := contextMethod(c)
	return r != nil && slices.Contains(r.context.replace, c.Callee.Name())
}

// contextRequest reports whether an expression is the request that a context stands for,
// by its field, or by its method.
func contextRequest(info *types.Info, e ast.Expr) bool {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && len(call.Args) == 0 {
		e = call.Fun
	}
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	r := contextOf(info.TypeOf(sel.X))
	return r != nil && slices.Contains(r.context.request, sel.Sel.Name)
}

// keepsRequest reports whether what a context is given for its request is that one, with
// another context.Context.
func (a *analysis) keepsRequest(fn *flow.Func, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	c := a.flow.CallOf(call)
	return c != nil && c.Callee != nil && c.Callee.FullName() == "(*net/http.Request).WithContext" && contextRequest(fn.Pkg.Info, c.Recv())
}

// swapsRequest reports whether an assignment gives a context, on side i, another request
// than it had.
func (a *analysis) swapsRequest(fn *flow.Func, s *ast.AssignStmt, i int) bool {
	sel, ok := ast.Unparen(s.Lhs[i]).(*ast.SelectorExpr)
	if !ok || contextOf(fn.Pkg.Info.TypeOf(sel.X)) == nil || sel.Sel.Name == "Writer" {
		return false
	}
	return !contextRequest(fn.Pkg.Info, sel) || len(s.Lhs) != len(s.Rhs) || !a.keepsRequest(fn, s.Rhs[i])
}

// readsHeader reports whether a call is a context's method that reads the header which its
// first argument names.
func readsHeader(info *types.Info, call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return false
	}
	r := contextMethodOf(f.Origin())
	return r != nil && slices.Contains(r.context.headers, f.Name())
}
