package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A peel is what is cut away so that a route is served without its checks.
type peel struct {
	handler ast.Expr // what is left of the route's handler
	site    ast.Node // the route's site, as if handler stood there
	cuts    []cut
}

// peeler takes the calls that put checks around a handler out of an expression.
type peeler struct {
	b      *builder
	pkg    *load.Package
	file   *load.File
	checks []*analyze.Check
	left   []*analyze.Check // those not found yet
	cuts   []cut
	spans  []span // the same by position

	made []ast.Expr // values of variables that are known to have been made without effect
}

type span struct{ from, to token.Pos }

// peel finds the calls by which checks come to stand around the handler of r, and
// what else is left without use when they go.
func (b *builder) peel(t *analyze.Transport, r *analyze.Route, checks []*analyze.Check) (*peel, error) {
	p := &peeler{b: b, pkg: r.Site.Pkg, file: r.Site.File, checks: checks, left: slices.Clone(checks)}
	if p.file.Cgo || p.file.Generated || r.Handler == nil {
		return nil, &sdk.ManualError{Why: "the check is put there in a way that this version does not rewrite"}
	}
	if links := p.chain(r.Handler, t); len(links) > 0 {
		return p.peelChain(links, r)
	}
	from := p.defined(r.Handler)
	if from != nil && !p.onlyServed(r.Handler, t) {
		return nil, &sdk.ManualError{Why: "the handler with its check is used elsewhere as well"}
	}
	kept := from != nil // the variable stays, and is served as before
	if !kept {
		from = r.Handler
	}
	handler, err := p.unwrap(from)
	switch {
	case err != nil:
		return nil, err
	case len(p.left) > 0:
		return nil, p.notFound()
	}
	if err := p.fits(handler, r); err != nil {
		return nil, err
	}
	if err := p.leftOver(); err != nil {
		return nil, err
	}
	p.noteUnused(r)
	if kept {
		handler = r.Handler
	}
	return &peel{handler: handler, site: withHandler(r.Site.Node, r.Handler, handler), cuts: p.cuts}, nil
}

// peelChain is peel for a variable around which layers are put by statements.
func (p *peeler) peelChain(links []link, r *analyze.Route) (*peel, error) {
	if err := p.unchain(links); err != nil {
		return nil, err
	}
	if len(p.left) > 0 {
		return nil, p.notFound()
	}
	if err := p.leftOver(); err != nil {
		return nil, err
	}
	p.noteUnused(r)
	return &peel{handler: r.Handler, site: r.Site.Node, cuts: p.cuts}, nil
}

// notFound says which check is not where it could be taken out.
func (p *peeler) notFound() error {
	return &sdk.ManualError{Why: fmt.Sprintf("%s is not put around the handler by a call at this place", p.b.named(p.left[0]))}
}

// unwrap cuts the calls that make checks out of e, and returns what is left of it.
func (p *peeler) unwrap(e ast.Expr) (left ast.Expr, err error) {
	left = e
	var around *ast.CallExpr // the call that stays and that e is given to
	for {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			break
		}
		inner := p.handlerArg(call)
		if inner == nil {
			break
		}
		e = inner
		c := p.checkMade(call)
		if c == nil {
			around = call
			continue
		}
		p.left = slices.DeleteFunc(p.left, func(x *analyze.Check) bool { return x == c })
		p.cut(call.Pos(), inner.Pos())
		p.cut(inner.End(), call.End())
		if around == nil {
			left = inner
		} else if !p.takes(around, inner) && p.checkNext(inner) == nil {
			return nil, &sdk.ManualError{Why: "what the check is put around has another type than what it gives"}
		}
	}
	return left, nil
}

// checkNext returns the check that e itself puts around something.
func (p *peeler) checkNext(e ast.Expr) *analyze.Check {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		return p.checkMade(call)
	}
	return nil
}

// takes reports whether a call of one handler takes e in its place.
func (p *peeler) takes(call *ast.CallExpr, e ast.Expr) bool {
	t, fun := p.pkg.Info.TypeOf(e), p.pkg.Info.Types[call.Fun]
	if fun.IsType() {
		return types.ConvertibleTo(t, fun.Type)
	}
	sig, ok := fun.Type.Underlying().(*types.Signature)
	i := slices.Index(call.Args, p.handlerArg(call))
	return ok && i < sig.Params().Len() && types.AssignableTo(t, sig.Params().At(i).Type())
}

func (p *peeler) cut(from, to token.Pos) {
	if from >= to {
		return
	}
	p.spans = append(p.spans, span{from, to})
	fset := p.b.prog.Fset
	p.cuts = append(p.cuts, cut{p.file, sdk.Offset(fset, p.file, from), sdk.Offset(fset, p.file, to)})
}

// handlerArg returns the only argument of call that answers requests.
func (p *peeler) handlerArg(call *ast.CallExpr) ast.Expr {
	var found ast.Expr
	for _, arg := range call.Args {
		if !servesHTTP(p.pkg.Info.TypeOf(arg)) {
			continue
		}
		if found != nil {
			return nil
		}
		found = arg
	}
	return found
}

// servesHTTP reports whether a value of type t is a handler or a handler function.
func servesHTTP(t types.Type) bool {
	if t == nil {
		return false
	}
	if sig, ok := t.Underlying().(*types.Signature); ok {
		return sig.Params().Len() == 2 && sig.Results().Len() == 0 && typeText(sig.Params().At(1).Type()) == "*net/http.Request"
	}
	return handles(t)
}

// handles reports whether t has the method of an http.Handler.
func handles(t types.Type) bool {
	o, _, _ := types.LookupFieldOrMethod(t, true, nil, "ServeHTTP")
	f, ok := o.(*types.Func)
	return ok && f.Signature().Params().Len() == 2
}

func typeText(t types.Type) string { return types.TypeString(t, nil) }

// checkMade returns the check that a call puts around its argument.
func (p *peeler) checkMade(call *ast.CallExpr) *analyze.Check {
	for _, c := range p.left {
		if p.makes(call.Fun, c, 0) {
			return c
		}
	}
	return nil
}

// makes reports whether the function fun is what makes c: the module's function or
// literal that c stands in, the value that one returned, or a variable with it.
func (p *peeler) makes(fun ast.Expr, c *analyze.Check, depth int) bool {
	if depth > 3 {
		return false
	}
	switch x := ast.Unparen(fun).(type) {
	case *ast.CallExpr:
		return ast.Node(x) == c.Site.Node || p.makes(x.Fun, c, depth+1)
	case *ast.FuncLit:
		return x.Pos() <= c.Site.Node.Pos() && c.Site.Node.End() <= x.End()
	case *ast.SelectorExpr:
		f, ok := p.pkg.Info.Uses[x.Sel].(*types.Func)
		return ok && declares(c, f)
	case *ast.Ident:
		if f, ok := p.pkg.Info.Uses[x].(*types.Func); ok {
			return declares(c, f)
		}
		def := p.defined(x)
		return def != nil && p.makes(def, c, depth+1)
	}
	return false
}

// declares reports whether f's declaration holds the body of c.
func declares(c *analyze.Check, f *types.Func) bool {
	for _, d := range c.Site.File.AST.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok && fd.Name.Pos() == f.Pos() {
			return fd.Pos() <= c.Site.Node.Pos() && c.Site.Node.End() <= fd.End() && ast.Node(fd) != c.Site.Node
		}
	}
	return false
}

// defined returns the only value of a local variable: that of x := value, where
// nothing else is ever assigned to it.
func (p *peeler) defined(e ast.Expr) ast.Expr {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := p.pkg.Info.Uses[id].(*types.Var)
	if !ok || v.Parent() == nil || v.Parent() == p.pkg.Types.Scope() || v.IsField() {
		return nil
	}
	for _, use := range p.uses(v) {
		if p.assigns(use) {
			return nil
		}
	}
	_, value := p.definition(v)
	return value
}

// definition returns the statement x := value, or var x = value, of a variable.
func (p *peeler) definition(v *types.Var) (ast.Stmt, ast.Expr) {
	path, _ := astutil.PathEnclosingInterval(p.file.AST, v.Pos(), v.Pos())
	for _, n := range path {
		switch x := n.(type) {
		case *ast.AssignStmt:
			if x.Tok == token.DEFINE && len(x.Lhs) == 1 && len(x.Rhs) == 1 && x.Lhs[0].Pos() == v.Pos() {
				return x, x.Rhs[0]
			}
			return nil, nil
		case *ast.DeclStmt:
			d, ok := x.Decl.(*ast.GenDecl)
			if !ok || len(d.Specs) != 1 {
				return nil, nil
			}
			if s, ok := d.Specs[0].(*ast.ValueSpec); ok && len(s.Names) == 1 && len(s.Values) == 1 {
				return x, s.Values[0]
			}
			return nil, nil
		case *ast.FuncType, *ast.BlockStmt:
			return nil, nil
		}
	}
	return nil, nil
}

// uses returns the identifiers that mean v, in order, its declaration left out.
func (p *peeler) uses(v types.Object) []*ast.Ident {
	var list []*ast.Ident
	for id, o := range p.pkg.Info.Uses {
		if o == v {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, func(x, y *ast.Ident) int { return int(x.Pos() - y.Pos()) })
	return list
}

// assigns reports whether id is set where it stands, or its address is taken.
func (p *peeler) assigns(id *ast.Ident) bool {
	path, _ := astutil.PathEnclosingInterval(p.file.AST, id.Pos(), id.End())
	if len(path) < 2 {
		return true
	}
	switch x := path[1].(type) {
	case *ast.AssignStmt:
		return slices.Contains(x.Lhs, ast.Expr(id))
	case *ast.UnaryExpr:
		return x.Op == token.AND
	case *ast.IncDecStmt, *ast.RangeStmt:
		return true
	}
	return false
}

// onlyServed reports whether a variable is used as the handler of t's routes only.
func (p *peeler) onlyServed(e ast.Expr, t *analyze.Transport) bool {
	v := p.pkg.Info.Uses[ast.Unparen(e).(*ast.Ident)]
	for _, use := range p.uses(v) {
		served := slices.ContainsFunc(t.Routes, func(r *analyze.Route) bool { return r.Handler != nil && ast.Unparen(r.Handler) == ast.Expr(use) })
		if !served {
			return false
		}
	}
	return true
}

// withHandler returns the site with the handler replaced, for a Wirer to look at; a
// call is copied, and its parts keep their places.
func withHandler(site ast.Node, old, handler ast.Expr) ast.Node {
	call, ok := site.(*ast.CallExpr)
	if !ok || old == handler {
		return site
	}
	c := *call
	c.Args = slices.Clone(call.Args)
	for i, arg := range c.Args {
		if arg == old {
			c.Args[i] = handler
		}
	}
	return &c
}

// fits reports an error where what is left of a handler can't stand where it was. A
// method value h.ServeHTTP becomes h where a handler is needed.
func (p *peeler) fits(handler ast.Expr, r *analyze.Route) error {
	if handles(p.pkg.Info.TypeOf(handler)) || calledFunc(r.Site.Node) == "HandleFunc" {
		return nil
	}
	if m, ok := handler.(*ast.SelectorExpr); ok && m.Sel.Name == "ServeHTTP" && handles(p.pkg.Info.TypeOf(m.X)) {
		p.cut(m.X.End(), m.End())
		return nil
	}
	return &sdk.ManualError{Why: "what the check is put around is no http.Handler"}
}

func calledFunc(n ast.Node) string {
	if call, ok := n.(*ast.CallExpr); ok {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			return sel.Sel.Name
		}
	}
	return ""
}

// gone reports whether a position lies in what is cut away.
func (p *peeler) gone(pos token.Pos) bool {
	return slices.ContainsFunc(p.spans, func(s span) bool { return s.from <= pos && pos < s.to })
}

// edits returns the cuts as edits.
func (p *peel) edits() []fileEdit {
	var list []fileEdit
	for _, c := range p.cuts {
		list = append(list, fileEdit{c.file, edit.Edit{Start: c.start, End: c.end, Why: "our guard takes the place of the check"}})
	}
	return list
}
