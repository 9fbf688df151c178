package analyze

import (
	"go/ast"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Through which handlers a request passes before it reaches a transport.

// A layer is one handler around another, and what it does to a stranger.
type layer struct {
	name    string
	kind    GuardKind
	verdict Verdict // what this layer alone makes of it
	reason  string
	check   *Check // nil for a guard of ours
	outside bool   // it stands in front of the mux that the route is on
	changes bool   // it may change the request before it hands it on
	own     bool   // it is a handler of the module
	silent  bool   // it asks nothing: it is here for what it changes, or takes
	takes   bool   // it takes a credential from the request
	trust   *Trust // who says that it is a check; nil where that is proved
	trail   *layer // the layer outside of this one

	idle      bool // it reads a credential, and refuses nobody
	preflight bool // it is a check that lets OPTIONS requests of strangers through
}

// A chain is the innermost layer that a request passes; nil if there is none.
type chain = *layer

// An arrival is one end of a walk from a handler inwards: a transport or a mux.
type arrival struct {
	transport *Transport
	mux       ast.Expr // key of a mux
	chain     chain
}

// anyDefaultMux is the key of http.DefaultServeMux in packages that several
// programs may import.
var anyDefaultMux ast.Expr = &ast.Ident{Name: "http.DefaultServeMux"}

// defaultMux returns the key of http.DefaultServeMux as pkg uses it: each program
// has one of its own.
func (a *analysis) defaultMux(pkg *load.Package) ast.Expr {
	if pkg.Name != "main" {
		return anyDefaultMux
	}
	if a.defaults[pkg] == nil {
		a.defaults[pkg] = &ast.Ident{Name: "http.DefaultServeMux"}
	}
	return a.defaults[pkg]
}

// waysOf returns how a mux is served; the default mux of a program also where
// packages that it may import do.
func (a *analysis) waysOf(mux ast.Expr) []way {
	list := a.ways[mux]
	for _, pkg := range a.prog.Packages {
		switch key := a.defaults[pkg]; {
		case key == nil:
		case mux == key:
			list = append(list[:len(list):len(list)], a.ways[anyDefaultMux]...)
		case mux == anyDefaultMux:
			list = append(list[:len(list):len(list)], a.ways[key]...)
		}
	}
	return list
}

const maxLayers = 16 // handlers one inside the other

type walker struct {
	a    *analysis
	seen map[walkKey]bool
	out  []arrival
}

type walkKey struct {
	expr  ast.Expr
	frame *flow.Frame
	chain chain
}

// arrivals walks from the handler e inwards.
func (a *analysis) arrivals(e ast.Expr, f *flow.Frame, from chain) []arrival {
	w := &walker{a: a, seen: map[walkKey]bool{}}
	w.expr(e, f, from, 0)
	return w.out
}

func (w *walker) expr(e ast.Expr, f *flow.Frame, c chain, depth int) {
	if e == nil || depth > maxLayers {
		return
	}
	w.all(w.a.flow.Origins(e, f), c, depth)
}

func (w *walker) all(origins []flow.Origin, c chain, depth int) {
	for _, o := range origins {
		key := walkKey{o.Expr, o.Frame, c}
		if o.Expr != nil && w.seen[key] {
			continue
		}
		w.seen[key] = true
		w.origin(o, c, depth+1)
	}
}

func (w *walker) origin(o flow.Origin, c chain, depth int) {
	switch o.Kind {
	case flow.Result:
		w.result(o, c, depth)
	case flow.Value:
		w.value(o, c, depth)
	case flow.Literal:
		w.literal(o, c, depth)
	case flow.Unknown:
		if o.Why == flow.TooWide {
			w.a.note(o.Frame.Fn, o.Frame.Fn.Pos(), flow.TooWide)
		}
		if call, ok := o.Expr.(*ast.CallExpr); ok && o.Rest == nil && w.a.flow.CallOf(call) != nil {
			o.Call = w.a.flow.CallOf(call) // of something whose type is not known
			w.foreign(o, c, depth)
		}
		if o.Var != nil && o.Var.Name() == "DefaultServeMux" && o.Var.Pkg().Path() == netHTTP {
			w.out = append(w.out, arrival{mux: w.a.defaultMux(o.Frame.Fn.Pkg), chain: c})
		}
	}
}

// result handles a handler that a call made.
func (w *walker) result(o flow.Origin, c chain, depth int) {
	if list := w.a.madeAt(o); len(list) > 0 {
		for _, t := range list {
			w.out = append(w.out, arrival{transport: t, chain: c})
		}
		return
	}
	if places, ok := w.a.placeOf(o, 0); ok {
		for _, p := range places {
			w.out = append(w.out, arrival{mux: p.mux, chain: c})
		}
		return
	}
	if w.chained(o, c, depth) {
		return
	}
	e := w.a.book.lookup(o.Callee)
	switch {
	case e == nil:
		w.foreign(o, c, depth)
	case e.sym.Role == roleMux:
		w.out = append(w.out, arrival{mux: o.Expr, chain: c})
	case e.sym.Role == sdk.RoleHandlerOf:
		w.all(w.a.flow.Receiver(o.Call, o.Frame), c, depth)
	case e.sym.Role == sdk.RoleWrap:
		w.expr(w.a.arg(o.Call, e.sym.Handler), o.Frame, c, depth)
	case e.sym.Role == sdk.RoleGuard && e.sym.Handler != sdk.None:
		w.expr(w.a.arg(o.Call, e.sym.Handler), o.Frame, w.a.oursLayer(e, o.Call, o.Frame, c), depth)
	}
}

// foreign handles a handler made by code outside of the module: a guard that was
// built by an SDK, or one that is not known, around each handler it was given.
func (w *walker) foreign(o flow.Origin, c chain, depth int) {
	inner := c
	switch {
	case o.Via != nil && w.a.isGuardFactory(*o.Via):
		inner = w.a.factoryLayer(*o.Via, c)
	case w.a.libraryCheck(o.Callee) != nil:
		inner = w.a.libraryLayer(w.a.libraryCheck(o.Callee), funcName(o.Callee), o.Call, c)
		inner.check = w.a.madeCheck(o.Call, inner)
	default:
		name := "a function value"
		if o.Callee != nil {
			name = funcName(o.Callee)
		} else if o.Via != nil && o.Via.Callee != nil {
			name = funcName(o.Via.Callee)
		} else if _, ok := ast.Unparen(o.Call.Expr.Fun).(*ast.SelectorExpr); ok {
			name = calledText(o.Call.Expr)
		}
		inner = w.a.strangeLayer(name, o.Call, c)
		inner.check = w.a.madeCheck(o.Call, inner)
	}
	for _, arg := range o.Call.Expr.Args {
		if servesHTTP(o.Call.In.Pkg.Info.TypeOf(arg)) {
			w.expr(arg, o.Frame, inner, depth)
		}
	}
	if recv := o.Call.Recv(); recv != nil && servesHTTP(o.Call.In.Pkg.Info.TypeOf(recv)) {
		w.all(w.a.flow.Receiver(o.Call, o.Frame), inner, depth) // such as ServeMux.Handler(r)
	}
}

// value handles a function as a handler.
func (w *walker) value(o flow.Origin, c chain, depth int) {
	if o.Fn == nil {
		e := w.a.book.lookup(o.Callee)
		if e != nil && e.sym.Role == sdk.RoleHandlerOf && o.Recv != nil {
			w.all(w.a.flow.Bound(o), c, depth)
		}
		return
	}
	w.body(o.Fn, w.a.activation(o), c, depth)
}

// literal handles a struct that is a handler: one of the module's own, a mux, or
// one with a handler embedded.
func (w *walker) literal(o flow.Origin, c chain, depth int) {
	t := o.Frame.Fn.Pkg.Info.TypeOf(o.Expr)
	if t == nil {
		return
	}
	if isNetHTTP(t, "ServeMux") {
		w.out = append(w.out, arrival{mux: o.Expr, chain: c})
		return
	}
	obj, index, _ := types.LookupFieldOrMethod(t, true, o.Frame.Fn.Pkg.Types, "ServeHTTP")
	m, ok := obj.(*types.Func)
	if !ok {
		return
	}
	if len(index) > 1 {
		if v := fieldAt(t, index[0]); v != nil {
			w.all(w.a.flow.Field(o.Expr, o.Frame, v), c, depth)
			w.stored(v, c, depth)
		}
		return
	}
	if fn := w.a.flow.FuncOf(m); fn != nil {
		w.body(fn, w.a.flow.Method(fn, o.Expr, o.Frame), c, depth)
	}
}

// stored follows what is assigned to an embedded handler after the struct was made.
func (w *walker) stored(v *types.Var, c chain, depth int) {
	w.a.flow.Stores(func(fn *flow.Func, _ *ast.AssignStmt, sel *ast.SelectorExpr, val ast.Expr) {
		if fn.Pkg.Info.Uses[sel.Sel] == v && val != nil {
			w.expr(val, w.a.flow.Root(fn), c, depth)
		}
	})
}

func fieldAt(t types.Type, i int) *types.Var {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || i >= st.NumFields() {
		return nil
	}
	return st.Field(i)
}
