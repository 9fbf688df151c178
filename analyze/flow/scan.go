package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Literals calls f for each composite literal of the module, with the function
// it stands in, in source order.
func (g *Graph) Literals(f func(*Func, *ast.CompositeLit)) {
	for _, fn := range g.Funcs {
		for _, lit := range fn.literals {
			f(fn, lit)
		}
	}
}

// Stores calls f for each assignment to a field, with the function it stands in,
// in source order.
func (g *Graph) Stores(f func(fn *Func, s *ast.AssignStmt, sel *ast.SelectorExpr, val ast.Expr)) {
	g.assignments(func(fn *Func, s *ast.AssignStmt) {
		if len(s.Lhs) != len(s.Rhs) {
			return
		}
		for i, l := range s.Lhs {
			if sel, ok := l.(*ast.SelectorExpr); ok {
				f(fn, s, sel, s.Rhs[i])
			}
		}
	})
}

// Assigned calls f for each value that an assignment gives to something, with the
// function it stands in, in source order.
func (g *Graph) Assigned(f func(fn *Func, to, val ast.Expr)) {
	g.assignments(func(fn *Func, s *ast.AssignStmt) {
		if len(s.Lhs) != len(s.Rhs) {
			return
		}
		for i, l := range s.Lhs {
			f(fn, ast.Unparen(l), s.Rhs[i])
		}
	})
}

// Texts calls f for each name and each literal of text, with the function it stands
// in, in source order.
func (g *Graph) Texts(f func(*Func, ast.Expr)) {
	for _, fn := range g.Funcs {
		for _, x := range fn.words {
			f(fn, x)
		}
	}
}

// Addresses calls f for each place where an address is taken, with the function
// it stands in, in source order.
func (g *Graph) Addresses(f func(*Func, *ast.UnaryExpr)) {
	for _, fn := range g.Funcs {
		for _, x := range fn.addresses {
			if x.Op == token.AND {
				f(fn, x)
			}
		}
	}
}

// assignments visits every assignment, in the innermost function that holds it.
func (g *Graph) assignments(visit func(*Func, *ast.AssignStmt)) {
	for _, fn := range g.Funcs {
		for _, s := range fn.assigns {
			visit(fn, s)
		}
	}
}

// Assigns calls f for each expression that is assigned to, with the function it
// stands in, in source order.
func (g *Graph) Assigns(f func(fn *Func, l ast.Expr)) {
	g.assignments(func(fn *Func, s *ast.AssignStmt) {
		for _, l := range s.Lhs {
			f(fn, l)
		}
	})
}

// Names calls f for each name of something else in the source, with the function it
// stands in, in source order.
func (g *Graph) Names(f func(*Func, *ast.Ident)) {
	for _, fn := range g.Funcs {
		for _, x := range fn.words {
			if id, ok := x.(*ast.Ident); ok {
				f(fn, id)
			}
		}
	}
}

// Selected calls f for each field or method that is taken of a value or a type, with
// the function it stands in, in source order.
func (g *Graph) Selected(f func(*Func, *ast.SelectorExpr, *types.Selection)) {
	for _, fn := range g.Funcs {
		for _, x := range fn.selected {
			f(fn, x, fn.Pkg.Info.Selections[x])
		}
	}
}
