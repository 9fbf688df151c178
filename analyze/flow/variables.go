package flow

import (
	"go/ast"
	"go/types"
)

// variable follows v as it is used at id.
func (q *query) variable(v *types.Var, id *ast.Ident, f *Frame, path *Path) {
	if path != nil && path.size > maxPath {
		q.unknown(id, f, nil, "nested too deep to follow")
		return
	}
	q.elemStores(v, path)
	q.decoded(v, f, path)
	if isGlobal(v) {
		q.global(v, id, f, path)
		return
	}
	home := q.g.owner[v]
	if home == nil {
		q.unknown(id, f, path, "the variable is not declared in the module")
		return
	}
	at := f.up(home)
	if at == nil {
		at = q.g.Root(home)
	}
	q.varStores(v, at, f, path)
	defs, entry := q.g.reaching(v, id.Pos(), f.Fn)
	for _, d := range defs {
		q.bound(d, q.g.within(d.in, at, f), path)
	}
	if i, ok := paramIndex(home, v); ok && entry {
		q.param(v, i, at, path)
	}
}

func (q *query) global(v *types.Var, id *ast.Ident, f *Frame, path *Path) {
	if !q.g.declared(v) {
		q.emit(Origin{Kind: Unknown, Expr: id, Frame: f, Var: v, Rest: path, Why: "variable " + v.Pkg().Path() + "." + v.Name()})
		return
	}
	if path != nil && path.step.Field != nil {
		for _, b := range q.g.ofVar[varField{v, path.step.Field}] {
			q.bound(b, q.g.Root(b.in), path.tail)
		}
	}
	q.bindings(q.g.binds[v], path)
}

// varStores follows v.f = e where field f of v is wanted.
func (q *query) varStores(v *types.Var, at, use *Frame, path *Path) {
	if path == nil || path.step.Field == nil {
		return
	}
	for _, b := range q.g.ofVar[varField{v, path.step.Field}] {
		q.bound(b, q.g.within(b.in, at, use), path.tail)
	}
}

// within returns the activation of in that goes with home, the activation of
// the function that declares a variable, when the variable is used in use.
func (g *Graph) within(in *Func, home, use *Frame) *Frame {
	if f := use.up(in); f != nil {
		return f
	}
	if in == home.Fn {
		return home
	}
	if in.Outer == nil {
		return g.Root(in)
	}
	return g.frame(Frame{Fn: in, Env: g.within(in.Outer, home, use)})
}

// paramIndex returns the place of v among fn's parameters; -1 is the receiver.
func paramIndex(fn *Func, v *types.Var) (int, bool) {
	if fn.Sig == nil {
		return 0, false
	}
	if fn.Sig.Recv() == v {
		return -1, true
	}
	for i := range fn.Sig.Params().Len() {
		if fn.Sig.Params().At(i) == v {
			return i, true
		}
	}
	return 0, false
}

// param follows a parameter to the arguments of the call it came from, or of
// every caller.
func (q *query) param(v *types.Var, i int, f *Frame, path *Path) {
	if i < 0 && f.Self != nil {
		q.expr(f.Self, f.SelfAt, 0, path)
		return
	}
	if f.Call != nil {
		q.argument(f.Fn, f.Call, i, f.Caller, path)
		return
	}
	calls := q.g.Callers(f.Fn)
	if len(calls) >= manyCallers {
		for _, o := range q.g.given(v, i, f.Fn, calls, path) {
			q.emit(o)
		}
		return
	}
	q.arguments(f.Fn, calls, i, path)
	if len(calls) == 0 {
		q.emit(Origin{Kind: Unknown, Frame: f, Var: v, Rest: path, Why: "parameter " + v.Name() + ", given from outside of the module"})
		q.fallback(path)
	}
}

// arguments follows argument i of every call.
func (q *query) arguments(fn *Func, calls []*Call, i int, path *Path) {
	for _, c := range calls {
		q.argument(fn, c, i, q.g.Root(c.In), path)
	}
}

// manyCallers is from how many callers on the answer for a parameter is kept: a helper
// that registers each of thousands of tools is asked for each of them.
const manyCallers = 24

// A givenKey is a question for a parameter by any caller.
type givenKey struct {
	v    *types.Var
	path *Path
}

// given returns where a parameter comes from by any caller, as a question of its own
// that is asked once; see OriginsAt.
func (g *Graph) given(v *types.Var, i int, fn *Func, calls []*Call, path *Path) []Origin {
	key := givenKey{v, path}
	if out, ok := g.givens[key]; ok {
		return out
	}
	if g.asking[key] {
		g.cuts++
		return nil
	}
	g.asking[key] = true
	cuts := g.cuts
	q := &query{g: g}
	q.arguments(fn, calls, i, path)
	delete(g.asking, key)
	if g.cuts == cuts && g.left > 0 {
		g.givens[key] = q.out
	}
	return q.out
}

// argument follows argument i of c, a call of fn.
func (q *query) argument(fn *Func, c *Call, i int, f *Frame, path *Path) {
	if i < 0 {
		q.receiverArg(fn, c, f, path)
		return
	}
	args := c.Expr.Args
	if fn.Obj != nil && fn.Sig.Recv() != nil && isMethodExpr(c) {
		i++
	}
	last := fn.Sig.Params().Len() - 1
	if fn.Sig.Variadic() && i >= last && !c.Expr.Ellipsis.IsValid() {
		q.spread(args, i, f, path)
		return
	}
	if len(args) == 1 && fn.Sig.Params().Len() > 1 {
		q.expr(args[0], f, i, path) // f(g()) with several results
		return
	}
	if i < len(args) {
		q.expr(args[i], f, 0, path)
	}
}

func isMethodExpr(c *Call) bool {
	sel, ok := unindex(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := c.In.Pkg.Info.Selections[sel]
	return s != nil && s.Kind() == types.MethodExpr
}

// spread follows the arguments that a variadic parameter collects into a slice.
func (q *query) spread(args []ast.Expr, from int, f *Frame, path *Path) {
	if path == nil || path.step.Field != nil || path.step.Key {
		return
	}
	for i := from; i < len(args); i++ {
		q.expr(args[i], f, 0, path.tail)
	}
}

// receiverArg follows the receiver of a method call, through the embedded fields
// that promote the method and through method values.
func (q *query) receiverArg(fn *Func, c *Call, f *Frame, path *Path) {
	if c.Dynamic() {
		for _, o := range q.g.Origins(c.Expr.Fun, f) {
			if o.Kind == Value && o.Fn == fn && o.Recv != nil {
				q.expr(o.Recv, o.Frame, 0, q.g.promotedOf(o, path))
			}
		}
		return
	}
	sel, ok := unindex(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	s := c.In.Pkg.Info.Selections[sel]
	switch {
	case s == nil:
	case s.Kind() == types.MethodExpr && len(c.Expr.Args) > 0:
		q.expr(c.Expr.Args[0], f, 0, path)
	case s.Kind() == types.MethodVal:
		q.expr(sel.X, f, 0, q.g.promoted(s, path))
	}
}

// promoted puts the embedded fields that lead to a method before path.
func (g *Graph) promoted(s *types.Selection, path *Path) *Path {
	index := s.Index()
	fields := fieldsOf(s.Recv(), index[:len(index)-1])
	for i := len(fields) - 1; i >= 0; i-- {
		path = g.Append(Step{Field: fields[i]}, path)
	}
	return path
}

// promotedOf is promoted for a method value.
func (g *Graph) promotedOf(o Origin, path *Path) *Path {
	sel, ok := unindex(o.Expr).(*ast.SelectorExpr)
	if !ok {
		return path
	}
	s := o.Frame.Fn.Pkg.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return path
	}
	return g.promoted(s, path)
}

// Bound returns where the receiver of a method value comes from.
func (g *Graph) Bound(o Origin) []Origin {
	if o.Recv == nil {
		return nil
	}
	return g.OriginsAt(o.Recv, o.Frame, g.promotedOf(o, nil))
}

// Receiver returns where the receiver of method call c comes from, through the
// embedded fields that promote the method.
func (g *Graph) Receiver(c *Call, f *Frame) []Origin {
	sel, ok := unindex(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	s := c.In.Pkg.Info.Selections[sel]
	if s == nil {
		return nil
	}
	return g.OriginsAt(sel.X, f, g.promoted(s, nil))
}
