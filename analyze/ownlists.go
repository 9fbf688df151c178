package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What a server without an SDK offers is what it answers to the methods that list it.
// The answer is a literal, reached from where the method is decided by, that has a
// list under the key of the protocol; what the list holds is followed back to the
// places where its elements are made. So a definition that nobody registers, or
// that only dead code registers, is not found.

// An ownList is one of the protocol's lists.
type ownList struct {
	method string
	key    string // of the answer
	name   string // key of an element: what it is called
	role   sdk.Role
}

var ownLists = []ownList{
	{"tools/list", "tools", "name", sdk.RoleTool},
	{"prompts/list", "prompts", "name", sdk.RolePrompt},
	{"resources/list", "resources", "uri", sdk.RoleResource},
	{"resources/templates/list", "resourceTemplates", "uriTemplate", sdk.RoleResource},
}

// ownLists reads what s lists. Of tools it has at least a dynamic one: it calls some.
func (a *analysis) ownLists(s *Server, m *answers) {
	reached := a.flow.ReachedFrom(m.by...)
	for _, l := range ownLists {
		if !m.lists[l.method] && l.role != sdk.RoleTool {
			continue
		}
		for _, w := range a.written(reached, l) {
			a.addOwn(s, l, w)
		}
		a.ownTexts(s, reached, l)
	}
	if len(s.Tools) == 0 {
		why := "what it answers to tools/list was not found"
		at := a.site(sdk.RoleTool, m.in, m.call)
		s.Tools = append(s.Tools, &Registration{Dynamic: true, Source: why, Defined: at, Registered: at})
	}
}

// A written is what stands under a key of something that is written as an answer.
type written struct {
	value ast.Expr
	in    *flow.Func
}

// written finds the lists under the key of l in the functions that were reached.
func (a *analysis) written(reached map[*flow.Func]bool, l ownList) []written {
	var list []written
	add := func(fn *flow.Func, e ast.Expr) {
		if reached[fn] && a.mayList(fn, e) {
			list = append(list, written{e, fn})
		}
	}
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		for i, elt := range lit.Elts {
			if v := valueUnder(fn.Pkg.Info, lit, i, elt, l.key); v != nil {
				add(fn, v)
			}
		}
	})
	a.flow.Assigned(func(fn *flow.Func, to, val ast.Expr) {
		if under(fn.Pkg.Info, to, l.key) {
			add(fn, val)
		}
	})
	return list
}

// valueUnder returns element i of a literal if it stands under key; nil otherwise.
func valueUnder(info *types.Info, lit *ast.CompositeLit, i int, elt ast.Expr, key string) ast.Expr {
	kv, keyed := elt.(*ast.KeyValueExpr)
	st := underStruct(info.TypeOf(lit))
	switch {
	case st == nil && keyed:
		if keyText(info, lit, kv.Key, key) {
			return kv.Value
		}
	case st == nil:
	case !keyed && i < st.NumFields() && jsonKey(st, i) == key:
		return elt
	case keyed:
		if id, ok := kv.Key.(*ast.Ident); ok && fieldKey(st, id.Name) == key {
			return kv.Value
		}
	}
	return nil
}

// under reports whether an assignment's left side is m[key], or a field of that key.
func under(info *types.Info, to ast.Expr, key string) bool {
	switch x := to.(type) {
	case *ast.IndexExpr:
		text, ok := constString(info, x.Index)
		return ok && text == key
	case *ast.SelectorExpr:
		st := underStruct(info.TypeOf(x.X))
		return st != nil && fieldKey(st, x.Sel.Name) == key
	}
	return false
}

// fieldKey is the JSON key of the field with a name; "" for none.
func fieldKey(st *types.Struct, name string) string {
	for i := range st.NumFields() {
		if st.Field(i).Name() == name {
			return jsonKey(st, i)
		}
	}
	return ""
}

// mayList reports whether a value may be a list: what says which capabilities there
// are has the same keys, and no lists under them.
func (a *analysis) mayList(fn *flow.Func, e ast.Expr) bool {
	if isList(fn.Pkg.Info.TypeOf(e)) {
		return true
	}
	return slices.ContainsFunc(a.flow.Origins(e, a.flow.Root(fn)), func(o flow.Origin) bool {
		return isList(originType(o))
	})
}

func isList(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Slice, *types.Array:
		return true
	}
	return false
}

// addOwn adds what a list may hold.
func (a *analysis) addOwn(s *Server, l ownList, w written) {
	elements := a.flow.Elements(w.value, a.flow.Root(w.in))
	if len(elements) == 0 && !emptyList(w.value) {
		elements = []flow.Origin{{Kind: flow.Unknown, Expr: w.value, Frame: a.flow.Root(w.in), Why: "values that are filled in at run time"}}
	}
	for _, o := range elements {
		if o.Kind == flow.Nil {
			continue
		}
		for _, reg := range a.ownNamed(o, l, w) {
			reg.Registered = a.handedOver(reg)
			a.put(s, l.role, reg)
		}
	}
}

// emptyList reports whether a value says by itself that there is nothing.
func emptyList(e ast.Expr) bool {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	return ok && len(lit.Elts) == 0
}

// ownNamed reads one definition.
func (a *analysis) ownNamed(o flow.Origin, l ownList, w written) []*Registration {
	call := &flow.Call{Expr: &ast.CallExpr{Fun: w.value}, In: w.in}
	if o.Expr == nil || o.Frame == nil {
		o.Expr, o.Frame = w.value, a.flow.Root(w.in)
	}
	names := a.jsonField(o, l.name)
	var list []*Registration
	for _, n := range names {
		list = append(list, a.named(n, o, l.role))
	}
	if len(list) == 0 {
		list = append(list, a.dynamic(o, a.source(o), l.role, call))
	}
	if l.role == sdk.RoleTool {
		a.ownHints(o, list)
	}
	return list
}

// ownHints reads what a definition says of itself, as the protocol calls it.
func (a *analysis) ownHints(o flow.Origin, list []*Registration) {
	for _, r := range list {
		for _, hints := range a.jsonField(o, "annotations") {
			r.ReadOnly = a.isTrue(a.jsonField(hints, "readOnlyHint"))
			r.Destructive = a.mayBeTrue(a.jsonField(hints, "destructiveHint"))
		}
		found := fields{}
		a.schemas(found, append(a.jsonField(o, "inputSchema"), a.jsonField(o, "input_schema")...))
		r.takes(found)
	}
}

// handedOver is the innermost call that is given the definition: it registers it.
// The definition itself is where nothing is called for it.
func (a *analysis) handedOver(reg *Registration) sdk.Site {
	site, at := reg.Defined, reg.Defined.Node
	var found ast.Node
	for _, c := range a.flow.Calls {
		if c.In.File != site.File || c.Convert || !slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool { return arg.Pos() <= at.Pos() && at.End() <= arg.End() }) {
			continue
		}
		if found == nil || found.Pos() < c.Expr.Pos() || found.End() > c.Expr.End() {
			found = c.Expr
		}
	}
	if found != nil {
		site.Node = found
	}
	return site
}
