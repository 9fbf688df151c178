package analyze

import (
	"go/ast"
	"go/constant"
	"go/types"
	"reflect"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// Values that become JSON: what a literal says under a key, whether it is a struct
// with tags or a map.

// jsonKey is the key under which encoding/json writes field i; "" for none.
func jsonKey(st *types.Struct, i int) string {
	f := st.Field(i)
	name, _, _ := strings.Cut(reflect.StructTag(st.Tag(i)).Get("json"), ",")
	switch {
	case name == "-" || !f.Exported() && !f.Embedded():
		return ""
	case name == "" && f.Embedded():
		return ""
	case name == "":
		return f.Name()
	}
	return name
}

// jsonField returns where the value under a key of a literal comes from, through
// embedded structs. A struct of a package that was not read is taken by its
// fields' names.
func (a *analysis) jsonField(o flow.Origin, key string) []flow.Origin {
	lit, ok := o.Expr.(*ast.CompositeLit)
	if !ok || o.Frame == nil {
		return nil
	}
	st := underStruct(o.Frame.Fn.Pkg.Info.TypeOf(lit))
	if st == nil {
		return a.keyed(lit, o.Frame, key)
	}
	for i := range st.NumFields() {
		if f := st.Field(i); jsonKey(st, i) == key {
			return append(a.flow.Field(lit, o.Frame, f), a.laterOrigins(o, f.Name())...)
		}
	}
	for i := range st.NumFields() {
		if f := st.Field(i); f.Embedded() && jsonKey(st, i) == "" {
			for _, inner := range a.flow.Field(lit, o.Frame, f) {
				if list := a.jsonField(inner, key); len(list) > 0 {
					return list
				}
			}
		}
	}
	return nil
}

// keyed is jsonField for a map, and for a struct that is not known.
func (a *analysis) keyed(lit *ast.CompositeLit, f *flow.Frame, key string) []flow.Origin {
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok && keyText(f.Fn.Pkg.Info, lit, kv.Key, key) {
			return a.flow.Origins(kv.Value, f)
		}
	}
	return nil
}

// keyText reports whether an element of a literal stands under key. The fields of a
// struct of a package that was not loaded are taken by their names.
func keyText(info *types.Info, lit *ast.CompositeLit, e ast.Expr, key string) bool {
	if text, ok := constString(info, e); ok {
		return text == key
	}
	id, ok := e.(*ast.Ident)
	return ok && orInvalid(info.TypeOf(lit)) == types.Typ[types.Invalid] && strings.EqualFold(id.Name, key)
}

// constString is the string that an expression is a constant of.
func constString(info *types.Info, e ast.Expr) (string, bool) {
	tv, ok := info.Types[e]
	if !ok || tv.Value == nil || tv.Value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(tv.Value), true
}

func underStruct(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, _ := t.Underlying().(*types.Struct)
	return st
}

// laterOrigins returns where the values come from that are assigned to a field after
// the literal that it belongs to was made.
func (a *analysis) laterOrigins(o flow.Origin, field string) []flow.Origin {
	var list []flow.Origin
	for _, s := range a.flow.Later(o.Expr, o.Frame.Fn) {
		if len(s.Fields) == 1 && s.Fields[0] == field {
			list = append(list, a.flow.Origins(s.Val, a.flow.Root(s.In))...)
		}
	}
	return list
}
