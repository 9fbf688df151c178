package analyze

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A PseudoKind says in which way code looks like a check of callers, and is none or less
// than it looks.
type PseudoKind string

// The kinds.
const (
	PseudoTasks     PseudoKind = "tasks"     // tool middleware, which tools that run as tasks pass by
	PseudoUnchecked PseudoKind = "unchecked" // a credential is asked for and not verified
	PseudoDiscarded PseudoKind = "discarded" // what a guard gives back is thrown away
	PseudoEqual     PseudoKind = "equal"     // a credential is compared with == or !=
	PseudoFactory   PseudoKind = "factory"   // the function that picks the server of a request reads a credential
)

// A PseudoGuard is one place of such code.
type PseudoGuard struct {
	Kind  PseudoKind
	Site  sdk.Site
	Name  string   // of the tool, the check, or the guard
	Why   string   // what there is to say of this one; "" for nothing
	Other sdk.Site // what else it is about: the middleware of task tools; Node is nil without
	Asks  bool     // the middleware of task tools looks at who is calling
}

// findPseudo finds code that looks like a check and is none.
func (a *analysis) findPseudo() {
	for _, s := range a.sortedServers() {
		a.pseudoTasks(s)
		for _, t := range s.Transports {
			a.pseudoUnchecked(t)
			a.pseudoFactory(t)
		}
	}
	a.pseudoDiscarded()
	for _, site := range a.equals {
		a.pseudo = append(a.pseudo, PseudoGuard{Kind: PseudoEqual, Site: site})
	}
	slices.SortStableFunc(a.pseudo, func(x, y PseudoGuard) int { return a.compareSites(x.Site, y.Site) })
	a.pseudo = slices.CompactFunc(a.pseudo, func(x, y PseudoGuard) bool {
		return x.Kind == y.Kind && x.Name == y.Name && x.Site.Node == y.Site.Node
	})
}

// pseudoTasks finds tools that run as tasks on a server with tool middleware: the SDK
// calls them directly.
func (a *analysis) pseudoTasks(s *Server) {
	for _, t := range s.Tools {
		if !t.Task || len(s.middleware) == 0 {
			continue
		}
		p := PseudoGuard{Kind: PseudoTasks, Site: t.Registered, Name: t.Name, Other: s.middleware[0]}
		for _, site := range s.middleware {
			if a.givenFunc(site, a.asksWho) != nil {
				p.Other, p.Asks = site, true
			}
		}
		a.pseudo = append(a.pseudo, p)
	}
}

// asksWho reports whether middleware of tools looks at who is calling: it compares, or
// goes by a value of the context.
func (a *analysis) asksWho(fn *flow.Func) bool {
	reads := func(c *flow.Call) bool {
		return c.Callee != nil && c.Callee.FullName() == "(context.Context).Value"
	}
	return a.weighsInside(fn) || slices.ContainsFunc(allCalls(fn), func(c *flow.Call) bool {
		if reads(c) {
			return true
		}
		if c.Callee == nil {
			return false
		}
		callee := a.flow.FuncOf(c.Callee)
		return callee != nil && callee.Body != nil && slices.ContainsFunc(allCalls(callee), reads)
	})
}

// pseudoUnchecked finds checks in front of a transport that ask for a credential and let
// callers in whose credential nobody verified.
func (a *analysis) pseudoUnchecked(t *Transport) {
	for _, r := range t.Routes {
		if r.Verdict != Unprotected {
			continue
		}
		for _, c := range slices.Concat(r.Checks, r.Outside) {
			if c.Kind == GuardPassthrough {
				a.pseudo = append(a.pseudo, PseudoGuard{Kind: PseudoUnchecked, Site: c.Site, Name: c.Name, Why: c.Reason})
			}
		}
	}
}

// pseudoFactory finds functions that pick the server of a request and read a credential.
func (a *analysis) pseudoFactory(t *Transport) {
	made, ok := t.New.Node.(*ast.CallExpr)
	if !ok || t.Server == nil || t.Verdict == Protected || a.flow.CallOf(made) == nil {
		return
	}
	for _, o := range a.flow.Origins(t.Server, a.flow.Root(a.flow.CallOf(made).In)) {
		if o.Kind != flow.Value || o.Fn == nil || o.Fn.Body == nil || !takesRequest(o.Fn.Sig) {
			continue
		}
		if len(a.headersRead(o.Fn, 0)) > 0 || a.takesCredential(o.Fn) {
			a.pseudo = append(a.pseudo, PseudoGuard{Kind: PseudoFactory, Site: bodySite(o.Fn), Name: title(o.Fn)})
		}
	}
}

// pseudoDiscarded finds calls that put a guard around a handler, and whose result is
// thrown away.
func (a *analysis) pseudoDiscarded() {
	for _, pkg := range a.prog.Packages {
		if a.book.looksOurs(pkg.Path) {
			continue
		}
		for _, f := range pkg.Files {
			ast.Inspect(f.AST, func(n ast.Node) bool {
				if call := discards(n); call != nil {
					a.discarded(pkg, f, call)
				}
				return true
			})
		}
	}
}

// discards returns the call whose result a statement throws away; nil for others.
func discards(n ast.Node) *ast.CallExpr {
	var e ast.Expr
	switch s := n.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if s.Tok == token.ASSIGN && thrownAway(s) && len(s.Rhs) == 1 {
			e = s.Rhs[0]
		}
	}
	call, _ := ast.Unparen(e).(*ast.CallExpr)
	return call
}

func (a *analysis) discarded(pkg *load.Package, f *load.File, call *ast.CallExpr) {
	c := a.flow.CallOf(call)
	if c == nil || !givesHandler(orInvalid(pkg.Info.TypeOf(call))) || !slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return servesHTTP(pkg.Info.TypeOf(e)) }) {
		return
	}
	if name := a.guardBy(c); name != "" {
		a.pseudo = append(a.pseudo, PseudoGuard{Kind: PseudoDiscarded, Site: sdk.Site{Role: sdk.RoleGuard, Pkg: pkg, File: f, Node: call}, Name: name})
	}
}

// guardBy names the guard that a call puts around a handler; "" where it puts none.
func (a *analysis) guardBy(c *flow.Call) string {
	if e := a.book.lookup(c.Callee); e != nil {
		if e.sym.Role == sdk.RoleGuard {
			return funcName(c.Callee)
		}
		return ""
	}
	if a.libraryCheck(c.Callee) != nil {
		return funcName(c.Callee)
	}
	for _, o := range a.flow.Origins(c.Expr, a.flow.Root(c.In)) {
		if o.Via != nil && a.isGuardFactory(*o.Via) {
			return funcName(o.Via.Callee)
		}
		if o.Kind == flow.Value && o.Fn != nil && o.Fn.Body != nil && a.handsOn(o.Fn) {
			if s := a.signs(o.Fn, 0); s.refuses && (s.credential || a.takesCredential(o.Fn)) {
				return title(o.Fn)
			}
		}
	}
	return ""
}

// noteEqual remembers a comparison by == or != of a credential with what the program holds.
func (m *machine) noteEqual(x, y ast.Expr, vals []value) {
	if len(vals) != 2 || !isText(m.info().TypeOf(x)) {
		return
	}
	a, b := vals[0], vals[1]
	if a.taint < b.taint {
		a, b = b, a
	}
	if a.taint != fromCredential || a.hashed || b.taint != fromProgram || !b.bound || b.lit != nil {
		return
	}
	site := sdk.Site{Pkg: m.fn.Pkg, File: m.fn.File, Node: x}
	if !slices.ContainsFunc(m.a.equals, func(s sdk.Site) bool { return s.Node == site.Node }) {
		m.a.equals = append(m.a.equals, site)
	}
}
