package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// Whether a handler does nothing but check: read of the request, compare, answer
// 401 or 403, or hand both arguments on as they are. Such a handler can be left
// out when another check takes its place; any other would be missed. What is not
// on the lists here counts as doing more.

// doesMore says what a handler does besides checking; "" for nothing.
func (a *analysis) doesMore(fn *flow.Func) string {
	o := &onlyChecks{a: a, fn: fn, depth: 0}
	if fn.Sig == nil || !isHandlerFunc(fn.Sig) {
		return "it is no handler by itself"
	}
	o.w, o.r = fn.Sig.Params().At(0), fn.Sig.Params().At(1)
	o.block(fn.Body.List)
	if o.more != "" {
		return o.more
	}
	return a.factoryDoesMore(fn)
}

// factoryDoesMore says what the functions around a handler do, which make it,
// besides computing what it compares with.
func (a *analysis) factoryDoesMore(fn *flow.Func) string {
	for in := fn.Outer; in != nil && in.Body != nil; in = in.Outer {
		if !makesHandlers(in.Sig) {
			if in == fn.Outer {
				return "it is what hands requests to the server, too"
			}
			break
		}
		o := &onlyChecks{a: a, fn: in}
		o.block(in.Body.List)
		if o.more != "" {
			return o.more
		}
	}
	return ""
}

// makesHandlers reports whether a function returns a handler, or what makes one.
func makesHandlers(sig *types.Signature) bool {
	return sig != nil && sig.Results().Len() > 0 && givesHandler(sig.Results().At(0).Type())
}

// onlyChecks walks one body.
type onlyChecks struct {
	a     *analysis
	fn    *flow.Func
	w, r  *types.Var // of a handler; nil for a helper
	depth int        // helpers entered
	more  string     // what else it does
}

func (o *onlyChecks) fail(n ast.Node, what string) {
	if o.more == "" {
		o.more = what + " at " + o.a.where(o.fn, n.Pos())
	}
}

// block looks at a statement list. Answers belong into one that refuses.
func (o *onlyChecks) block(list []ast.Stmt) {
	refuses := false
	for _, s := range list {
		refuses = refuses || o.refuses(s)
	}
	for _, s := range list {
		o.stmt(s, refuses)
	}
}

// refuses reports whether a statement by itself answers 401 or 403.
func (o *onlyChecks) refuses(s ast.Stmt) bool {
	x, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		if v := o.info().Types[e].Value; v != nil && v.Kind() == constant.Int {
			found = found || v.ExactString() == "401" || v.ExactString() == "403"
		}
		return !found
	})
	if call, ok := x.X.(*ast.CallExpr); ok && !found {
		if helper := o.helper(call); helper != nil && helper.Body != nil {
			found = bodySigns(helper).refuses
		}
	}
	return found
}

func (o *onlyChecks) info() *types.Info { return o.fn.Pkg.Info }

// helper returns the function of the module that a call runs; nil for others.
func (o *onlyChecks) helper(call *ast.CallExpr) *flow.Func {
	c := o.a.flow.CallOf(call)
	if c == nil || c.Callee == nil || c.Iface || o.a.book.known(c.Callee) {
		return nil
	}
	return o.a.flow.FuncOf(c.Callee)
}

func (o *onlyChecks) stmt(s ast.Stmt, refuses bool) {
	switch x := s.(type) {
	case nil, *ast.EmptyStmt, *ast.BranchStmt:
	case *ast.BlockStmt:
		o.block(x.List)
	case *ast.ReturnStmt:
		o.exprs(x.Results)
	case *ast.ExprStmt:
		o.call(x, refuses)
	case *ast.AssignStmt:
		o.assign(x, refuses)
	case *ast.DeclStmt:
		o.declare(x)
	case *ast.IfStmt:
		o.stmt(x.Init, false)
		o.expr(x.Cond)
		o.block(x.Body.List)
		o.stmt(x.Else, false)
	case *ast.SwitchStmt:
		o.stmt(x.Init, false)
		o.expr(x.Tag)
		for _, c := range x.Body.List {
			o.exprs(c.(*ast.CaseClause).List)
			o.block(c.(*ast.CaseClause).Body)
		}
	case *ast.RangeStmt:
		o.expr(x.X)
		o.block(x.Body.List)
	default:
		o.fail(s, "it does more than compare")
	}
}

// call looks at a call that is a statement: the next handler's, or an answer.
func (o *onlyChecks) call(s *ast.ExprStmt, refuses bool) {
	call, ok := ast.Unparen(s.X).(*ast.CallExpr)
	switch {
	case !ok:
		o.expr(s.X)
	case o.handsOn(call):
	case refuses && o.answers(call):
	default:
		o.fail(s, "it calls "+calledText(call))
	}
}

// handsOn reports whether a call passes both arguments on as they are.
func (o *onlyChecks) handsOn(call *ast.CallExpr) bool {
	return o.r != nil && len(call.Args) == 2 && o.is(call.Args[0], o.w) && o.is(call.Args[1], o.r)
}

func (o *onlyChecks) is(e ast.Expr, v *types.Var) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && o.info().Uses[id] == v
}

// answers reports whether a call only writes an answer: to the writer, with values
// that are computed by nothing else.
func (o *onlyChecks) answers(call *ast.CallExpr) bool {
	if helper := o.helper(call); helper != nil {
		return o.enter(helper, call, true)
	}
	c := o.a.flow.CallOf(call)
	if c == nil || c.Callee == nil || c.Callee.Pkg() == nil {
		return false
	}
	switch c.Callee.FullName() {
	case "net/http.Error", "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln", "io.WriteString":
		if len(call.Args) == 0 || !o.isWriter(call.Args[0]) {
			return false
		}
		o.exprs(call.Args[1:])
		return true
	case "(net/http.ResponseWriter).WriteHeader", "(net/http.ResponseWriter).Write", "(*encoding/json.Encoder).Encode",
		"(net/http.Header).Set", "(net/http.Header).Add":
		o.exprs(call.Args)
		return true
	}
	return false
}

func (o *onlyChecks) isWriter(e ast.Expr) bool {
	return isNetHTTP(o.info().TypeOf(e), "ResponseWriter")
}

func (o *onlyChecks) assign(s *ast.AssignStmt, refuses bool) {
	for _, l := range s.Lhs {
		if !o.own(l) {
			o.fail(s, "it sets something that is not its own")
		}
	}
	if call, ok := s.Rhs[0].(*ast.CallExpr); ok && refuses && len(s.Rhs) == 1 && o.answers(call) {
		return // _, _ = w.Write(…)
	}
	o.exprs(s.Rhs)
}

// own reports whether e is a variable of the body itself, or nothing.
func (o *onlyChecks) own(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	v := objectOf(o.info(), id)
	return id.Name == "_" || v != nil && o.fn.Body.Pos() <= v.Pos() && v.Pos() < o.fn.Body.End()
}

func objectOf(info *types.Info, id *ast.Ident) types.Object {
	if v := info.Defs[id]; v != nil {
		return v
	}
	return info.Uses[id]
}

func (o *onlyChecks) declare(s *ast.DeclStmt) {
	d, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range d.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			o.exprs(v.Values)
		}
	}
}

func (o *onlyChecks) exprs(list []ast.Expr) {
	for _, e := range list {
		o.expr(e)
	}
}

// expr looks for calls in an expression, and at what they do. Function literals are
// looked at by themselves, if they are handlers that somebody arrives at.
func (o *onlyChecks) expr(e ast.Expr) {
	if e == nil {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			if x.Op == token.ARROW {
				o.fail(x, "it waits for something")
			}
		case *ast.CallExpr:
			if !o.pure(x) {
				o.fail(x, "it calls "+calledText(x))
			}
		}
		return o.more == ""
	})
}

// pure reports whether a call has no effect but its result.
func (o *onlyChecks) pure(call *ast.CallExpr) bool {
	c := o.a.flow.CallOf(call)
	switch {
	case c == nil:
		return false
	case c.Convert:
		return true
	case c.Builtin != "":
		return strings.Contains(" len cap append min max make new string ", " "+c.Builtin+" ")
	case c.Callee == nil || c.Callee.Pkg() == nil:
		return c.Callee != nil && c.Callee.Name() == "Error"
	}
	if helper := o.helper(call); helper != nil {
		return o.enter(helper, call, false)
	}
	switch name := c.Callee.FullName(); {
	case pureNames[name], purePackages[c.Callee.Pkg().Path()]:
		return true
	case name == "encoding/json.NewEncoder":
		return len(call.Args) == 1 && o.isWriter(call.Args[0])
	}
	e := o.a.book.lookup(c.Callee)
	return e != nil && e.sym.Role == "guard" && !e.ours
}

// enter reports whether a helper only computes, or, where it may answer, writes an
// answer.
func (o *onlyChecks) enter(helper *flow.Func, call *ast.CallExpr, answers bool) bool {
	if o.depth >= 3 || helper.Body == nil || helper == o.fn {
		return false
	}
	sub := &onlyChecks{a: o.a, fn: helper, depth: o.depth + 1}
	for _, s := range helper.Body.List {
		sub.stmt(s, answers)
	}
	if o.exprs(call.Args); sub.more != "" {
		if o.more == "" {
			o.more = sub.more
		}
		return true // said already
	}
	return true
}

func calledText(call *ast.CallExpr) string {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return quoteName(f.Name)
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return quoteName(x.Name + "." + f.Sel.Name)
		}
		return quoteName(f.Sel.Name)
	}
	return "a function value"
}

// purePackages are packages whose functions have no effect but their result.
var purePackages = map[string]bool{
	"strings": true, "bytes": true, "strconv": true, "unicode": true, "unicode/utf8": true, "slices": true, "maps": true, "errors": true,
	"crypto/subtle": true, "crypto/hmac": true, "crypto/sha256": true, "crypto/sha512": true, "hash": true,
	"encoding/hex": true, "encoding/base64": true, "net/netip": true, "path": true,
}

// pureNames are single functions of other packages.
var pureNames = map[string]bool{
	"os.Getenv": true, "os.LookupEnv": true, "fmt.Sprintf": true, "fmt.Sprint": true, "fmt.Errorf": true,
	"(net/http.Header).Get": true, "(net/http.Header).Values": true, "(net/http.ResponseWriter).Header": true,
	"(*net/http.Request).BasicAuth": true, "(*net/http.Request).Cookie": true, "(*net/http.Request).Cookies": true,
	"(*net/http.Request).UserAgent": true, "(*net/url.URL).Query": true, "(net/url.Values).Get": true, "net/http.StatusText": true,
	"net.ParseIP": true, "net.SplitHostPort": true, "(net.IP).Equal": true, "(*net.IPNet).Contains": true, "(net.IP).IsLoopback": true,
}
