package analyze

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// Most routers put in front of a route what its group was given until then. So it has to
// be sure that middleware was given before the route, or the group inside, was made.

// An order says whether middleware stands in front of something.
type order int

const (
	behind    order = iota // it does not
	perhaps                // that can't be told
	inFrontOf              // it does
)

// orderOf says whether middleware that group was given stands in front of what the call
// moment adds to it.
func (a *analysis) orderOf(u used, group ast.Expr, moment *flow.Call) order {
	switch {
	case u.call.Expr == group: // r.With(middleware)
		return sureIf(u.sure)
	case !u.covers(a, group, moment):
		return perhaps
	case within(moment.Expr, u.call.Expr): // r.Use(one, another)
		return behind
	case a.runsWith(moment.In, u.call.In):
		if moment.Expr.Rparen > u.call.Expr.Rparen {
			return sureIf(u.sure)
		}
		if u.late || !u.sure {
			return perhaps
		}
		return behind
	case a.insideOf(moment.In, u.call.In):
		return sureIf(u.sure && moment.Expr.Rparen > u.call.Expr.Rparen)
	}
	return sureIf(u.sure && a.keptUntil(group, u.call))
}

func sureIf(sure bool) order {
	if sure {
		return inFrontOf
	}
	return perhaps
}

// runsWith reports whether a function runs where it stands in another one: it is that
// one, or is run for a group that is made there.
func (a *analysis) runsWith(fn, outer *flow.Func) bool {
	for ; fn != outer; fn = fn.Outer {
		if fn == nil || fn.Lit == nil || !a.isGroupFunc(fn) {
			return false
		}
	}
	return true
}

// isGroupFunc reports whether a function is run by a call with a group of its own.
func (a *analysis) isGroupFunc(fn *flow.Func) bool {
	return fn.Sig.Params().Len() == 1 && a.groupCall(fn, fn.Sig.Params().At(0)) != nil
}

func (a *analysis) insideOf(fn, outer *flow.Func) bool {
	for ; fn != nil; fn = fn.Outer {
		if fn == outer {
			return true
		}
	}
	return false
}

// covers reports whether the paths that middleware is for are all of a route's: it was
// given without a path, or with one that the route's begins with.
func (u used) covers(a *analysis, group ast.Expr, moment *flow.Call) bool {
	if u.below == "" {
		return true
	}
	list, ok := a.placesOf(moment.Recv(), a.flow.Root(moment.In), 0)
	path := a.pathArg(moment)
	direct := ok && !slices.ContainsFunc(list, func(p place) bool { return p.groups[0] != group })
	return direct && (path == u.below || len(path) > len(u.below) && path[:len(u.below)+1] == u.below+"/")
}

// keptUntil reports whether nobody but the function that gives a group middleware, by
// the call use, has that group before: it is in a variable that is used until then for
// the router's own methods only.
func (a *analysis) keptUntil(group ast.Expr, use *flow.Call) bool {
	v := a.heldBy(group, use.In)
	if v == nil {
		return false
	}
	own := a.ownUses(use.In)
	kept := true
	ast.Inspect(use.In.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Pos() < use.Expr.Pos() && use.In.Pkg.Info.Uses[id] == v && !own[id] {
			kept = false
		}
		return kept
	})
	return kept
}

// ownUses are the names in a body on which a router's methods are called that don't give
// the group itself to anybody.
func (a *analysis) ownUses(fn *flow.Func) map[*ast.Ident]bool {
	alone, own := map[ast.Expr]bool{}, map[*ast.Ident]bool{} // calls whose result goes nowhere else
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.ExprStmt); ok {
			alone[ast.Unparen(s.X)] = true
		}
		return true
	})
	for _, c := range slices.Backward(allCalls(fn)) { // those around others first
		r := routerOf(c.Callee)
		if r == nil || c.Recv() == nil || r.is(c.Callee, r.same) && !alone[c.Expr] {
			continue
		}
		alone[ast.Unparen(c.Recv())] = true
		if id, ok := ast.Unparen(c.Recv()).(*ast.Ident); ok {
			own[id] = true
		}
	}
	return own
}

// heldBy returns the variable of fn that holds a group which is made there, or for which
// fn is run, and nothing else; nil where there is none.
func (a *analysis) heldBy(group ast.Expr, fn *flow.Func) *types.Var {
	if made := a.flow.CallOf(group.(*ast.CallExpr)); made == nil || made.In != fn {
		if fn.Lit == nil || fn.Sig.Params().Len() != 1 {
			return nil
		}
		return fn.Sig.Params().At(0)
	}
	var held *types.Var
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok && s.Tok == token.DEFINE && len(s.Lhs) == 1 && ast.Unparen(s.Rhs[0]) == group {
			if id, ok := s.Lhs[0].(*ast.Ident); ok {
				held, _ = fn.Pkg.Info.Defs[id].(*types.Var)
			}
		}
		return held == nil
	})
	return held
}

// leavesEarly reports whether a body may end, or jump, before a statement of its own, or
// goes on after a panic: then it is not sure that the statement is run.
func leavesEarly(fn *flow.Func, at ast.Stmt) bool {
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || x.Pos() < at.Pos()
		case *ast.BranchStmt:
			found = found || x.Tok == token.GOTO
		}
		return true
	})
	return found || slices.ContainsFunc(allCalls(fn), func(c *flow.Call) bool { return c.Builtin == "recover" })
}
