package analyze

import (
	"go/ast"
	"go/types"
)

// The machine that runs a body on symbols: structs, lists and tables that are made there.

func (m *machine) composite(x *ast.CompositeLit, w *world) []result {
	t := orInvalid(m.info().TypeOf(x))
	st, isStruct := t.Underlying().(*types.Struct)
	now := []result{{w, []value{{made: true}}}}
	if isStruct = isStruct && m.tracked(t, st); isStruct {
		now[0].vals[0].fields = map[string]value{}
	}
	for i, elt := range x.Elts {
		name, e := "", elt
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			e = kv.Value
			if id, ok := kv.Key.(*ast.Ident); ok && isStruct {
				name = id.Name
			}
		} else if isStruct && i < st.NumFields() {
			name = st.Field(i).Name()
		}
		var next []result
		for _, r := range now {
			for _, one := range m.eval(e, r.w) {
				next = append(next, result{one.w, []value{r.one().with(name, one.one())}})
			}
		}
		now = next
	}
	return now
}

// tracked reports whether the fields of a struct are what the module put there: it is
// the module's, and nothing is embedded that has methods of its own.
func (m *machine) tracked(t types.Type, st *types.Struct) bool {
	if n := named(t); n == nil || n.Obj().Pkg() == nil || !m.a.inModule(n.Obj().Pkg()) {
		return false
	}
	for i := range st.NumFields() {
		if st.Field(i).Embedded() {
			return false
		}
	}
	return true
}

// isText reports whether t is a text, or its bytes.
func isText(t types.Type) bool {
	switch u := orInvalid(t).Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice:
		return isBasic(u.Elem()) && u.Elem().Underlying().(*types.Basic).Kind() == types.Byte
	}
	return false
}

// with is v with one more field or element.
func (v value) with(name string, elem value) value {
	out := v
	out.taint = max(v.taint, elem.taint)
	if out.why == "" {
		out.why = elem.why
	}
	if out.deep = max(v.deep, elem.deep+1); out.deep > maxDeep {
		out.fields, out.made = nil, true
		return out
	}
	if name != "" {
		out.fields = map[string]value{name: elem}
		for k, f := range v.fields {
			if k != name {
				out.fields[k] = f
			}
		}
	}
	return out
}
