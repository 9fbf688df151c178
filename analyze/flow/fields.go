package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// fieldPath puts the fields of a selection, embedded ones included, before path.
func (q *query) fieldPath(s *types.Selection, path *Path) *Path {
	fields := fieldsOf(s.Recv(), s.Index())
	for i := len(fields) - 1; i >= 0; i-- {
		path = q.g.Append(Step{Field: fields[i]}, path)
	}
	return path
}

func fieldsOf(t types.Type, index []int) []*types.Var {
	var list []*types.Var
	for _, i := range index {
		st := structOf(t)
		if st == nil || i >= st.NumFields() {
			return list
		}
		list = append(list, st.Field(i).Origin())
		t = st.Field(i).Type()
	}
	return list
}

// literal takes path of a composite literal.
func (q *query) literal(x *ast.CompositeLit, f *Frame, path *Path) {
	if path == nil {
		q.emit(Origin{Kind: Literal, Expr: x, Frame: f})
		return
	}
	info := f.Fn.Pkg.Info
	t := info.TypeOf(x)
	if path.step.Field != nil {
		q.literalField(x, structOf(t), f, path)
		return
	}
	if structOf(t) != nil {
		return
	}
	for _, elt := range x.Elts {
		kv, keyed := elt.(*ast.KeyValueExpr)
		switch {
		case keyed && path.step.Key:
			q.expr(kv.Key, f, 0, path.tail)
		case keyed:
			q.expr(kv.Value, f, 0, path.tail)
		case !path.step.Key:
			q.expr(elt, f, 0, path.tail)
		}
	}
}

func (q *query) literalField(x *ast.CompositeLit, st *types.Struct, f *Frame, path *Path) {
	if st == nil {
		return
	}
	for i, elt := range x.Elts {
		switch v, val := fieldElt(f.Fn.Pkg.Info, st, i, elt); {
		case v == nil:
		case sameField(v, path.step.Field):
			q.expr(val, f, 0, path.tail)
		case v.Embedded() && hasField(structOf(v.Type()), path.step.Field):
			q.expr(val, f, 0, path) // of a method that the embedded value brings along
		}
	}
}

func hasField(st *types.Struct, field *types.Var) bool {
	if st == nil {
		return false
	}
	for i := range st.NumFields() {
		if sameField(st.Field(i).Origin(), field) {
			return true
		}
	}
	return false
}

// sameField compares fields. Anonymous struct types that are written out twice
// are one type with two sets of fields.
func sameField(a, b *types.Var) bool {
	return a == b || a.Name() == b.Name() && a.Pkg() == b.Pkg() && types.Identical(a.Type(), b.Type())
}

// fieldStores follows every assignment to a field of a type of this module, on
// whatever value. Fields of foreign types are followed by variable instead.
func (q *query) fieldStores(v *types.Var, path *Path) {
	if !q.first(v, nil, -1, path) {
		return
	}
	if q.g.declared(v) {
		q.bindings(q.g.stores[v], path)
	}
	q.elemStores(v, path)
}

// elemStores follows stores into elements of a variable or field.
func (q *query) elemStores(v *types.Var, path *Path) {
	switch {
	case path == nil || path.step.Field != nil:
	case path.step.Key:
		q.bindings(q.g.keys[v], path.tail)
	default:
		q.bindings(q.g.elems[v], path.tail)
	}
}

// bindings follows each binding in the activation by any caller.
func (q *query) bindings(list []binding, path *Path) {
	for _, b := range list {
		if b.in.live {
			q.bound(b, q.g.Root(b.in), path)
		}
	}
}

func (q *query) bound(b binding, f *Frame, path *Path) {
	if b.take != nil {
		path = q.g.Append(*b.take, path)
	}
	q.expr(b.expr, f, b.index, path)
}

// Given reports whether an origin is a function or pointer in an unexported field, of a
// value that is not known, and all that the field can hold was followed as well (see
// fallback): nobody else can put something there. It may be nil, too.
func (g *Graph) Given(o Origin) bool {
	if o.Kind != Unknown || o.Rest == nil || o.Rest.tail != nil || o.Rest.step.Field == nil {
		return false
	}
	v := o.Rest.step.Field
	switch v.Type().Underlying().(type) {
	case *types.Signature, *types.Pointer:
	default:
		return false
	}
	return !v.Exported() && g.declared(v) && len(g.fields[v])+len(g.stores[v]) > 0 && !g.setBeside(v)
}

// setBeside reports whether a field may get a value otherwise than by a literal or by what
// fallback follows: it is set in a variable, or its address is taken.
func (g *Graph) setBeside(v *types.Var) bool {
	for at, list := range g.ofVar {
		if at.f == v && len(list) > 0 {
			return true
		}
	}
	for _, fn := range g.Funcs {
		for _, x := range fn.addresses {
			sel, ok := ast.Unparen(x.X).(*ast.SelectorExpr)
			if !ok || x.Op != token.AND {
				continue
			}
			if f := varOf(fn.Pkg.Info, sel.Sel); f != nil && f.Origin() == v {
				return true
			}
		}
	}
	return false
}

// declared reports whether v belongs to a package of the module.
func (g *Graph) declared(v *types.Var) bool { return g.mine[v.Pkg()] }

// fallback is what remains when the value whose field is wanted is not known:
// every literal of the type gives its own.
func (q *query) fallback(path *Path) {
	for p := path; p != nil; p = p.tail {
		if v := p.step.Field; v != nil {
			if q.first(v, nil, -2, p) && q.g.declared(v) {
				q.bindings(q.g.fields[v], p.tail)
				q.bindings(q.g.stores[v], p.tail)
			}
			return
		}
	}
}
