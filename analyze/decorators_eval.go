package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// The interpreter of checks: expressions.

func (r *trial) eval(e ast.Expr) held {
	if r.stopped(e) {
		return heldUnclear{"nothing"}
	}
	if e == r.inner {
		return heldNext{}
	}
	if tv, ok := r.info().Types[e]; ok && tv.Value != nil {
		return constantHeld(tv.Value)
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return r.ident(x)
	case *ast.SelectorExpr:
		return r.selected(x)
	case *ast.CallExpr:
		return r.call(x)
	case *ast.FuncLit:
		return heldFunc{fn: r.a.flow.LitOf(x), env: r.env}
	case *ast.UnaryExpr:
		return r.unary(x)
	case *ast.BinaryExpr:
		return r.binary(x)
	case *ast.IndexExpr:
		return r.index(x)
	case *ast.CompositeLit:
		return r.literal(x)
	case *ast.TypeAssertExpr:
		return r.asserted(x)
	case *ast.StarExpr:
		return r.eval(x.X)
	}
	return heldUnclear{"what is not read"}
}

func constantHeld(v constant.Value) held {
	switch v.Kind() {
	case constant.String:
		return heldText{s: constant.StringVal(v)}
	case constant.Bool:
		return constant.BoolVal(v)
	case constant.Int:
		if n, ok := constant.Int64Val(v); ok {
			return heldSize(n)
		}
	}
	return heldUnclear{"a number"}
}

// several evaluates what gives n values at once.
func (r *trial) several(e ast.Expr, n int) []held {
	var v held
	switch x := ast.Unparen(e).(type) {
	case *ast.TypeAssertExpr:
		v = r.assertedOK(x)
	case *ast.IndexExpr:
		v = heldTuple{r.index(x), r.index(x)}
		if _, isMap := orInvalid(r.info().TypeOf(x.X)).Underlying().(*types.Map); !isMap {
			v = heldUnclear{"what is not read"}
		}
	default:
		v = r.eval(e)
	}
	if t, ok := v.(heldTuple); ok && len(t) == n {
		return t
	}
	if _, ok := v.(heldServed); ok {
		r.fail(e, "it does more after the handler answered")
	}
	why, ok := v.(heldUnclear)
	if !ok {
		why = heldUnclear{"what is not read"}
	}
	return slices.Repeat([]held{why}, n)
}

func (r *trial) ident(x *ast.Ident) held {
	o := r.info().Uses[x]
	if o == nil {
		o = r.info().Defs[x]
	}
	switch o := o.(type) {
	case *types.Nil:
		return heldNil{}
	case *types.Const:
		return constantHeld(o.Val())
	case *types.Func:
		return r.function(o)
	case *types.Var:
		return r.variable(x, o)
	}
	return heldUnclear{quoteName(x.Name)}
}

func (r *trial) function(f *types.Func) held {
	if fn := r.a.flow.FuncOf(f); fn != nil && fn.Body != nil {
		return heldFunc{fn: fn}
	}
	return heldUnclear{"what " + quoteName(f.Name()) + " is"}
}

// variable is the value of a variable: of the check's own, of the function around it if
// it is given once, and of the package if it never changes.
func (r *trial) variable(x *ast.Ident, v *types.Var) held {
	if h, ok := r.env.find(v); ok {
		return h
	}
	unclear := heldUnclear{quoteName(x.Name) + ", which is not a constant"}
	if isPackageLevel(v) {
		return r.global(v, unclear)
	}
	if only := r.a.flow.Only(x, r.a.flow.Root(r.fn)); only != ast.Expr(x) && r.depth < maxReadDepth {
		r.depth++
		defer func() { r.depth-- }()
		return r.eval(only)
	}
	return unclear
}

func isPackageLevel(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// global is the value of a variable of a package. One that is an error is taken to be
// one: nobody declares an error to be nil.
func (r *trial) global(v *types.Var, unclear held) held {
	if types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
		return heldError{}
	}
	value, in := r.d.initial(v)
	if value == nil || r.depth >= maxReadDepth {
		return unclear
	}
	fn, env := r.fn, r.env
	r.fn, r.env, r.depth = in, newHeldVars(nil), r.depth+1
	defer func() { r.fn, r.env, r.depth = fn, env, r.depth-1 }()
	return r.eval(value)
}

// selected is a field, or a name of another package.
func (r *trial) selected(x *ast.SelectorExpr) held {
	s := r.info().Selections[x]
	if s == nil {
		return r.ident(x.Sel)
	}
	if s.Kind() != types.FieldVal {
		if f, ok := s.Obj().(*types.Func); ok {
			if h, ok := r.function(f).(heldFunc); ok {
				h.recv = r.eval(x.X)
				return h
			}
		}
		return heldUnclear{"what " + quoteName(x.Sel.Name) + " is"}
	}
	return r.field(x, r.eval(x.X))
}

// field is a field of a value: what says who is calling, or a part of it.
func (r *trial) field(x *ast.SelectorExpr, of held) held {
	t := orInvalid(r.info().TypeOf(x.X))
	if e := r.a.book.typeOf(t); e != nil && e.typ.Role == sdk.RoleCaller {
		if e.typ.NameField == x.Sel.Name {
			return heldWho{names: []string{x.Sel.Name}}
		}
	}
	switch v := of.(type) {
	case heldWho:
		if r.absent {
			r.crashed = true // a field of nil
		}
		return r.typed(x, heldWho{append(slices.Clone(v.names), x.Sel.Name)}, orInvalid(r.info().TypeOf(x)))
	case heldParam:
		if e := r.a.book.typeOf(orInvalid(r.info().TypeOf(x))); e != nil && e.typ.Role == sdk.RoleCaller {
			return heldWho{names: []string{x.Sel.Name}}
		}
		return heldUnclear{"what the request says (" + quoteName(x.Sel.Name) + "), which its sender chooses"}
	case heldUnclear:
		return v
	}
	return heldUnclear{"the field " + quoteName(x.Sel.Name)}
}

func (r *trial) unary(x *ast.UnaryExpr) held {
	switch v := r.eval(x.X).(type) {
	case bool:
		if x.Op == token.NOT {
			return !v
		}
	case heldUnclear:
		if x.Op != token.ARROW {
			return v
		}
	default:
		if x.Op == token.AND {
			return v
		}
	}
	r.fail(x, "it does more than compare")
	return heldUnclear{"what is not read"}
}

func (r *trial) binary(x *ast.BinaryExpr) held {
	switch x.Op {
	case token.LAND, token.LOR:
		left := r.truth(x.X)
		if left == (x.Op == token.LOR) || r.stopped(x) {
			return left
		}
		return r.truth(x.Y)
	case token.EQL, token.NEQ:
		same := r.equal(x, r.eval(x.X), r.eval(x.Y))
		if is, ok := same.(bool); ok {
			return is == (x.Op == token.EQL)
		}
		return same
	case token.GTR, token.LSS, token.GEQ, token.LEQ:
		return r.ordered(x)
	}
	r.eval(x.X)
	r.eval(x.Y)
	return heldUnclear{"what is computed"}
}

// ordered compares sizes: only whether there is anything at all.
func (r *trial) ordered(x *ast.BinaryExpr) held {
	left, lok := r.eval(x.X).(heldSize)
	right, rok := r.eval(x.Y).(heldSize)
	if !lok || !rok || right != 0 || x.Op != token.GTR {
		return heldUnclear{"how many there are of something"}
	}
	return left > 0
}

// equal compares two values.
func (r *trial) equal(n ast.Node, x, y held) held {
	if _, isNil := x.(heldNil); isNil {
		x, y = y, x
	}
	if _, isNil := y.(heldNil); isNil {
		return r.isNil(x)
	}
	switch v := x.(type) {
	case heldWords:
		return r.equal(n, r.one(n, v.src), y)
	case heldText:
		if w, ok := y.(heldWords); ok {
			y = r.one(n, w.src)
		}
		if t, ok := y.(heldText); ok {
			return r.sameText(n, v, t)
		}
	case bool:
		if b, ok := y.(bool); ok {
			return v == b
		}
	case heldSize:
		if m, ok := y.(heldSize); ok && (m == 0 || v == 0) {
			return v == m
		}
	}
	if u, ok := x.(heldUnclear); ok {
		return u
	}
	if u, ok := y.(heldUnclear); ok {
		return u
	}
	return heldUnclear{"what is not read"}
}

func (r *trial) isNil(x held) held {
	switch x.(type) {
	case heldNil:
		return true
	case heldWho, heldSet:
		return r.absent
	case heldError, heldObject, heldFunc, heldList, heldMap, heldNext:
		return false
	case heldParam:
		return false
	}
	if u, ok := x.(heldUnclear); ok {
		return u
	}
	return heldUnclear{"whether something is nil"}
}

func (r *trial) sameText(n ast.Node, x, y heldText) held {
	if x.src != nil && y.src != nil {
		r.fail(n, "it compares what the caller holds with itself")
	}
	if x.src != nil {
		r.remember(x.src, y.s)
	}
	if y.src != nil {
		r.remember(y.src, x.s)
	}
	return x.s == y.s
}

// index looks something up by a name.
func (r *trial) index(x *ast.IndexExpr) held {
	if _, generic := orInvalid(r.info().TypeOf(x.X)).Underlying().(*types.Signature); generic {
		return r.eval(x.X)
	}
	of, key := r.eval(x.X), r.eval(x.Index)
	name, isText := key.(heldText)
	switch v := of.(type) {
	case heldSet:
		if isText {
			return r.contains(v.src, name.s)
		}
	case heldMap:
		if !isText {
			break
		}
		if v.src != nil && name.src == nil {
			r.remember(v.src, name.s)
		}
		if name.src != nil {
			for k := range v.m {
				r.remember(name.src, k)
			}
		}
		if h, ok := v.m[name.s]; ok {
			return h
		}
		return false
	}
	return heldUnclear{"an element"}
}

// literal makes a list, a map by strings, or something that is not nil.
func (r *trial) literal(x *ast.CompositeLit) held {
	t := orInvalid(r.info().TypeOf(x))
	if e := r.a.book.typeOf(t); e != nil && e.typ.Role == sdk.RoleRefuse {
		return r.refusal(x, e.typ.NameField)
	}
	switch t.Underlying().(type) {
	case *types.Slice, *types.Array:
		out := heldList{}
		for _, elt := range x.Elts {
			out = append(out, r.eval(elt))
		}
		return out
	case *types.Map:
		return r.mapLiteral(x)
	}
	return heldObject{}
}

func (r *trial) mapLiteral(x *ast.CompositeLit) held {
	m := heldMap{m: map[string]held{}}
	for _, elt := range x.Elts {
		kv := elt.(*ast.KeyValueExpr)
		key, ok := r.eval(kv.Key).(heldText)
		if !ok {
			return heldUnclear{"a map"}
		}
		m.m[key.s] = heldUnclear{"an element"}
		switch v := r.eval(kv.Value).(type) {
		case bool, heldText:
			m.m[key.s] = v
		case heldObject:
			m.m[key.s] = true
		}
	}
	return m
}

// refusal is the literal of a result, which says by a field whether it is an error.
func (r *trial) refusal(x *ast.CompositeLit, field string) held {
	for _, elt := range x.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == field && r.eval(kv.Value) == held(true) {
				return heldError{}
			}
		}
	}
	return heldObject{}
}

// asserted is x.(T), which stops the program where nobody is there.
func (r *trial) asserted(x *ast.TypeAssertExpr) held {
	w, ok := r.eval(x.X).(heldWho)
	if !ok {
		return heldUnclear{"what has its type asserted"}
	}
	if r.absent {
		r.crashed = true
	}
	return r.typed(x, w, orInvalid(r.info().TypeOf(x)))
}

// assertedOK is x.(T) with a second value. What is in the context under the key is taken
// to have the type.
func (r *trial) assertedOK(x *ast.TypeAssertExpr) held {
	w, ok := r.eval(x.X).(heldWho)
	if !ok {
		return heldUnclear{"what has its type asserted"}
	}
	t := orInvalid(r.info().TypeOf(x.Type))
	return heldTuple{r.typed(x, w, t), !r.absent}
}
