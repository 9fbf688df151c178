package analyze

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What there is of protection on a transport that nothing guards. None of it refuses a
// stranger; a person who reads the code sees it, and asks why it does not count.

// openKind tells apart what is there of protection without refusing anybody, by what it
// does: a check inside the server that sees some requests only, a tool that signs a
// session in elsewhere, a credential that is handed on, and metadata that nobody acts upon.
func (a *analysis) openKind(t *Transport, r *Route) {
	if at := a.comparedInside(a.owner[t]); at != "" {
		r.GuardKind = GuardVerified
		r.Reason += "; what compares a credential is inside the server, at " + at + ", and sees only some requests"
		return
	}
	if tool := a.signsIn(a.owner[t]); tool != "" {
		r.GuardKind = GuardAppSession
		r.Reason += "; the tool " + quoteName(tool) + " signs the caller's session in elsewhere, and whoever calls it first is signed in"
		return
	}
	if name := a.passesOn(t); name != "" {
		r.GuardKind = GuardPassthrough
		r.Reason += "; " + name + " takes the caller's credential, for others to verify"
		return
	}
	if name := a.takenOnTheWay(r); name != "" {
		r.GuardKind = GuardPassthrough
		r.Reason += "; " + quoteName(name) + " takes the caller's credential, for others to verify"
		return
	}
	for _, m := range a.metadata {
		if a.mounted[m][t] {
			r.GuardKind = GuardMetadataOnly
			r.Reason += "; it publishes whose tokens it wants and verifies none"
			return
		}
	}
}

// takenOnTheWay names a handler in front of a route that takes a credential and refuses
// nobody; "" where there is none.
func (a *analysis) takenOnTheWay(r *Route) string {
	for _, c := range a.cases[r] {
		for l := c; l != nil; l = l.trail {
			if l.takes {
				return l.name
			}
		}
	}
	return ""
}

// passesOn names the function that takes a credential from each request to t, behind
// every check; "" where there is none.
func (a *analysis) passesOn(t *Transport) string {
	for _, site := range t.ContextFuncs {
		if fn := a.givenFunc(site, func(fn *flow.Func) bool { return len(a.headersRead(fn, 0)) > 0 || a.takesCredential(fn) }); fn != nil {
			return "the function at " + a.where(fn, fn.Pos())
		}
	}
	if made, ok := t.New.Node.(*ast.CallExpr); ok && t.Server != nil {
		return a.readsCredential(t.Server, a.flow.CallOf(made))
	}
	return ""
}

// comparedInside returns where middleware, filters or hooks of a server compare a
// credential, or verify one; "" where none does.
func (a *analysis) comparedInside(s *Server) string {
	for _, site := range s.Hooks {
		if fn := a.givenFunc(site, a.weighsInside); fn != nil {
			return a.where(fn, fn.Pos())
		}
	}
	return ""
}

// weighsInside reports whether fn, what is in it, or what it calls in the module, a few
// calls deep, compares in constant time or runs a known verifier.
func (a *analysis) weighsInside(fn *flow.Func) bool {
	seen, now := map[*flow.Func]bool{fn: true}, []*flow.Func{fn}
	for depth := 0; depth < maxInside && len(now) > 0; depth++ {
		var next []*flow.Func
		for _, in := range now {
			for _, c := range allCalls(in) {
				if weighs(c) {
					return true
				}
				if c.Callee == nil {
					continue
				}
				if callee := a.flow.FuncOf(c.Callee); callee != nil && callee.Body != nil && !seen[callee] {
					seen[callee] = true
					next = append(next, callee)
				}
			}
		}
		now = next
	}
	return false
}

// weighs reports whether a call compares in constant time, or runs a known verifier.
func weighs(c *flow.Call) bool {
	return c.Callee != nil && (comparing[c.Callee.FullName()] && c.Callee.FullName() != "bytes.Equal" || verifierOf(c) != nil)
}

// givenFunc returns the first function, among those that the call at a site is given, that
// matches: directly, or by way of a function that puts several together.
func (a *analysis) givenFunc(site sdk.Site, match func(*flow.Func) bool) *flow.Func {
	call, ok := site.Node.(*ast.CallExpr)
	if !ok || a.flow.CallOf(call) == nil {
		return nil
	}
	return a.givenBy(call, a.flow.CallOf(call).In, match, 0)
}

func (a *analysis) givenBy(call *ast.CallExpr, in *flow.Func, match func(*flow.Func) bool, depth int) *flow.Func {
	for _, arg := range call.Args {
		for _, o := range a.flow.Origins(arg, a.flow.Root(in)) {
			if o.Kind == flow.Value && o.Fn != nil && o.Fn.Body != nil && match(o.Fn) {
				return o.Fn
			}
		}
		if inner, ok := ast.Unparen(arg).(*ast.CallExpr); ok && depth < 3 {
			if fn := a.givenBy(inner, in, match, depth+1); fn != nil {
				return fn
			}
		}
	}
	return nil
}

// readsCredential names the function that argument e of a call may be, if it reads a
// credential.
func (a *analysis) readsCredential(e ast.Expr, in *flow.Call) string {
	if in == nil {
		return ""
	}
	for _, o := range a.flow.Origins(e, a.flow.Root(in.In)) {
		if o.Kind == flow.Value && o.Fn != nil && o.Fn.Body != nil && len(a.headersRead(o.Fn, 0)) > 0 {
			return "the function at " + a.where(o.Fn, o.Fn.Pos())
		}
	}
	return ""
}

// takesCredential reports whether a body takes a credential from the request: from a
// header that is one by its name, also where the name is one of several constants, or by
// putting what it has into the context under such a name.
func (a *analysis) takesCredential(fn *flow.Func) bool {
	computed := false
	for _, c := range fn.Calls {
		switch {
		case headerGet(c) && headerName(fn, c.Expr) != "":
			if credentialName(headerName(fn, c.Expr)) {
				return true
			}
		case headerGet(c):
			computed = true
		case c.Callee != nil && c.Callee.FullName() == "context.WithValue" && takesRequest(fn.Sig) && keyOfCredential(c.Expr.Args[1]):
			return true
		}
	}
	return computed && namesCredential(fn)
}

// headerGet reports whether a call reads a header of a request, or of an answer.
func headerGet(c *flow.Call) bool {
	return c.Callee != nil && (c.Callee.FullName() == "(net/http.Header).Get" || c.Callee.FullName() == "(net/http.Header).Values")
}

// namesCredential reports whether a constant text in a body, or in the function that
// makes it, is the name of a header that carries a credential.
func namesCredential(fn *flow.Func) bool {
	found := false
	for in := fn; in != nil && in.Body != nil; in = in.Outer {
		ast.Inspect(in.Body, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				text := constantOf(in, e)
				found = found || text != "" && !strings.ContainsAny(text, " .:") && credentialName(text)
			}
			return !found
		})
	}
	return found
}

// constantOf returns the constant text that an expression is; "" for others.
func constantOf(fn *flow.Func, e ast.Expr) string {
	tv, ok := fn.Pkg.Info.Types[e]
	if !ok || tv.Value == nil || !isText(tv.Type) {
		return ""
	}
	return constText(tv.Value)
}

// keyOfCredential reports whether a key of a context is named after a credential:
// TokenKey, tokenKey{}, ctxToken.
func keyOfCredential(e ast.Expr) bool {
	e = ast.Unparen(e)
	if lit, ok := e.(*ast.CompositeLit); ok {
		e = ast.Unparen(lit.Type)
	}
	words := slices.DeleteFunc(wordsOf(lastField(e)), func(w string) bool { return w == "key" || w == "ctx" || w == "context" })
	return len(words) > 0 && slices.Contains(credentialWords, words[len(words)-1])
}

// signsIn names a tool of a server that is called like signing in, and whose file asks
// for the session of the caller; "" where there is none.
func (a *analysis) signsIn(s *Server) string {
	for _, t := range s.Tools {
		words := wordsOf(t.Name)
		named := slices.Contains(words, "login") || slices.Contains(words, "signin") ||
			strings.Contains(" "+strings.Join(words, " ")+" ", " log in ") || strings.Contains(" "+strings.Join(words, " ")+" ", " sign in ")
		if named && a.asksForSession(t.Defined) {
			return t.Name
		}
	}
	return ""
}

// asksForSession reports whether code in the file of a site asks the SDK which session a
// call belongs to.
func (a *analysis) asksForSession(site sdk.Site) bool {
	for _, c := range a.flow.Calls {
		if c.In.File == site.File && c.Callee != nil && c.Callee.Name() == "SessionID" && c.Callee.Pkg() != nil && a.ofSDK(c.Callee.Pkg().Path()) && returnsText(c.Callee) {
			return true
		}
	}
	return false
}

func returnsText(f *types.Func) bool {
	r := f.Signature().Results()
	return r.Len() == 1 && isText(r.At(0).Type())
}
