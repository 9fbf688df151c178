package analyze

import (
	"go/ast"
	"maps"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What a definition is called, and what it says of itself.

// definitions reads what a registration is given: the name itself, a definition, or
// a function that makes one.
func (a *analysis) definitions(o flow.Origin, sym sdk.Symbol, reg *flow.Call) []*Registration {
	switch {
	case sym.Named && o.Kind == flow.Nil:
		return nil
	case sym.Named:
		r := a.named(o, flow.Origin{Expr: reg.Expr, Frame: a.flow.Root(reg.In)}, sym.Role)
		if o.Expr != nil && within(o.Expr, reg.Expr) { // of a chain of calls, all begin at one place
			r.Defined = a.site(sym.Role, reg.In, o.Expr)
		}
		return []*Registration{r}
	case o.Kind == flow.Value && o.Fn != nil:
		var list []*Registration
		for _, made := range a.flow.Returned(o.Fn, a.activation(o), 0) {
			list = append(list, a.define(made, sym.Role, reg)...)
		}
		return list
	}
	return a.define(o, sym.Role, reg)
}

// define reads one definition: as a call of the SDK's maker, as a literal, or as
// a literal that pairs it with its handler. What can't be read is one dynamic entry.
func (a *analysis) define(o flow.Origin, role sdk.Role, reg *flow.Call) []*Registration {
	if o.Kind == flow.Nil {
		return nil
	}
	if o.Kind == flow.Result {
		if e := a.book.lookup(o.Callee); e != nil && e.sym.Role == sdk.RoleDefine {
			return a.defineCall(o, e.sym, role)
		}
	}
	if e := a.litType(o); e != nil {
		return a.defineLiteral(o, e.typ, role, reg)
	}
	return []*Registration{a.dynamic(o, a.source(o), role, reg)}
}

func (a *analysis) defineCall(o flow.Origin, sym sdk.Symbol, role sdk.Role) []*Registration {
	var list []*Registration
	for _, n := range a.origins(o.Call, sym.Item, o.Frame) {
		if inner := a.book.lookup(n.Callee); n.Kind == flow.Result && inner != nil && inner.sym.Role == sdk.RoleDefine {
			list = append(list, a.redefined(n, inner.sym, role)...)
			continue
		}
		if e := a.litType(n); e != nil && e.typ.Role == role {
			list = append(list, a.defineLiteral(n, e.typ, role, o.Call)...)
			continue
		}
		list = append(list, a.named(n, o, role))
	}
	if len(list) == 0 {
		list = append(list, a.named(flow.Origin{Kind: flow.Unknown, Why: "the name's origin was not found"}, o, role))
	}
	if role == sdk.RoleTool {
		a.madeOf(list, o, sym)
	}
	return list
}

// madeOf reads what the maker of a tool is given beside the name.
func (a *analysis) madeOf(list []*Registration, o flow.Origin, sym sdk.Symbol) {
	readOnly, destructive := a.optionHints(o, sym)
	if sym.Options != sdk.None {
		readOnly, destructive = a.laterHints(o, "Annotations", readOnly, destructive)
	}
	found := fields{}
	a.madeInputs(found, o.Call, sym, o.Frame)
	for _, opt := range a.options(o.Call, sym, o.Frame) {
		a.optionInputs(found, opt)
	}
	for _, r := range list {
		if sym.Options != sdk.None {
			r.ReadOnly, r.Destructive = readOnly, destructive
		}
		r.takes(maps.Clone(found))
	}
}

// redefined is defineCall of the definition that another one is made from. One that
// is made from itself, in a loop, adds nothing.
func (a *analysis) redefined(o flow.Origin, sym sdk.Symbol, role sdk.Role) []*Registration {
	at := link{o.Expr, o.Frame}
	if a.chained[at] {
		return nil
	}
	a.chained[at] = true
	defer delete(a.chained, at)
	return a.defineCall(o, sym, role)
}

func (a *analysis) defineLiteral(o flow.Origin, t sdk.Type, role sdk.Role, reg *flow.Call) []*Registration {
	if t.Inner != "" {
		var list []*Registration
		for _, inner := range a.fieldOf(o, t.Inner) {
			list = append(list, a.define(inner, role, reg)...)
		}
		if len(list) == 0 {
			list = append(list, a.dynamic(o, "the field "+t.Inner+" is filled elsewhere", role, reg))
		}
		return list
	}
	names := a.fieldOf(o, t.NameField)
	if len(names) == 0 {
		names = a.storedNames(o, t, reg)
	}
	readOnly, destructive := a.hints(a.fieldOf(o, t.Annotations))
	readOnly, destructive = a.laterHints(o, t.Annotations, readOnly, destructive)
	found := fields{}
	for _, f := range t.Schemas {
		a.schemas(found, append(a.fieldOf(o, f), a.laterOrigins(o, f)...))
	}
	var list []*Registration
	for _, n := range names {
		r := a.named(n, o, role)
		r.ReadOnly, r.Destructive = readOnly, destructive
		r.takes(maps.Clone(found))
		list = append(list, r)
	}
	if len(list) == 0 {
		list = append(list, a.dynamic(o, "the field "+t.NameField+" is filled elsewhere", role, reg))
	}
	return list
}

// storedNames finds a name that is assigned to the definition's field after the
// literal: t := Tool{}; t.Name = "x".
func (a *analysis) storedNames(o flow.Origin, t sdk.Type, reg *flow.Call) []flow.Origin {
	v := fieldNamed(o.Frame.Fn.Pkg.Info, o.Expr, t.NameField)
	if v == nil {
		return nil
	}
	var list []flow.Origin
	for _, arg := range reg.Expr.Args {
		at := a.book.typeOf(reg.In.Pkg.Info.TypeOf(arg))
		if at != nil && at.typ.NameField == t.NameField {
			list = append(list, a.flow.Field(arg, a.flow.Root(reg.In), v)...)
		}
	}
	return list
}

// fieldOf returns where a field of a literal comes from.
func (a *analysis) fieldOf(o flow.Origin, field string) []flow.Origin {
	v := fieldNamed(o.Frame.Fn.Pkg.Info, o.Expr, field)
	if v == nil {
		return nil
	}
	return a.flow.Field(o.Expr, o.Frame, v)
}

// named makes the registration of a definition made at o and called n.
func (a *analysis) named(n, o flow.Origin, role sdk.Role) *Registration {
	r := &Registration{Defined: a.site(role, o.Frame.Fn, o.Expr)}
	if n.Kind == flow.Const {
		r.Name = n.Value
		if at := a.bound(n, o); at != nil {
			r.Defined = a.site(role, n.Frame.Fn, at)
		}
		return r
	}
	r.Dynamic, r.Source = true, a.source(n)
	return r
}

// bound is where a definition gets its name, when that is not where its maker is
// called: the field of a literal, the line of a table, the call of a wrapper. A
// constant counts where it is used, since it may name more. nil means where it is made.
func (a *analysis) bound(n, o flow.Origin) ast.Node {
	if _, lit := o.Expr.(*ast.CompositeLit); lit && within(n.Expr, o.Expr) {
		return n.Expr
	}
	if within(n.Expr, o.Expr) {
		return nil
	}
	for _, c := range n.Frame.Fn.Calls {
		if slices.Contains(c.Expr.Args, n.Expr) && !c.Convert {
			return c.Expr
		}
	}
	return n.Expr
}

func within(inner, outer ast.Expr) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

// dynamic makes the registration of a definition that can't be read.
func (a *analysis) dynamic(o flow.Origin, why string, role sdk.Role, reg *flow.Call) *Registration {
	fn, node := reg.In, ast.Node(reg.Expr)
	if o.Expr != nil && o.Frame != nil {
		fn, node = o.Frame.Fn, o.Expr
	}
	return &Registration{Dynamic: true, Source: why, Defined: a.site(role, fn, node)}
}

// An option is a call that makes an option of another call.
type option struct {
	call  *flow.Call
	entry *entry
	frame *flow.Frame
}

// options returns the known options that a call is given.
func (a *analysis) options(c *flow.Call, sym sdk.Symbol, f *flow.Frame) []option {
	var list []option
	for _, o := range a.optionOrigins(c, sym, f) {
		if o.Kind != flow.Result || o.Callee == nil {
			continue
		}
		if e := a.book.lookup(o.Callee); e != nil && e.sym.Role == sdk.RoleOption {
			list = append(list, option{o.Call, e, o.Frame})
		}
	}
	return list
}

func (a *analysis) optionOrigins(c *flow.Call, sym sdk.Symbol, f *flow.Frame) []flow.Origin {
	args := c.Expr.Args
	if sym.Options == sdk.None || len(args) < int(sym.Options) {
		return nil
	}
	if c.Expr.Ellipsis.IsValid() {
		return a.flow.Elements(args[len(args)-1], f)
	}
	var list []flow.Origin
	for _, arg := range args[sym.Options-1:] {
		from := a.flow.Origins(arg, f)
		if list == nil {
			list = make([]flow.Origin, 0, len(args)*len(from))
		}
		list = append(list, from...)
	}
	return list
}
