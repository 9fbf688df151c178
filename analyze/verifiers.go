package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What a verifier of the user's own does with the token: one that can't refuse,
// or never compares the audience, lets strangers in (RFC 8707 section 2).

// weakBody says what a verifier's body fails to do.
func (a *analysis) weakBody(fn *flow.Func) string {
	switch {
	case !checksToken(fn):
		return "never checks the token"
	case !canRefuse(fn):
		return "never refuses a token"
	case a.anywhere(fn, 0, func(name string) bool { return name == "ParseUnverified" }):
		return "parses the token without verifying it"
	case !a.anywhere(fn, 0, isAudience):
		return "does not look at the token's audience"
	}
	return a.unproven(fn)
}

// comparesAudience reports whether fn, or what it calls in the module, decides by a
// token's audience: in a condition, and not by whether there is one only, or by a call
// that is named for it and that is told which one it has to be.
func (a *analysis) comparesAudience(fn *flow.Func, depth int) bool {
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.BinaryExpr:
			equal := x.Op == token.EQL || x.Op == token.NEQ
			found = found || equal && (saysAudience(fn, x.X) && tells(fn, x.Y) || saysAudience(fn, x.Y) && tells(fn, x.X))
		case *ast.CallExpr:
			found = found || audienceCall(fn, x)
		}
		return !found
	})
	for _, c := range allCalls(fn) {
		if found || depth >= 2 || c.Callee == nil {
			break
		}
		if callee := a.flow.FuncOf(c.Callee); callee != nil && callee != fn && callee.Body != nil {
			found = a.comparesAudience(callee, depth+1)
		}
	}
	return found
}

// tells reports whether a value may be a certain audience: not nil, nothing, or a number.
func tells(fn *flow.Func, e ast.Expr) bool {
	tv := fn.Pkg.Info.Types[e]
	return !tv.IsNil() && (tv.Value == nil || tv.Value.Kind() == constant.String && constant.StringVal(tv.Value) != "")
}

// audienceCall reports whether a call asks for an audience: WithAudience(x),
// VerifyAudience(x, true), slices.Contains(aud, x).
func audienceCall(fn *flow.Func, x *ast.CallExpr) bool {
	var name string
	switch f := ast.Unparen(x.Fun).(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	switch {
	case name == "WithAudience" || name == "VerifyAudience" || name == "WithAllAudiences":
		return len(x.Args) > 0 && tells(fn, x.Args[0])
	case name == "Contains" && len(x.Args) == 2:
		return saysAudience(fn, x.Args[0]) && tells(fn, x.Args[1])
	}
	return false
}

// saysAudience reports whether an expression names an audience.
func saysAudience(fn *flow.Func, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if id, ok := x.Fun.(*ast.Ident); ok && id.Name == "len" {
				return false
			}
		case *ast.Ident:
			found = found || isAudience(x.Name)
		case *ast.BasicLit:
			text, err := strconv.Unquote(x.Value)
			found = found || err == nil && isAudience(text)
		}
		return !found
	})
	return found
}

func isAudience(name string) bool {
	name = strings.ToLower(name)
	return name == "aud" || strings.Contains(name, "audience")
}

// canRefuse reports whether fn returns an error that is not nil anywhere.
func canRefuse(fn *flow.Func) bool {
	for _, r := range fn.Returns {
		if len(r.Results) == 0 {
			return true // a named result
		}
		last := ast.Unparen(r.Results[len(r.Results)-1])
		if tv := fn.Pkg.Info.Types[last]; !tv.IsNil() {
			return true
		}
	}
	return false
}

// checksToken reports whether a verifier's string parameter goes into a call
// that may check it, or is compared with something that is not constant.
func checksToken(fn *flow.Func) bool {
	for i := range fn.Sig.Params().Len() {
		v := fn.Sig.Params().At(i)
		b, ok := v.Type().Underlying().(*types.Basic)
		if ok && b.Kind() == types.String && checks(fn, v) {
			return true
		}
	}
	return false
}

func checks(fn *flow.Func, v *types.Var) bool {
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if idle(fn, x) {
				return false
			}
			for _, arg := range x.Args {
				found = found || mentions(fn, arg, v)
			}
		case *ast.BinaryExpr:
			if x.Op == token.EQL || x.Op == token.NEQ {
				found = found || mentions(fn, x.X, v) && variable(fn, x.Y) || mentions(fn, x.Y, v) && variable(fn, x.X)
			}
		case *ast.IndexExpr: // a table of tokens
			found = found || mentions(fn, x.Index, v)
		}
		return !found
	})
	return found
}

func variable(fn *flow.Func, e ast.Expr) bool { return fn.Pkg.Info.Types[e].Value == nil }

func mentions(fn *flow.Func, e ast.Expr, v *types.Var) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && fn.Pkg.Info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

// idle reports whether a call can't be what checks a token: logging, formatting
// and builtins.
func idle(fn *flow.Func, call *ast.CallExpr) bool {
	var obj types.Object
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		obj = fn.Pkg.Info.Uses[f]
	case *ast.SelectorExpr:
		obj = fn.Pkg.Info.Uses[f.Sel]
	}
	if _, ok := obj.(*types.Builtin); ok {
		return true
	}
	return obj != nil && obj.Pkg() != nil && printing[obj.Pkg().Path()]
}

// anywhere reports whether an identifier or constant string in fn, or in what it
// calls in the module, two calls deep, matches; what is only logged, or thrown
// away, does not count.
func (a *analysis) anywhere(fn *flow.Func, depth int, match func(string) bool) bool {
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			return !found && !idle(fn, x)
		case *ast.AssignStmt:
			return !found && !thrownAway(x)
		case *ast.Ident:
			_, declares := fn.Pkg.Info.Defs[x]
			found = found || !declares && match(x.Name)
		case *ast.BasicLit:
			text, err := strconv.Unquote(x.Value)
			found = found || err == nil && match(text)
		}
		return !found
	})
	for _, c := range allCalls(fn) {
		if found || depth >= 2 || c.Callee == nil {
			break
		}
		if callee := a.flow.FuncOf(c.Callee); callee != nil && callee != fn {
			found = a.anywhere(callee, depth+1, match)
		}
	}
	return found
}

func thrownAway(s *ast.AssignStmt) bool {
	for _, l := range s.Lhs {
		if id, ok := l.(*ast.Ident); !ok || id.Name != "_" {
			return false
		}
	}
	return true
}
