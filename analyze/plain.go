package analyze

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The plain language of checks. The machine knows nothing of pointers, of functions
// that are kept for later, of time, and of what other code does with what it is given.
// So what it found counts as proof only of a body that has none of these: one that
// reads the request, compares, answers, and hands on. The language is a list of what
// is in it; whatever Go has or will have besides is not.

// unplain says what in the bodies that were run is not of the plain language; "" for
// nothing.
func (m *machine) unplain() string {
	for _, fn := range m.entered {
		p := &plain{m: m, fn: fn}
		ast.Inspect(fn.Body, p.node)
		if p.why != "" {
			return p.why
		}
	}
	return ""
}

type plain struct {
	m   *machine
	fn  *flow.Func
	why string
}

func (p *plain) fail(n ast.Node, what string) bool {
	if p.why == "" {
		p.why = what + " at " + p.m.a.where(p.fn, n.Pos()) + " is not followed"
	}
	return false
}

func (p *plain) info() *types.Info { return p.fn.Pkg.Info }

// node looks at one node, and reports whether to look inside.
func (p *plain) node(n ast.Node) bool {
	if p.why != "" {
		return false
	}
	switch x := n.(type) {
	case ast.Stmt:
		return p.stmt(x)
	case ast.Expr:
		return p.expr(x)
	}
	return true
}

func (p *plain) stmt(s ast.Stmt) bool {
	switch x := s.(type) {
	case *ast.BlockStmt, *ast.ExprStmt, *ast.IfStmt, *ast.SwitchStmt, *ast.CaseClause, *ast.ReturnStmt, *ast.DeclStmt, *ast.EmptyStmt:
		return true
	case *ast.AssignStmt:
		return p.assign(x)
	case *ast.RangeStmt:
		return p.ranges(x)
	case *ast.BranchStmt:
		return x.Label == nil && x.Tok != token.GOTO || p.fail(s, "a jump")
	case *ast.DeferStmt:
		return p.tidies(x.Call) || p.fail(s, "a deferred call")
	}
	return p.fail(s, "a statement")
}

// tidies reports whether a deferred call closes or unlocks something, and nothing else:
// a method of other code that is told nothing.
func (p *plain) tidies(call *ast.CallExpr) bool {
	c := p.m.a.flow.CallOf(call)
	return c != nil && c.Callee != nil && c.Recv() != nil && len(call.Args) == 0 && p.m.a.flow.FuncOf(c.Callee) == nil &&
		slices.Contains([]string{"Close", "End", "Unlock", "RUnlock"}, c.Callee.Name())
}

// assign allows what gives a variable of the body itself a value.
func (p *plain) assign(s *ast.AssignStmt) bool {
	for i, l := range s.Lhs {
		if contextRequest(p.info(), l) && !p.m.a.swapsRequest(p.fn, s, i) {
			continue // c.Request = c.Request.WithContext(ctx)
		}
		if !p.own(l) {
			return p.fail(s, "an assignment to what is not the body's own")
		}
	}
	for i, l := range s.Lhs {
		if isNetHTTP(p.info().TypeOf(l), "Request") && !contextRequest(p.info(), l) && (len(s.Lhs) != len(s.Rhs) || !p.sameRequest(s.Rhs[i])) {
			return p.fail(s, "a request of its own making")
		}
	}
	return true
}

// own reports whether l is a variable that the body declares, or its parameter.
func (p *plain) own(l ast.Expr) bool {
	id, ok := ast.Unparen(l).(*ast.Ident)
	if !ok {
		return false
	}
	v, isVar := objectOf(p.info(), id).(*types.Var)
	return id.Name == "_" || isVar && p.fn.Type.Pos() <= v.Pos() && v.Pos() < p.fn.Body.End()
}

// sameRequest reports whether an expression is a request with another context only.
func (p *plain) sameRequest(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	c := p.m.a.flow.CallOf(call)
	return c != nil && c.Callee != nil && (c.Callee.FullName() == "(*net/http.Request).WithContext" || c.Callee.FullName() == "(*net/http.Request).Clone")
}

// ranges allows loops over lists and tables, whose rounds the machine runs until
// nothing new comes of them.
func (p *plain) ranges(s *ast.RangeStmt) bool {
	switch orInvalid(p.info().TypeOf(s.X)).Underlying().(type) {
	case *types.Slice, *types.Array, *types.Map, *types.Basic:
		return s.Key == nil || s.Tok == token.DEFINE || p.fail(s, "a loop")
	}
	return p.fail(s, "a loop")
}

func (p *plain) expr(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.FuncLit:
		return p.fail(x, "a function inside of it")
	case *ast.UnaryExpr:
		_, fresh := ast.Unparen(x.X).(*ast.CompositeLit)
		return x.Op == token.NOT || x.Op == token.SUB || x.Op == token.AND && fresh || p.fail(x, "a pointer or channel")
	case *ast.CompositeLit:
		return p.composite(x)
	case *ast.CallExpr:
		return p.call(x)
	}
	return true
}

// composite allows values that are made there of what can't be changed behind the
// check's back, and structs of the module.
func (p *plain) composite(x *ast.CompositeLit) bool {
	if _, ok := orInvalid(p.info().TypeOf(x)).Underlying().(*types.Struct); ok || p.made(x) {
		return true
	}
	return p.fail(x, "a list or table of what can be changed")
}

// made reports whether all that a value is made of is immutable.
func (p *plain) made(x *ast.CompositeLit) bool {
	for _, elt := range x.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			elt = kv.Value
		}
		if !p.immutable(elt) {
			return false
		}
	}
	return true
}
