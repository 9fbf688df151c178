package analyze

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A Check is something that stands in front of a route, looks at who is calling or
// may do so, and is not a guard of ours.
type Check struct {
	Name    string   // of the function that it is or that makes it
	Site    sdk.Site // its body (*ast.FuncDecl, *ast.FuncLit), or the call that made what is not the module's
	Verdict Verdict  // what it alone makes of a route
	Kind    GuardKind
	Reason  string // for unknown and unprotected: why, in one sentence

	Headers []string   // those that it reads of the ones that carry a credential, in lower case, sorted
	Hidden  string     // why it may read others as well; "" when it does not
	More    string     // what it does besides checking; "" when that is all it does
	Caller  []sdk.Site // where the program reads who the check said is calling
}

// Reads reports whether the check reads a header, given in lower case; not what it
// may read where that is Hidden.
func (c *Check) Reads(header string) bool { return slices.Contains(c.Headers, header) }

// A Reader is a function that is handed requests behind every check and reads a
// credential from them: a context function, middleware, or a hook.
type Reader struct {
	Name    string
	Site    sdk.Site // its body
	Headers []string // in lower case, sorted
}

// hasOurs reports whether a guard of ours is among the layers, or something that is
// not known and no Check.
func hasOurs(c chain) bool {
	for l := c; l != nil; l = l.trail {
		if l.check == nil && l.verdict == Unknown || l.name == OurGuard {
			return true
		}
	}
	return false
}

// collectChecks gives a route the checks on its paths, those around its own handler
// and those in front of the mux that it is on.
func collectChecks(r *Route, cases []chain) {
	for _, c := range cases {
		r.Blind = r.Blind || hasOurs(c)
		for l := c; l != nil; l = l.trail {
			switch {
			case l.check == nil:
			case l.outside && !slices.Contains(r.Outside, l.check):
				r.Outside = append(r.Outside, l.check)
			case !l.outside && !slices.Contains(r.Checks, l.check):
				r.Checks = append(r.Checks, l.check)
			}
		}
	}
}

// outermost marks layers as standing in front of a mux.
func outermost(c chain) chain {
	if c == nil {
		return nil
	}
	l := *c
	l.outside, l.trail = true, outermost(c.trail)
	return &l
}

// ownCheck returns the Check that a layer of the user's own is.
func (a *analysis) ownCheck(fn *flow.Func, l *layer) *Check {
	if c := a.checks[fn.Body]; c != nil {
		return c
	}
	read, name := a.reading(fn, 0), title(fn)
	if fn.Outer != nil && !makesHandlers(fn.Outer.Sig) {
		name = "a handler in " + name
	}
	c := &Check{
		Name: name, Site: bodySite(fn), Verdict: checkVerdict(l, read), Kind: l.kind, Reason: l.reason,
		Headers: read.sorted(), Hidden: read.hidden, More: a.doesMore(fn),
	}
	a.checks[fn.Body] = c
	return c
}

// checkVerdict is what counts for a check: one that refuses callers by a credential
// stays a check that may be one, however strangers get past it.
func checkVerdict(l *layer, read *reading) Verdict {
	byCredential := len(read.sorted()) > 0 || read.hidden != "" || l.kind != GuardNone
	if l.verdict == Unprotected && byCredential && !l.idle {
		return Unknown
	}
	return l.verdict
}

func bodySite(fn *flow.Func) sdk.Site {
	var n ast.Node = fn.Lit
	if fn.Decl != nil {
		n = fn.Decl
	}
	return sdk.Site{Pkg: fn.Pkg, File: fn.File, Node: n}
}

// madeCheck returns the Check that code outside of the module makes by call.
func (a *analysis) madeCheck(call *flow.Call, l *layer) *Check {
	if c := a.checks[call.Expr]; c != nil {
		return c
	}
	outside := "its code is outside of the module"
	c := &Check{
		Name: l.name, Site: a.site(sdk.RoleGuard, call.In, call.Expr), Verdict: l.verdict, Kind: l.kind, Reason: l.reason,
		Hidden: outside, More: outside,
	}
	a.checks[call.Expr] = c
	return c
}

// factoryCheck returns the Check of an SDK's own guard, which reads a bearer token
// (RFC 6750 section 2.1) and nothing else.
func (a *analysis) factoryCheck(o flow.Origin, l *layer) *Check {
	c := a.madeCheck(o.Call, l)
	c.Headers, c.Hidden, c.More, c.Caller = []string{"authorization"}, "", "", a.callerReads()
	return c
}

// callerReads returns the places that read who an SDK's own guard said is calling.
func (a *analysis) callerReads() []sdk.Site {
	var list []sdk.Site
	for _, c := range a.calls(sdk.RoleCaller) {
		list = append(list, a.site(sdk.RoleCaller, c.In, c.Expr))
	}
	for _, pkg := range a.prog.Packages {
		if a.book.looksOurs(pkg.Path) {
			continue
		}
		for _, f := range pkg.Files {
			ast.Inspect(f.AST, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				e := a.book.typeOf(orInvalid(pkg.Info.TypeOf(sel.X)))
				if e != nil && e.typ.Role == sdk.RoleCaller && e.typ.NameField == sel.Sel.Name {
					list = append(list, sdk.Site{Role: sdk.RoleCaller, Pkg: pkg, File: f, Node: sel})
				}
				return true
			})
		}
	}
	slices.SortFunc(list, a.compareSites)
	return list
}

// findReaders finds context functions, middleware and hooks that read a credential.
func (a *analysis) findReaders() {
	for _, m := range a.transports {
		for s, t := range m.by {
			for _, site := range t.ContextFuncs {
				a.readersAt(s, site)
			}
		}
	}
	for _, s := range a.servers {
		for _, site := range s.Hooks {
			a.readersAt(s, site)
		}
		slices.SortFunc(s.Readers, func(x, y Reader) int { return a.compareSites(x.Site, y.Site) })
	}
}

// readersAt adds the functions that are given to the call at site and read a
// credential.
func (a *analysis) readersAt(s *Server, site sdk.Site) {
	call, ok := site.Node.(*ast.CallExpr)
	if !ok || a.flow.CallOf(call) == nil {
		return
	}
	frame := a.flow.Root(a.flow.CallOf(call).In)
	for _, arg := range call.Args {
		for _, o := range a.flow.Origins(arg, frame) {
			if o.Kind == flow.Value && o.Fn != nil && o.Fn.Body != nil {
				a.addReader(s, o.Fn)
			}
		}
	}
}

func (a *analysis) addReader(s *Server, fn *flow.Func) {
	headers := a.headersRead(fn, 0)
	site := bodySite(fn)
	known := slices.ContainsFunc(s.Readers, func(r Reader) bool { return r.Site.Node == site.Node })
	if len(headers) > 0 && !known {
		name := title(fn)
		if fn.Lit != nil {
			name = "a function in " + name
		}
		s.Readers = append(s.Readers, Reader{Name: name, Site: site, Headers: headers})
	}
}

// headersRead returns the headers that carry a credential and that fn reads, by any
// value of net/http's Header type, and two calls deep.
func (a *analysis) headersRead(fn *flow.Func, depth int) []string {
	var list []string
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if name := headerName(fn, n); credentialHeaders[name] {
			list = append(list, name)
		}
		return true
	})
	for _, c := range allCalls(fn) {
		if depth >= 2 || c.Callee == nil || a.book.known(c.Callee) {
			continue
		}
		if callee := a.flow.FuncOf(c.Callee); callee != nil && callee != fn && callee.Body != nil {
			list = append(list, a.headersRead(callee, depth+1)...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// headerName returns the name, in lower case, of the header that an expression
// reads, where it is a constant; "" for anything else.
func headerName(fn *flow.Func, n ast.Node) string {
	info := fn.Pkg.Info
	switch x := n.(type) {
	case *ast.CallExpr:
		sel, ok := x.Fun.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		if sel.Sel.Name == "BasicAuth" && isNetHTTP(info.TypeOf(sel.X), "Request") {
			return "authorization"
		}
		if readsHeader(info, x) {
			return strings.ToLower(constantText(info, x, 0))
		}
		if isNetHTTP(info.TypeOf(sel.X), "Header") && (sel.Sel.Name == "Get" || sel.Sel.Name == "Values") {
			return strings.ToLower(constantText(info, x, 0))
		}
	case *ast.IndexExpr:
		if tv := info.Types[x.Index]; isNetHTTP(info.TypeOf(x.X), "Header") && tv.Value != nil {
			return strings.ToLower(constText(tv.Value))
		}
	}
	return ""
}
