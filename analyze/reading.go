package analyze

import (
	"go/ast"
	"go/constant"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What a handler reads of the requests that it is given. A guard of ours in front
// takes the Authorization header away, so a check behind it must not need that one:
// where it can't be told, it must be taken to.

// A reading is what was found.
type reading struct {
	headers map[string]bool // lower case
	hidden  string          // why there may be others; "" when there are none
}

func (r *reading) sorted() []string {
	var list []string
	for _, h := range slices.Sorted(maps.Keys(r.headers)) {
		if credentialHeaders[h] {
			list = append(list, h)
		}
	}
	return list
}

func (r *reading) hide(why string) {
	if r.hidden == "" {
		r.hidden = why
	}
}

const maxReading = 4 // calls entered one inside the other

// reading follows every use of a request in fn, and in what it hands one to.
func (a *analysis) reading(fn *flow.Func, depth int) *reading {
	r := &reading{headers: map[string]bool{}}
	var path []ast.Node // from the body to the node
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		if name := headerName(fn, n); name != "" {
			r.headers[name] = true
		}
		if e, ok := n.(ast.Expr); ok && isRequest(fn.Pkg.Info, e) {
			a.readUse(r, fn, e, path, depth)
		}
		path = append(path, n)
		return true
	})
	return r
}

// isRequest reports whether an expression is a request: a variable, a field, or what
// a call returns, such as one with another context.
func isRequest(info *types.Info, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		v, ok := info.Uses[x].(*types.Var)
		return ok && !v.IsField() && (isNetHTTP(v.Type(), "Request") || contextOf(v.Type()) != nil)
	case *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr, *ast.StarExpr:
		tv := info.Types[e]
		return tv.IsValue() && isNetHTTP(tv.Type, "Request")
	}
	return false
}

// readUse looks at one use of a request; path leads to it.
func (a *analysis) readUse(r *reading, fn *flow.Func, e ast.Expr, path []ast.Node, depth int) {
	at := a.where(fn, e.Pos())
	switch p := parent(path, 1).(type) {
	case *ast.SelectorExpr:
		switch {
		case contextOf(fn.Pkg.Info.TypeOf(e)) != nil:
			a.readContext(r, fn, e, p.Sel.Name)
		case p.Sel.Name == "Header":
			a.readHeader(r, fn, p, path)
		case p.Sel.Name == "Cookie" || p.Sel.Name == "Cookies" || p.Sel.Name == "CookiesNamed":
			r.headers["cookie"] = true
		case !harmless[p.Sel.Name]:
			r.hide("it uses " + p.Sel.Name + " of the request at " + at)
		}
	case *ast.CallExpr:
		a.readCall(r, fn, p, depth)
	case *ast.BinaryExpr, *ast.ValueSpec, *ast.ReturnStmt:
		// compared, or given another name that is looked at as well
	case *ast.AssignStmt:
		if !slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { _, ok := l.(*ast.Ident); return !ok }) {
			return
		}
		r.hide("it keeps the request at " + at)
	default:
		r.hide("it hands the request on at " + at)
	}
}

// readContext looks at what is used of a router's context. Headers that it names are
// counted where they are read, and what is read of its request there.
func (a *analysis) readContext(r *reading, fn *flow.Func, e ast.Expr, name string) {
	switch x := contextOf(fn.Pkg.Info.TypeOf(e)).context; {
	case name == "Cookie" || name == "Cookies":
		r.headers["cookie"] = true
	case name != "Next" && !x.harmlessTo(name, 0) && !slices.Contains(x.replace, name):
		r.hide("it uses " + name + " of the request at " + a.where(fn, e.Pos()))
	}
}

// parent returns the nth node outwards, parentheses left out.
func parent(path []ast.Node, n int) ast.Node {
	for i := len(path) - 1; i >= 0; i-- {
		if _, ok := path[i].(*ast.ParenExpr); ok {
			continue
		}
		if n--; n == 0 {
			return path[i]
		}
	}
	return nil
}

// readHeader looks at a use of all headers of a request: sel is r.Header.
func (a *analysis) readHeader(r *reading, fn *flow.Func, sel *ast.SelectorExpr, path []ast.Node) {
	var use ast.Node
	switch p := parent(path, 2).(type) {
	case *ast.SelectorExpr:
		use = parent(path, 3)
		if call, ok := use.(*ast.CallExpr); !ok || call.Fun != ast.Expr(p) {
			use = nil
		}
	case *ast.IndexExpr:
		use = p
	}
	if use == nil || headerName(fn, use) == "" {
		r.hide("which headers it reads at " + a.where(fn, sel.Pos()) + " can't be told")
	}
}

// readCall looks at a call that is given a request.
func (a *analysis) readCall(r *reading, fn *flow.Func, call *ast.CallExpr, depth int) {
	c := a.flow.CallOf(call)
	switch {
	case c == nil:
		r.hide("it hands the request on at " + a.where(fn, call.Pos()))
	case passesOn(c) && (c.Callee == nil || c.Callee.Name() == "ServeHTTP" || a.book.known(c.Callee)):
		// handed on to the next handler
	case c.Callee == nil:
		r.hide("it hands the request to a function value at " + a.where(fn, call.Pos()))
	default:
		callee := a.flow.FuncOf(c.Callee)
		if callee == nil || callee.Body == nil || depth >= maxReading {
			r.hide("it hands the request to " + quoteName(funcName(c.Callee)) + " at " + a.where(fn, call.Pos()))
			return
		}
		sub := a.reading(callee, depth+1)
		maps.Copy(r.headers, sub.headers)
		if sub.hidden != "" {
			r.hide(sub.hidden)
		}
	}
}

// harmless are the fields and methods of a request that do not tell its headers,
// those that give a request again among them.
var harmless = map[string]bool{
	"BasicAuth": true, // counted as the header that it reads
	"Context":   true, "WithContext": true, "Clone": true, "SetPathValue": true,
	"URL": true, "Method": true, "RemoteAddr": true, "Host": true, "TLS": true, "Body": true, "ContentLength": true,
	"FormValue": true, "PostFormValue": true, "PathValue": true, "Form": true, "PostForm": true, "ParseForm": true,
	"UserAgent": true, "Referer": true, "RequestURI": true, "Pattern": true,
	"Proto": true, "ProtoMajor": true, "ProtoMinor": true, "ProtoAtLeast": true,
}

func constText(v constant.Value) string {
	if v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return strings.TrimSpace(v.ExactString())
}
