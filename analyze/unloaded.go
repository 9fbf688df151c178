package analyze

import (
	"go/ast"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What is called of packages whose source was not loaded: it is told from the syntax
// which package and type that is. It makes nothing protected, and the reason better.

const notRead = "whose source was not read: --typed reads it, and go mod download fetches what is missing"

// strangeLayer is the layer of middleware that is not the module's, and not known.
func (a *analysis) strangeLayer(name string, c *flow.Call, trail chain) chain {
	l := &layer{name: name, kind: GuardNone, verdict: Unknown, trail: trail,
		reason: "it passes through " + quoteName(name) + " at " + a.where(c.In, c.Expr.Pos()) + ", which is not known to ask who is calling, nor not to"}
	of, missing := a.unloaded(c)
	if !missing {
		return l
	}
	if known := a.checkNamed(of); known != nil && known.Verifies {
		return a.libraryLayer(known, name, c, trail)
	}
	l.reason += "; it is of " + quoteName(of.pkg) + ", " + notRead
	return l
}

// unread says why nothing is known of a function that is told a credential.
func (m *machine) unread(c *flow.Call) string {
	of, missing := m.a.unloaded(c)
	switch {
	case missing:
		return "; it is of " + quoteName(of.pkg) + ", " + notRead
	case m.ofUnreadType(c):
		return "; it is a method of a package " + notRead
	case c.Iface:
		return "; it is called through an interface, and what stands behind it is not followed"
	}
	return ""
}

// ofUnreadType reports whether a call runs a method of a value whose type is not known.
func (m *machine) ofUnreadType(c *flow.Call) bool {
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	return ok && c.Callee == nil && m.info().Selections[sel] == nil && m.info().Uses[sel.Sel] == nil
}

// unloaded names the function that a call runs, if that is one of a package that was not
// loaded. The name of the type is "" where only a function of the package makes it.
func (a *analysis) unloaded(c *flow.Call) (name symbolKey, missing bool) {
	name, missing = a.strange(c)
	return name, missing && !a.ofProgram(name.pkg)
}

func (a *analysis) strange(c *flow.Call) (name symbolKey, named bool) {
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok || c.Callee != nil {
		return symbolKey{}, false
	}
	info := c.In.Pkg.Info
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := info.Uses[id].(*types.PkgName); ok {
			return symbolKey{p.Imported().Path(), "", sel.Sel.Name}, true
		}
	}
	v := variableOf(info, sel.X)
	if v == nil || v.Pkg() == nil {
		return symbolKey{}, false
	}
	of, named := a.declaredAs(v)
	return symbolKey{of.pkg, of.recv, sel.Sel.Name}, named
}

// variableOf is the variable or field that an expression names; nil for others.
func variableOf(info *types.Info, e ast.Expr) *types.Var {
	var v *types.Var
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ = info.Uses[x].(*types.Var)
	case *ast.SelectorExpr:
		v, _ = info.Uses[x.Sel].(*types.Var)
		if s := info.Selections[x]; s != nil {
			v, _ = s.Obj().(*types.Var)
		}
	}
	return v
}

// declaredAs reads the type of a variable, or the function that makes it, from where the
// variable is declared, if that names another package.
func (a *analysis) declaredAs(v *types.Var) (of symbolKey, named bool) {
	for _, pkg := range a.prog.Packages {
		if pkg.Types != v.Pkg() {
			continue
		}
		for _, f := range pkg.Files {
			if f.AST.FileStart <= v.Pos() && v.Pos() < f.AST.FileEnd {
				return ofPackage(pkg.Info, nodesAround(f.AST, v.Pos(), v.Pos()))
			}
		}
	}
	return symbolKey{}, false
}

func ofPackage(info *types.Info, path []ast.Node) (of symbolKey, named bool) {
	for _, n := range path {
		switch x := n.(type) {
		case *ast.Field:
			return typeNamed(info, x.Type)
		case *ast.ValueSpec:
			if x.Type != nil {
				return typeNamed(info, x.Type)
			}
			return makerNamed(info, x.Values)
		case *ast.AssignStmt:
			return makerNamed(info, x.Rhs)
		}
	}
	return symbolKey{}, false
}

// typeNamed is the type that an expression such as *pkg.T names.
func typeNamed(info *types.Info, e ast.Expr) (of symbolKey, named bool) {
	if star, ok := ast.Unparen(e).(*ast.StarExpr); ok {
		e = star.X
	}
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return symbolKey{}, false
	}
	id, _ := sel.X.(*ast.Ident)
	p, ok := info.Uses[id].(*types.PkgName)
	if !ok {
		return symbolKey{}, false
	}
	return symbolKey{pkg: p.Imported().Path(), recv: sel.Sel.Name}, true
}

// makerNamed is the package of pkg.F(…), where that is all there is to a variable.
func makerNamed(info *types.Info, values []ast.Expr) (of symbolKey, named bool) {
	if len(values) != 1 {
		return symbolKey{}, false
	}
	call, ok := ast.Unparen(values[0]).(*ast.CallExpr)
	if !ok {
		return symbolKey{}, false
	}
	of, named = typeNamed(info, call.Fun)
	of.recv = ""
	return of, named
}
