package analyze

import (
	"go/ast"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Functions that serve, mount or start, where they are values: a variable, a field, a
// table or a method expression may be called anywhere, with any handler. Where that
// happens is not followed, so no guard elsewhere counts in such a program.

// findLoose finds such functions, and starts by an interface of the program's own that
// can't be followed: what they may serve is not protected by a guard elsewhere.
func (a *analysis) findLoose() {
	called := a.calledNames()
	a.flow.Names(func(fn *flow.Func, id *ast.Ident) {
		f, ok := fn.Pkg.Info.Uses[id].(*types.Func)
		if !ok || !a.mine(fn) {
			return
		}
		if kind := called[id]; kind != calledPlainly && a.serves(f.Origin(), kind) {
			a.distrust(fn, id, quoteName(funcName(f))+" is used as a value at "+a.where(fn, id.Pos())+", and what that serves is not followed")
		}
	})
	for _, c := range a.flow.Calls {
		if c.Iface && c.Callee.Name() == "Start" && takesAddr(c) && a.mine(c.In) && !a.startsKnown(c) {
			a.distrust(c.In, c.Expr, "what "+quoteName(funcName(c.Callee))+" starts at "+a.where(c.In, c.Expr.Pos())+" is not followed")
		}
	}
}

// A usage is how the name of a function stands in the source.
type usage int

const (
	asValue usage = iota
	boundValue
	methodExpression
	calledPlainly
)

// calledNames returns the names of functions that are called where they stand, and
// those of methods that are not: with their receiver, or as a method expression.
func (a *analysis) calledNames() map[*ast.Ident]usage {
	names := map[*ast.Ident]usage{}
	a.flow.Selected(func(_ *flow.Func, sel *ast.SelectorExpr, s *types.Selection) {
		switch s.Kind() {
		case types.MethodVal:
			names[sel.Sel] = boundValue
		case types.MethodExpr:
			names[sel.Sel] = methodExpression
		}
	})
	for _, c := range a.flow.Calls {
		id := c.Name()
		if c.Callee != nil && id != nil && (names[id] != methodExpression || c.Callee.Name() == "ServeHTTP") {
			names[id] = calledPlainly // T.ServeHTTP(t, w, r) is followed; see handedOn
		}
	}
	return names
}

// serves reports whether a function that is used as a value may serve a handler
// that it is given, or that it is a method of, or make one.
func (a *analysis) serves(f *types.Func, as usage) bool {
	sig := f.Signature()
	if e := a.book.lookup(f); e != nil {
		switch e.sym.Role {
		case sdk.RoleListen, sdk.RoleMount, sdk.RoleStart, sdk.RoleTransport, sdk.RoleConnect:
			return true
		case sdk.RoleHandlerOf:
			return as == methodExpression || !isHandlerFunc(sig)
		}
	}
	own := f.Pkg() != nil && a.inModule(f.Pkg()) && !(sig.Recv() != nil && types.IsInterface(sig.Recv().Type()))
	switch {
	case own: // its body is looked at
		return false
	case f.Name() == "ServeHTTP":
		return as == methodExpression
	case f.Name() == "Start" && sig.Recv() != nil && types.IsInterface(sig.Recv().Type()):
		return sig.Params().Len() == 1 && isString(sig.Params().At(0).Type())
	}
	if r := routerOf(f); r != nil && (r.is(f, r.mount) || r.is(f, r.use) || r.is(f, r.with)) {
		return true
	}
	return takesHandler(sig) && !givesHandler(sig.Results())
}

func takesHandler(sig *types.Signature) bool {
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		if s, ok := t.Underlying().(*types.Slice); ok {
			t = s.Elem() // any number of them
		}
		if servesHTTP(t) {
			return true
		}
	}
	return false
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// startsKnown reports whether each value that an interface's Start is called on is a
// transport that was followed, or has a Start of the program's own, whose body is. Nil,
// which a factory returns next to an error, has no Start that could serve.
func (a *analysis) startsKnown(c *flow.Call) bool {
	known := false
	for _, o := range a.flow.Receiver(c, a.flow.Root(c.In)) {
		t := originType(o)
		if t == types.Typ[types.UntypedNil] {
			continue
		}
		if known = true; a.transports[o.Expr] != nil {
			continue
		}
		if t == nil || types.IsInterface(t) {
			return false
		}
		m, _, _ := types.LookupFieldOrMethod(t, true, c.In.Pkg.Types, "Start")
		if f, ok := m.(*types.Func); !ok || a.flow.FuncOf(f) == nil {
			return false
		}
	}
	return known
}

// distrust adds a place of unknown protection to the transports that are called
// protected, in every program that fn is a part of.
func (a *analysis) distrust(fn *flow.Func, at ast.Expr, why string) {
	for _, m := range a.transports {
		for _, t := range m.by {
			if t.Verdict != Protected || !a.flow.Together(fn.Pkg.Types, t.New.Pkg.Types) {
				continue
			}
			t.Routes = append(t.Routes, &Route{Kind: RouteOther, Site: a.site(sdk.RoleMount, fn, at), Handler: at, Verdict: Unknown, GuardKind: GuardNone, Reason: why})
			worst(t)
		}
	}
}
