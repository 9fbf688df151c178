package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// The type of a tool's input, where the SDK makes the schema of it: the last struct
// among the parameters of the handler. In a generic wrapper that is a parameter of
// its own, and the callers say which.

// registeredInput adds the fields of the schema that a registration is given, and of
// the type that its handler takes.
func (a *analysis) registeredInput(reg *Registration, c *flow.Call, sym sdk.Symbol) {
	found := fields{}
	if sym.Named && sym.Schema != sdk.None {
		a.schemas(found, a.origins(c, sym.Schema, a.flow.Root(c.In)))
	}
	if arg := a.arg(c, sym.Input); arg != nil {
		t := inputType(a.handlerType(arg, c, reg))
		if p, ok := t.(*types.TypeParam); ok {
			t = a.instantiated(p, c.In, reg, 0)
		}
		if t != nil && !declaredIn(t, sym.Pkg) {
			structFields(found, t, "", 0)
		}
	}
	reg.takes(found)
}

// handlerType is the type of a registration's handler. Where the SDK takes any function,
// what is handed on as an interface is followed: to the only one that there is, or, in a
// table, to the one that stands in the line of the name. It is nil where that can't be told.
func (a *analysis) handlerType(arg ast.Expr, c *flow.Call, reg *Registration) types.Type {
	t := c.In.Pkg.Info.TypeOf(arg)
	if t == nil || !types.IsInterface(t) {
		return t
	}
	if _, generic := t.(*types.TypeParam); generic {
		return t
	}
	list := a.flow.Origins(arg, a.flow.Root(c.In))
	if len(list) > 1 {
		row := rowOf(reg)
		list = slices.DeleteFunc(slices.Clone(list), func(o flow.Origin) bool {
			return row == nil || o.Expr == nil || o.Expr.Pos() < row.Pos() || row.End() < o.Expr.End()
		})
	}
	if len(list) != 1 || list[0].Expr == nil || list[0].Frame == nil {
		return nil
	}
	return list[0].Frame.Fn.Pkg.Info.TypeOf(list[0].Expr)
}

// rowOf is the innermost literal that the name of a registration stands in.
func rowOf(reg *Registration) ast.Node {
	at := reg.Defined.Node
	for _, n := range nodesAround(reg.Defined.File.AST, at.Pos(), at.End()) {
		if lit, ok := n.(*ast.CompositeLit); ok {
			return lit
		}
	}
	return nil
}

// declaredIn reports whether t is a named type of a package: there, the SDK's context of a call.
func declaredIn(t types.Type, pkg string) bool {
	n := named(t)
	return n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == pkg
}

// inputType is the last parameter of a handler that is a struct or generic, or the
// struct itself; nil if there is none.
func inputType(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		if underStruct(t) != nil {
			return t
		}
		return nil
	}
	for i := sig.Params().Len() - 1; i >= 0; i-- {
		p := sig.Params().At(i).Type()
		if _, generic := p.(*types.TypeParam); generic || underStruct(p) != nil {
			return p
		}
	}
	return nil
}

// instantiated is what a type parameter of fn, or of its receiver, stands for where
// reg is registered; nil where that can't be told.
func (a *analysis) instantiated(p *types.TypeParam, fn *flow.Func, reg *Registration, depth int) types.Type {
	for fn.Outer != nil {
		fn = fn.Outer
	}
	if fn.Sig == nil || depth > maxNested {
		return nil
	}
	if i := paramIndex(fn.Sig.RecvTypeParams(), p); i >= 0 {
		return a.ofReceiver(fn, i, reg)
	}
	i := paramIndex(fn.Sig.TypeParams(), p)
	if i < 0 {
		return nil
	}
	callers := a.flow.Callers(fn)
	for _, c := range callers {
		if len(callers) > 1 && !a.gives(c, reg) {
			continue
		}
		t := typeArgs(c).at(i)
		if outer, ok := t.(*types.TypeParam); ok {
			return a.instantiated(outer, c.In, reg, depth+1)
		}
		return t
	}
	return nil
}

func paramIndex(list *types.TypeParamList, p *types.TypeParam) int {
	for i := range list.Len() {
		if list.At(i) == p {
			return i
		}
	}
	return -1
}

// ofReceiver is type argument i of the receiver that holds the definition: of what
// was made where the definition was, or of the only value that the method is called on.
func (a *analysis) ofReceiver(fn *flow.Func, i int, reg *Registration) types.Type {
	want := named(fn.Sig.Recv().Type())
	of := func(t types.Type) types.Type {
		if n := named(t); n != nil && want != nil && n.Origin() == want.Origin() {
			return argsOf(n.TypeArgs()).at(i)
		}
		return nil
	}
	if e, ok := reg.Defined.Node.(ast.Expr); ok {
		if t := of(reg.Defined.Pkg.Info.TypeOf(e)); t != nil {
			return t
		}
	}
	callers := a.flow.Callers(fn)
	if len(callers) != 1 || callers[0].Recv() == nil {
		return nil
	}
	return of(callers[0].In.Pkg.Info.TypeOf(callers[0].Recv()))
}

// gives reports whether a call is given the definition, or what names it.
func (a *analysis) gives(c *flow.Call, reg *Registration) bool {
	at := reg.Defined.Node
	if c.In.File == reg.Defined.File && c.Expr.Pos() <= at.Pos() && at.End() <= c.Expr.End() {
		return true
	}
	return slices.ContainsFunc(c.Expr.Args, func(arg ast.Expr) bool {
		return slices.ContainsFunc(a.flow.Origins(arg, a.flow.Root(c.In)), func(o flow.Origin) bool {
			return o.Expr != nil && o.Expr.Pos() <= at.Pos() && at.End() <= o.Expr.End()
		})
	})
}

// argsOf are type arguments; at is nil beyond them.
type typeList struct{ list *types.TypeList }

func argsOf(l *types.TypeList) typeList { return typeList{l} }

func (l typeList) at(i int) types.Type {
	if l.list == nil || i >= l.list.Len() {
		return nil
	}
	return l.list.At(i)
}

// typeArgs are those that a generic function is called with, inferred ones included.
func typeArgs(c *flow.Call) typeList {
	fun := ast.Unparen(c.Expr.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(x.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(x.X)
	}
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		fun = sel.Sel
	}
	id, ok := fun.(*ast.Ident)
	if !ok {
		return typeList{}
	}
	return argsOf(c.In.Pkg.Info.Instances[id].TypeArgs)
}
