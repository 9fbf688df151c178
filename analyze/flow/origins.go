package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// Bounds of one question. Real modules stay far below; what exceeds them is
// answered with an Unknown origin.
const (
	maxSteps = 60000 // expressions visited
	maxDepth = 12    // calls entered one inside the other
	maxPath  = 6     // fields and elements taken one of the other
	maxJoin  = 64    // values of one string concatenation
)

// TooWide is Origin.Why where a question ran out of steps: there may be more
// origins than were given.
const TooWide = "the flow of values is too wide to follow"

type memoKey struct {
	expr  ast.Expr
	frame *Frame
	path  *Path
}

type seenKey struct {
	node  any // ast.Expr, *types.Var or *Func
	frame *Frame
	path  *Path
	index int
}

type query struct {
	g    *Graph
	seen few[seenKey]
	had  few[Origin] // out, without Via
	out  []Origin
}

// Origins returns where the value of e comes from in activation f.
func (g *Graph) Origins(e ast.Expr, f *Frame) []Origin { return g.OriginsAt(e, f, nil) }

// Elements returns where the elements of the slice, array, map or channel e come from.
func (g *Graph) Elements(e ast.Expr, f *Frame) []Origin {
	return g.OriginsAt(e, f, g.Append(elemStep, nil))
}

// Keys returns where the keys of the map e come from.
func (g *Graph) Keys(e ast.Expr, f *Frame) []Origin {
	return g.OriginsAt(e, f, g.Append(keyStep, nil))
}

// Field returns where field v of e comes from.
func (g *Graph) Field(e ast.Expr, f *Frame, v *types.Var) []Origin {
	return g.OriginsAt(e, f, g.Append(Step{Field: v.Origin()}, nil))
}

// OriginsAt is Origins of what path takes of e.
func (g *Graph) OriginsAt(e ast.Expr, f *Frame, path *Path) []Origin {
	key := memoKey{e, f, path}
	if out, ok := g.memo[key]; ok {
		return out
	}
	if g.active[key] {
		g.cuts++ // a question inside itself: its other branches answer it
		return nil
	}
	if len(g.active) == 0 {
		g.left, g.cuts = maxSteps, 0
	}
	g.active[key] = true
	cuts := g.cuts
	q := &query{g: g}
	q.expr(e, f, 0, path)
	delete(g.active, key)
	if g.cuts == cuts && g.left > 0 {
		g.memo[key] = q.out
	}
	return q.out
}

func (q *query) emit(o Origin) {
	id := o
	id.Via = nil
	if q.had.add(id) {
		q.out = append(q.out, o)
	}
}

func (q *query) unknown(e ast.Expr, f *Frame, path *Path, why string) {
	q.emit(Origin{Kind: Unknown, Expr: e, Frame: f, Rest: path, Why: why})
	q.fallback(path)
}

// first reports whether node is new in this question, and within its budget.
func (q *query) first(node any, f *Frame, index int, path *Path) bool {
	if !q.seen.add(seenKey{node, f, path, index}) {
		return false
	}
	q.g.left--
	if q.g.left == 0 {
		q.emit(Origin{Kind: Unknown, Frame: f, Why: TooWide})
	}
	return q.g.left > 0
}

// expr follows e; index says which result when e is a call with several.
func (q *query) expr(e ast.Expr, f *Frame, index int, path *Path) {
	if e == nil || !q.first(e, f, index, path) {
		return
	}
	info := f.Fn.Pkg.Info
	if tv, ok := info.Types[e]; ok && tv.Value != nil && path == nil {
		q.emit(Origin{Kind: Const, Expr: e, Frame: f, Value: constText(tv.Value)})
		return
	}
	switch x := e.(type) {
	case *ast.ParenExpr:
		q.expr(x.X, f, index, path)
	case *ast.StarExpr:
		q.expr(x.X, f, 0, path)
	case *ast.TypeAssertExpr:
		q.expr(x.X, f, 0, path)
	case *ast.SliceExpr:
		q.expr(x.X, f, 0, path)
	case *ast.Ident:
		q.ident(x, f, path)
	case *ast.SelectorExpr:
		q.selector(x, f, path)
	case *ast.UnaryExpr:
		q.unary(x, f, path)
	case *ast.BinaryExpr:
		q.binary(x, f, path)
	case *ast.IndexExpr:
		q.index(x, f, path)
	case *ast.IndexListExpr:
		q.expr(x.X, f, 0, path)
	case *ast.CompositeLit:
		q.literal(x, f, path)
	case *ast.FuncLit:
		q.emit(Origin{Kind: Value, Expr: x, Frame: f, Fn: q.g.ofLit[x]})
	case *ast.CallExpr:
		q.call(x, f, index, path)
	default:
		q.unknown(e, f, path, "an expression of this kind is not followed")
	}
}

func constText(v constant.Value) string {
	if v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return v.ExactString()
}

func (q *query) ident(x *ast.Ident, f *Frame, path *Path) {
	info := f.Fn.Pkg.Info
	switch o := objectOf(info, x).(type) {
	case *types.Var:
		q.variable(o, x, f, path)
	case *types.Func:
		q.funcValue(o.Origin(), x, nil, f)
	case *types.Nil:
		q.emit(Origin{Kind: Nil, Expr: x, Frame: f})
	}
}

func objectOf(info *types.Info, x *ast.Ident) types.Object {
	if o := info.Uses[x]; o != nil {
		return o
	}
	return info.Defs[x]
}

func (q *query) funcValue(o *types.Func, e, recv ast.Expr, f *Frame) {
	fn := q.g.ofObj[o]
	if q.g.Stop(o) {
		fn = nil
	}
	q.emit(Origin{Kind: Value, Expr: e, Frame: f, Callee: o, Fn: fn, Recv: recv})
}

func (q *query) selector(x *ast.SelectorExpr, f *Frame, path *Path) {
	s := f.Fn.Pkg.Info.Selections[x]
	if s == nil {
		q.ident(x.Sel, f, path)
		return
	}
	if s.Kind() == types.FieldVal {
		q.expr(x.X, f, 0, q.fieldPath(s, path))
		q.fieldStores(s.Obj().(*types.Var).Origin(), path)
		return
	}
	recv := x.X
	if s.Kind() == types.MethodExpr {
		recv = nil
	}
	o := s.Obj().(*types.Func).Origin()
	if isInterfaceMethod(o) && recv != nil {
		for _, m := range q.g.implementations(o, recv, f) {
			q.funcValue(m, x, recv, f)
		}
		return
	}
	q.funcValue(o, x, recv, f)
}

func (q *query) unary(x *ast.UnaryExpr, f *Frame, path *Path) {
	switch x.Op {
	case token.AND:
		q.expr(x.X, f, 0, path)
	case token.ARROW:
		q.expr(x.X, f, 0, q.g.Append(elemStep, path))
	default:
		q.unknown(x, f, path, "computed")
	}
}

func (q *query) index(x *ast.IndexExpr, f *Frame, path *Path) {
	if tv := f.Fn.Pkg.Info.Types[x.Index]; tv.IsType() {
		q.expr(x.X, f, 0, path)
		return
	}
	q.expr(x.X, f, 0, q.g.Append(elemStep, path))
}

// binary joins constant strings.
func (q *query) binary(x *ast.BinaryExpr, f *Frame, path *Path) {
	if x.Op != token.ADD || path != nil {
		q.unknown(x, f, path, "computed")
		return
	}
	left, lok := q.g.Strings(x.X, f)
	right, rok := q.g.Strings(x.Y, f)
	if !lok || !rok || len(left)*len(right) > maxJoin {
		q.unknown(x, f, nil, "joined at run time")
		return
	}
	for _, l := range left {
		for _, r := range right {
			q.emit(Origin{Kind: Const, Expr: x, Frame: f, Value: l + r})
		}
	}
}

// Strings returns the constants that e may be; ok is false when it may be
// something else.
func (g *Graph) Strings(e ast.Expr, f *Frame) (list []string, ok bool) {
	origins := g.Origins(e, f)
	for _, o := range origins {
		if o.Kind != Const {
			return nil, false
		}
		list = append(list, o.Value)
	}
	return list, len(list) > 0
}
