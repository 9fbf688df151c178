package analyze

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// Calls of the plain language of checks, see plain.go.

// call looks at a call, and reports whether to look at what it is made of.
func (p *plain) call(x *ast.CallExpr) bool {
	c := p.m.a.flow.CallOf(x)
	switch {
	case c == nil:
		return p.fail(x, "a call")
	case c.Convert:
		return true
	case c.Builtin != "":
		return c.Builtin == "len" || c.Builtin == "panic" || p.fail(x, "a call of "+c.Builtin)
	case p.m.a.isHandOver(c):
		return true
	case c.Dynamic():
		return p.fail(x, "a call of a function value")
	case verifierOf(c) != nil:
		return p.verifier(c)
	case p.m.a.flow.FuncOf(c.Callee) != nil:
		return slices.Contains(p.m.entered, p.m.a.flow.FuncOf(c.Callee)) || p.fail(x, "the call of "+quoteName(c.Callee.Name()))
	}
	return p.outside(c)
}

// verifier looks at the call of a known verifier: its key function is looked at by
// itself, see keyed.
func (p *plain) verifier(c *flow.Call) bool {
	for _, arg := range c.Expr.Args {
		switch ast.Unparen(arg).(type) {
		case *ast.FuncLit, *ast.UnaryExpr:
		default:
			ast.Inspect(arg, p.node)
		}
	}
	return false
}

// outside looks at a call of other code: it must not be able to change anything that
// the check goes by, nor to run anything of it.
func (p *plain) outside(c *flow.Call) bool {
	if plainMethods[c.Callee.FullName()] || p.prints(c) {
		return true
	}
	if contextMethod(c) != nil {
		return p.ofContext(c)
	}
	if c.Callee.Pkg() != nil && p.m.a.inModule(c.Callee.Pkg()) {
		return p.fail(c.Expr, "the call of "+quoteName(c.Callee.Name()))
	}
	if recv := c.Recv(); recv != nil && !p.leaves(c, recv) {
		return p.fail(c.Expr, "the call of "+calledText(c.Expr))
	}
	for _, arg := range c.Expr.Args {
		if !p.immutable(arg) {
			return p.fail(c.Expr, "what "+calledText(c.Expr)+" does with what it is given")
		}
	}
	return true
}

// ofContext looks at the call of a method of a router's context: it must leave the request
// alone, and what it writes or reads must not be able to change anything.
func (p *plain) ofContext(c *flow.Call) bool {
	x := contextMethod(c).context
	switch name := c.Callee.Name(); {
	case slices.Contains(x.keep, name):
		return true
	case slices.Contains(x.replace, name) && len(c.Expr.Args) == 1 && p.m.a.keepsRequest(p.fn, c.Expr.Args[0]):
		return true
	case !x.harmlessTo(name, len(c.Expr.Args)) || slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return !p.immutable(arg) }):
		return p.fail(c.Expr, "what "+calledText(c.Expr)+" does")
	}
	return true
}

// prints reports whether a call only prints what it is given.
func (p *plain) prints(c *flow.Call) bool {
	if c.Callee.Pkg() == nil {
		return false
	}
	switch path := c.Callee.Pkg().Path(); path {
	case "log", "log/slog":
		return true
	case "fmt":
		return !strings.Contains(strings.ToLower(c.Callee.Name()), "scan")
	}
	return false
}

// leaves reports whether a method of other code leaves the request alone: its receiver
// is not of the request, and no variable of a simple type.
func (p *plain) leaves(c *flow.Call, recv ast.Expr) bool {
	t := orInvalid(p.info().TypeOf(recv))
	switch {
	case isNetHTTP(t, "Header"):
		return p.ofAnswer(recv)
	case isNetHTTP(t, "Request"), isOf(t, "net/url", "URL"), isOf(t, "net/http", "Cookie"):
		return false
	}
	sig := c.Callee.Signature()
	_, byPointer := orInvalid(sig.Recv().Type()).(*types.Pointer)
	if _, simple := t.Underlying().(*types.Basic); simple && byPointer {
		return false
	}
	return true
}

// ofAnswer reports whether headers are those of the answer, as w.Header() gives them.
func (p *plain) ofAnswer(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	c := p.m.a.flow.CallOf(call)
	return c != nil && c.Callee != nil && c.Callee.Name() == "Header" && c.Recv() != nil && contextMethod(c) == nil && hasMethod(orInvalid(p.info().TypeOf(c.Recv())), "WriteHeader")
}

// immutable reports whether nobody can change anything through an argument.
func (p *plain) immutable(arg ast.Expr) bool {
	arg = ast.Unparen(arg)
	if u, ok := arg.(*ast.UnaryExpr); ok {
		arg = ast.Unparen(u.X)
	}
	if lit, ok := arg.(*ast.CompositeLit); ok {
		return p.made(lit)
	}
	t := orInvalid(p.info().TypeOf(arg))
	if tv := p.info().Types[arg]; tv.Value != nil || tv.IsNil() {
		return true
	}
	if isError(t) || isContext(t) || isNetHTTP(t, "ResponseWriter") {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() != types.UnsafePointer && u.Kind() != types.Invalid
	case *types.Slice:
		_, converts := arg.(*ast.CallExpr)
		return converts && isBasic(u.Elem()) // []byte(text)
	}
	return p.fresh(arg)
}

// fresh reports whether an argument is what a call of other code just gave, and no part
// of the request: time.Now(), a log field.
func (p *plain) fresh(arg ast.Expr) bool {
	call, ok := arg.(*ast.CallExpr)
	if !ok {
		return false
	}
	c, t := p.m.a.flow.CallOf(call), orInvalid(p.info().TypeOf(arg))
	_, isFunc := t.Underlying().(*types.Signature)
	return c != nil && c.Callee != nil && p.m.a.flow.FuncOf(c.Callee) == nil && !isFunc && !isOfRequest(t)
}

// isOfRequest reports whether a type is that of a request or of a part of one that can
// be changed.
func isOfRequest(t types.Type) bool {
	return contextOf(t) != nil || isNetHTTP(t, "Request") || isNetHTTP(t, "Header") || isOf(t, "net/url", "URL") || isOf(t, "net/url", "Values") || isOf(t, "net/http", "Cookie")
}

// isOf reports whether t is the named type, through a pointer.
func isOf(t types.Type, path, name string) bool {
	n := named(t)
	return n != nil && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}

func isBasic(t types.Type) bool {
	_, ok := t.Underlying().(*types.Basic)
	return ok
}

// plainMethods are functions that read of a request, or answer one, and change nothing
// of it, although they are given more than texts.
var plainMethods = map[string]bool{
	"(net/http.Header).Get": true, "(net/http.Header).Values": true, "(*net/http.Request).Context": true, "(*net/http.Request).WithContext": true,
	"(*net/http.Request).Clone": true, "(*net/http.Request).BasicAuth": true, "(*net/http.Request).Cookie": true, "(*net/http.Request).FormValue": true,
	"(*net/http.Request).PathValue": true, "(*net/http.Request).UserAgent": true, "(*net/http.Request).Referer": true,
	"(*net/url.URL).Query": true, "(net/url.Values).Get": true, "(*net/url.URL).String": true, "net/http.Error": true, "net/http.NotFound": true, "net/http.Redirect": true,
	"crypto/subtle.ConstantTimeCompare": true, "crypto/hmac.Equal": true, "bytes.Equal": true, "crypto/sha256.Sum256": true, "crypto/sha512.Sum512": true,
	"strings.Join": true, "slices.Contains": true, "context.WithValue": true, "errors.Is": true,
}
