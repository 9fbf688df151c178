package analyze

import (
	"encoding/json"
	"go/ast"
	"go/types"
	"maps"
	"reflect"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What a tool takes, as far as it looks like a credential: the fields of its schema,
// which is a literal, a text, the options of its maker, or a struct's type.

// maxNested is how deep fields are looked for in each other.
const maxNested = 4

// fields are names of credentials.
type fields map[string]bool

func (f fields) add(prefix, name, description string) {
	if looksSecret(name, description) {
		f[prefix+name] = true
	}
}

// takes adds what was found to a registration.
func (r *Registration) takes(found fields) {
	for _, name := range r.Credentials {
		found[name] = true
	}
	if len(found) > 0 {
		r.Credentials = slices.Sorted(maps.Keys(found))
	}
}

func fieldSet(names []string) fields {
	set := fields{}
	for _, n := range names {
		set[n] = true
	}
	return set
}

// schemas reads the schemas that an expression may be.
func (a *analysis) schemas(found fields, origins []flow.Origin) {
	for _, o := range origins {
		a.schema(found, o, "", 0)
	}
}

// schema reads one schema, as a text, a literal, or as made of a struct's type.
func (a *analysis) schema(found fields, o flow.Origin, prefix string, depth int) {
	switch {
	case depth > maxNested:
	case o.Kind == flow.Const:
		schemaText(found, []byte(o.Value), prefix, 0)
	case a.callAt(o) != nil:
		if t := typeArg(a.callAt(o)); t != nil {
			structFields(found, t, prefix, 0)
		}
	default:
		a.schemaLiteral(found, o, prefix, depth)
	}
}

// schemaLiteral reads the keys of the value under "properties".
func (a *analysis) schemaLiteral(found fields, o flow.Origin, prefix string, depth int) {
	lit, ok := o.Expr.(*ast.CompositeLit)
	if !ok || o.Frame == nil {
		return
	}
	for i, elt := range lit.Elts {
		props := valueUnder(o.Frame.Fn.Pkg.Info, lit, i, elt, "properties")
		if props == nil {
			continue
		}
		plain := map[string]bool{}
		for _, p := range a.flow.Origins(props, o.Frame) {
			a.nested(found, plain, p, prefix, depth)
		}
		for _, key := range a.flow.Keys(props, o.Frame) {
			if key.Kind == flow.Const && !plain[key.Value] {
				found.add(prefix, key.Value, "")
			}
		}
	}
}

// nested reads the schemas in a literal map of properties, and notes in plain those
// that can't hold a credential.
func (a *analysis) nested(found fields, plain map[string]bool, o flow.Origin, prefix string, depth int) {
	lit, ok := o.Expr.(*ast.CompositeLit)
	if !ok || o.Frame == nil {
		return
	}
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if name, ok := constString(o.Frame.Fn.Pkg.Info, kv.Key); ok {
			for _, inner := range a.flow.Origins(kv.Value, o.Frame) {
				plain[name] = plain[name] || a.isPlain(inner)
				a.schema(found, inner, prefix+name+".", depth+1)
			}
		}
	}
}

// isPlain reports whether a literal schema is that of a number or a truth value.
func (a *analysis) isPlain(o flow.Origin) bool {
	for _, t := range a.jsonField(o, "type") {
		if t.Kind == flow.Const && plainTypes[t.Value] {
			return true
		}
	}
	return false
}

// plainTypes are JSON schema's names of what can't hold a credential.
var plainTypes = map[string]bool{"boolean": true, "integer": true, "number": true, "null": true}

// schemaText reads a schema in JSON.
func schemaText(found fields, text []byte, prefix string, depth int) {
	var s struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if depth > maxNested || json.Unmarshal(text, &s) != nil {
		return
	}
	for name, p := range s.Properties {
		var about struct {
			Type        any    `json:"type"` // a name, or a list of them
			Description string `json:"description"`
		}
		_ = json.Unmarshal(p, &about) // true and false are schemas too, and say nothing
		if t, ok := about.Type.(string); !ok || !plainTypes[t] {
			found.add(prefix, name, about.Description)
		}
		schemaText(found, p, prefix+name+".", depth+1)
	}
}

// structFields reads the fields of a struct as encoding/json names them.
func structFields(found fields, t types.Type, prefix string, depth int) {
	st := underStruct(elementType(t))
	if st == nil || depth > maxNested {
		return
	}
	for i := range st.NumFields() {
		f, tag := st.Field(i), reflect.StructTag(st.Tag(i))
		key := jsonKey(st, i)
		switch {
		case key != "":
			if !plainType(f.Type()) {
				found.add(prefix, key, tag.Get("jsonschema")+" "+tag.Get("description"))
			}
			structFields(found, f.Type(), prefix+key+".", depth+1)
		case f.Embedded() && tag.Get("json") != "-":
			structFields(found, f.Type(), prefix, depth+1)
		}
	}
}

// plainType reports whether a type is that of numbers or truth values.
func plainType(t types.Type) bool {
	b, ok := elementType(t).Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsBoolean|types.IsNumeric) != 0
}

// elementType is what a slice, an array or a pointer is of.
func elementType(t types.Type) types.Type {
	for range maxNested {
		switch u := t.Underlying().(type) {
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		case *types.Pointer:
			t = u.Elem()
		default:
			return t
		}
	}
	return t
}

// callAt is the call that a value is made by, also where it is not known what is called.
func (a *analysis) callAt(o flow.Origin) *flow.Call {
	if o.Call != nil {
		return o.Call
	}
	if x, ok := o.Expr.(*ast.CallExpr); ok {
		return a.flow.CallOf(x)
	}
	return nil
}

// typeArg is the first type that a call of a generic function names; nil for none. In
// a call of a package that was not loaded it is a name that was not looked up.
func typeArg(c *flow.Call) types.Type {
	var index ast.Expr
	switch x := ast.Unparen(c.Expr.Fun).(type) {
	case *ast.IndexExpr:
		index = x.Index
	case *ast.IndexListExpr:
		index = x.Indices[0]
	default:
		return nil
	}
	if id, ok := index.(*ast.Ident); ok && c.In.Pkg.Info.TypeOf(index) == nil {
		if tn, ok := c.In.Pkg.Types.Scope().Lookup(id.Name).(*types.TypeName); ok {
			return tn.Type()
		}
	}
	return c.In.Pkg.Info.TypeOf(index)
}

// optionInputs reads the options of a maker call.
func (a *analysis) optionInputs(found fields, opt option) {
	sym := opt.entry.sym
	switch sym.Effect {
	case sdk.EffectProperty:
		for _, o := range a.origins(opt.call, sym.Item, opt.frame) {
			if o.Kind == flow.Const {
				found.add("", o.Value, "")
			}
		}
	case sdk.EffectInput:
		a.schemas(found, a.origins(opt.call, sym.Schema, opt.frame))
		if t := typeArg(opt.call); t != nil {
			structFields(found, t, "", 0)
		}
	}
}

// madeInputs reads the schema and the type that a maker is given.
func (a *analysis) madeInputs(found fields, c *flow.Call, sym sdk.Symbol, f *flow.Frame) {
	if sym.Schema != sdk.None {
		a.schemas(found, a.origins(c, sym.Schema, f))
	}
	if arg := a.arg(c, sym.Input); arg != nil {
		if t := inputType(c.In.Pkg.Info.TypeOf(arg)); t != nil {
			structFields(found, t, "", 0)
		}
	}
}
