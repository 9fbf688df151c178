package flow

import (
	"go/ast"
	"go/types"
	"slices"
)

// call follows the result of a call.
func (q *query) call(x *ast.CallExpr, f *Frame, index int, path *Path) {
	c := q.g.ofCall[x]
	switch {
	case c == nil:
		q.unknown(x, f, path, "a call outside of the loaded files")
	case c.Convert:
		if len(x.Args) == 1 {
			q.expr(x.Args[0], f, 0, path)
		}
	case c.Builtin != "":
		q.builtin(c, f, path)
	case c.Dynamic():
		q.dynamic(c, f, index, path)
	case c.Iface:
		q.iface(c, f, index, path)
	default:
		q.static(c, c.Callee, nil, f, index, path)
	}
}

func (q *query) builtin(c *Call, f *Frame, path *Path) {
	switch c.Builtin {
	case "append":
		q.appended(c.Expr, f, path)
	case "new", "make":
		if path == nil {
			q.emit(Origin{Kind: Literal, Expr: c.Expr, Frame: f})
		}
	default:
		q.unknown(c.Expr, f, path, "computed")
	}
}

func (q *query) appended(x *ast.CallExpr, f *Frame, path *Path) {
	if len(x.Args) == 0 {
		return
	}
	q.expr(x.Args[0], f, 0, path)
	if x.Ellipsis.IsValid() {
		q.expr(x.Args[len(x.Args)-1], f, 0, path)
		return
	}
	q.spread(x.Args, 1, f, path)
}

// static follows a call of a known function. env is that of a closure.
func (q *query) static(c *Call, callee *types.Func, via *Origin, f *Frame, index int, path *Path) {
	fn := q.g.ofObj[callee]
	switch {
	case q.g.Stop(callee):
		q.emit(Origin{Kind: Result, Expr: c.Expr, Frame: f, Call: c, Callee: callee, Index: index, Via: via, Rest: path})
	case fn != nil:
		q.enter(fn, c, f, nil, index, path)
	case passes(callee):
		for _, a := range c.Expr.Args {
			q.expr(a, f, 0, path)
		}
	case path == nil && q.text(c, callee, f):
	default:
		q.emit(Origin{Kind: Result, Expr: c.Expr, Frame: f, Call: c, Callee: callee, Index: index, Via: via, Rest: path})
		q.fallback(path)
	}
}

// passes knows functions of the standard library whose result has the elements
// of their arguments.
func passes(f *types.Func) bool {
	if f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() + "." + f.Name() {
	case "slices.Clone", "slices.Concat", "slices.Collect", "slices.Sorted", "slices.SortedFunc", "slices.Values",
		"slices.Backward", "maps.Clone", "slices.Compact", "slices.Clip", "slices.Insert", "slices.DeleteFunc":
		return true
	}
	return false
}

// enter follows what fn returns when called by c.
func (q *query) enter(fn *Func, c *Call, f, env *Frame, index int, path *Path) {
	q.returned(fn, q.g.Enter(fn, c, f, env), index, path)
}

func (q *query) returned(fn *Func, at *Frame, index int, path *Path) {
	if !q.first(fn, at, index, path) {
		return
	}
	n := fn.Sig.Results().Len()
	for _, r := range fn.Returns {
		switch {
		case len(r.Results) == 1 && n > 1:
			q.expr(r.Results[0], at, index, path)
		case index < len(r.Results):
			q.expr(r.Results[index], at, 0, path)
		case len(r.Results) == 0:
			q.namedResult(fn, r, at, index, path)
		}
	}
}

// Returned returns where result index of fn comes from in activation f.
func (g *Graph) Returned(fn *Func, f *Frame, index int) []Origin {
	if len(g.active) == 0 {
		g.left = maxSteps
	}
	q := &query{g: g}
	q.returned(fn, f, index, nil)
	return q.out
}

func (q *query) namedResult(fn *Func, r *ast.ReturnStmt, at *Frame, index int, path *Path) {
	if index >= fn.Sig.Results().Len() {
		return
	}
	v := fn.Sig.Results().At(index)
	q.elemStores(v, path)
	q.varStores(v, at, at, path)
	defs, _ := q.g.reaching(v, r.Pos(), fn)
	for _, d := range defs {
		q.bound(d, q.g.within(d.in, at, at), path)
	}
}

// dynamic follows a call of a function value.
func (q *query) dynamic(c *Call, f *Frame, index int, path *Path) {
	found := q.g.Origins(c.Expr.Fun, f)
	for i := range found {
		o := &found[i]
		switch {
		case o.Kind == Value && o.Fn != nil:
			q.enter(o.Fn, c, f, o.Frame, index, path)
		case o.Kind == Value:
			q.static(c, o.Callee, o, f, index, path)
		case o.Kind == Nil || o.Kind == Const:
		default:
			q.emit(Origin{Kind: Result, Expr: c.Expr, Frame: f, Call: c, Via: o, Index: index, Rest: path})
			q.fallback(path)
		}
	}
	if len(found) == 0 { // of a package that was not read
		via := &Origin{Kind: Unknown, Expr: c.Expr.Fun, Frame: f, Why: "the called function value is not known"}
		q.emit(Origin{Kind: Result, Expr: c.Expr, Frame: f, Call: c, Via: via, Index: index, Rest: path})
		q.fallback(path)
	}
}

// iface follows a call through an interface to each implementation.
func (q *query) iface(c *Call, f *Frame, index int, path *Path) {
	if q.g.Stop(c.Callee) { // an interface whose methods mean something by themselves
		q.static(c, c.Callee, nil, f, index, path)
		return
	}
	impl := q.g.implementations(c.Callee, c.Recv(), f)
	for _, m := range impl {
		q.static(c, m, nil, f, index, path)
	}
	if len(impl) == 0 {
		q.emit(Origin{Kind: Result, Expr: c.Expr, Frame: f, Call: c, Callee: c.Callee, Index: index, Rest: path})
		q.fallback(path)
	}
}

// implementations returns the methods that a call of interface method m on recv
// may run: those of the concrete types that recv may hold, or, where one of them
// is not known, of every type of the module that fits.
func (g *Graph) implementations(m *types.Func, recv ast.Expr, f *Frame) []*types.Func {
	var list []*types.Func
	complete := recv != nil
	if recv != nil {
		found := g.Origins(recv, f)
		complete = len(found) > 0
		for _, o := range found {
			t := g.concrete(o)
			if t == nil {
				complete = complete && o.Kind == Nil
				continue
			}
			list = addMethod(list, methodOf(t, m))
		}
	}
	if complete {
		return list
	}
	for _, t := range g.fitting(m) {
		list = addMethod(list, methodOf(t, m))
	}
	return list
}

func addMethod(list []*types.Func, m *types.Func) []*types.Func {
	if m == nil {
		return list
	}
	for _, have := range list {
		if have == m {
			return list
		}
	}
	return append(list, m)
}

// concrete returns the type of an origin when it is not an interface.
func (g *Graph) concrete(o Origin) types.Type {
	if o.Expr == nil || o.Kind == Unknown || o.Rest != nil {
		return nil
	}
	t := o.Frame.Fn.Pkg.Info.TypeOf(o.Expr)
	if tuple, ok := t.(*types.Tuple); ok && o.Index < tuple.Len() {
		t = tuple.At(o.Index).Type()
	}
	if t == nil || types.IsInterface(t) {
		return nil
	}
	return t
}

// methodOf returns the method that t has for interface method m.
func methodOf(t types.Type, m *types.Func) *types.Func {
	if _, ok := t.(*types.Pointer); !ok {
		t = types.NewPointer(t)
	}
	o, _, _ := types.LookupFieldOrMethod(t, true, m.Pkg(), m.Name())
	f, _ := o.(*types.Func)
	if f == nil || isInterfaceMethod(f) {
		return nil
	}
	return f.Origin()
}

// fitting returns the types of the module that implement m's interface.
func (g *Graph) fitting(m *types.Func) []types.Type {
	if list, ok := g.fits[m]; ok {
		return list
	}
	var list []types.Type
	if recv := m.Signature().Recv(); recv != nil {
		want, _ := recv.Type().Underlying().(*types.Interface)
		for _, tn := range g.types {
			if want != nil && types.Implements(types.NewPointer(tn.Type()), want) {
				list = append(list, tn.Type())
			}
		}
	}
	g.fits[m] = list
	return list
}

// NoBody reports whether no type of the module implements interface method m: a
// call of it leaves the module.
func (g *Graph) NoBody(m *types.Func) bool { return len(g.fitting(m)) == 0 }

// Callers returns the live calls that may run fn: static ones, those through an
// interface, and those of a function value with its signature.
func (g *Graph) Callers(fn *Func) []*Call {
	var list []*Call
	if fn.Obj != nil {
		list = g.namedCallers(fn)
		if !g.taken[fn.Obj] {
			return list
		}
	}
	if fn.Sig == nil {
		return list
	}
	for _, c := range g.dynamic[shapeOf(fn.Sig)] {
		if c.In.live && g.runs(c, fn) {
			list = append(list, c)
		}
	}
	return list
}

// A shape is what the signatures of a function and of its callers have in common.
// Calls of function values are kept by it, because there are many of them and few
// of one shape.
type shape struct {
	params, results int
	variadic        bool
}

func shapeOf(s *types.Signature) shape {
	return shape{s.Params().Len(), s.Results().Len(), s.Variadic()}
}

// addDynamic keeps a call of a function value. One of what is no function, as far as
// is known, has no callee.
func (g *Graph) addDynamic(c *Call) {
	t := c.In.Pkg.Info.TypeOf(c.Expr.Fun)
	if t == nil {
		return
	}
	if sig, ok := t.Underlying().(*types.Signature); ok {
		at := shapeOf(sig)
		g.dynamic[at] = append(g.dynamic[at], c)
	}
}

// namedCallers returns the live calls that name fn, or an interface's method that it
// may stand behind. It may not be appended to.
func (g *Graph) namedCallers(fn *Func) []*Call {
	list, ok := g.namedBy[fn]
	if !ok {
		list = slices.Clip(g.ifaceCallers(fn, g.liveCalls(g.callers[fn.Obj], nil)))
		g.namedBy[fn] = list
	}
	return list
}

func (g *Graph) liveCalls(calls, list []*Call) []*Call {
	for _, c := range calls {
		if c.In.live {
			list = append(list, c)
		}
	}
	return list
}

func (g *Graph) ifaceCallers(fn *Func, list []*Call) []*Call {
	recv := fn.Sig.Recv()
	if recv == nil {
		return list
	}
	for _, m := range g.byName[fn.Obj.Name()] {
		want, ok := m.Signature().Recv().Type().Underlying().(*types.Interface)
		if ok && types.Implements(asPointer(recv.Type()), want) {
			list = g.liveCalls(g.callers[m], list)
		}
	}
	return list
}

func asPointer(t types.Type) types.Type {
	if _, ok := t.(*types.Pointer); ok {
		return t
	}
	return types.NewPointer(t)
}

// runs reports whether the function value that c calls may be fn.
func (g *Graph) runs(c *Call, fn *Func) bool {
	sig := c.In.Pkg.Info.TypeOf(c.Expr.Fun).Underlying().(*types.Signature)
	if !sameShape(sig, fn.Sig) {
		return false
	}
	for _, o := range g.Origins(c.Expr.Fun, g.Root(c.In)) {
		if o.Kind == Value && o.Fn == fn {
			return true
		}
	}
	return false
}

// sameShape compares parameters and results, and is lenient with generic ones.
func sameShape(a, b *types.Signature) bool {
	if shapeOf(a) != shapeOf(b) {
		return false
	}
	if b.TypeParams().Len() > 0 || b.RecvTypeParams().Len() > 0 || a.TypeParams().Len() > 0 {
		return true
	}
	return types.Identical(a.Params(), b.Params()) && types.Identical(a.Results(), b.Results()) || mentionsTypeParam(b)
}

func mentionsTypeParam(s *types.Signature) bool {
	for i := range s.Params().Len() {
		if _, ok := s.Params().At(i).Type().(*types.TypeParam); ok {
			return true
		}
	}
	return false
}

// Implementing returns the bodies of the module that a call of interface method m may
// run; nil where one of them has none.
func (g *Graph) Implementing(m *types.Func) []*Func {
	var list []*Func
	for _, t := range g.fitting(m) {
		f := methodOf(t, m)
		fn := g.ofObj[f]
		if f == nil || fn == nil {
			return nil
		}
		list = append(list, fn)
	}
	return list
}
