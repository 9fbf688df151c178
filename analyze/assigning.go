package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// The machine that runs a body on symbols: declarations and assignments.

func (m *machine) declare(s *ast.DeclStmt, w *world) []*world {
	d, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return []*world{w}
	}
	now := []*world{w}
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		names := make([]ast.Expr, len(v.Names))
		for i, n := range v.Names {
			names[i] = n
		}
		var next []*world
		for _, w := range now {
			if len(v.Values) == 0 {
				for _, n := range v.Names {
					w = m.put(n, zeroOf(m.info().TypeOf(n)), w)
				}
				next = append(next, w)
				continue
			}
			next = append(next, m.give(names, v.Values, w)...)
		}
		now = next
	}
	return now
}

// zeroOf is the value of a variable that nothing was assigned to.
func zeroOf(t types.Type) value {
	switch u := orInvalid(t).Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return constBool(false)
		case u.Info()&types.IsString != 0:
			return value{lit: constant.MakeString("")}
		}
	case *types.Pointer, *types.Interface, *types.Slice, *types.Map:
		return value{null: true}
	}
	return value{}
}

func (m *machine) assign(s *ast.AssignStmt, w *world) []*world {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		var out []*world
		for _, r := range m.evalList([]ast.Expr{s.Lhs[0], s.Rhs[0]}, w) {
			v := joinAll(r.vals)
			m.weighs = m.weighs || v.mixed
			if len(r.vals) == 2 {
				v.lit = computed(r.vals[0].lit, opOf[s.Tok], r.vals[1].lit)
			}
			out = append(out, m.put(s.Lhs[0], v, r.w))
		}
		return out
	}
	return m.give(s.Lhs, s.Rhs, w)
}

// opOf are the operations that assignments do.
var opOf = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.MUL_ASSIGN: token.MUL,
	token.AND_ASSIGN: token.AND, token.OR_ASSIGN: token.OR, token.XOR_ASSIGN: token.XOR,
}

// give assigns values to the expressions on the left.
func (m *machine) give(left, right []ast.Expr, w *world) []*world {
	var out []*world
	for _, r := range m.evalRight(left, right, w) {
		now := r.w
		for i, l := range left {
			v := value{taint: fromNowhere, why: "a value at " + m.at(l) + " is not followed"}
			switch {
			case i < len(r.vals):
				v = r.vals[i]
			case len(right) == 1 && len(r.vals) == 1: // of a function that is not known
				v = r.vals[0].without()
			}
			now = m.put(l, v, now)
		}
		out = append(out, now)
	}
	return out
}

func (m *machine) evalRight(left, right []ast.Expr, w *world) []result {
	if len(left) != 2 || len(right) != 1 {
		return m.evalList(right, w)
	}
	switch x := ast.Unparen(right[0]).(type) {
	case *ast.TypeAssertExpr, *ast.IndexExpr, *ast.UnaryExpr: // v, ok := …
		var out []result
		for _, r := range m.eval(x, w) {
			ok := value{taint: r.one().taint, why: r.one().why, mixed: r.one().mixed}
			out = append(out, result{r.w, []value{r.one(), ok}})
		}
		return out
	}
	return m.evalList(right, w)
}

// put gives what l names a value.
func (m *machine) put(l ast.Expr, v value, w *world) *world {
	switch x := ast.Unparen(l).(type) {
	case nil:
	case *ast.Ident:
		if o, ok := objectOf(m.info(), x).(*types.Var); ok && x.Name != "_" {
			return w.set(o, v)
		}
	case *ast.SelectorExpr:
		return m.putField(x, v, w)
	case *ast.IndexExpr:
		if o, ok := m.root(x.X); ok {
			return w.set(o, join2(m.valueOf(o, w), v))
		}
	case *ast.StarExpr:
		return m.put(x.X, v, w)
	}
	return w
}

// putField keeps the fields of a struct that a variable of the body is.
func (m *machine) putField(x *ast.SelectorExpr, v value, w *world) *world {
	o, ok := m.root(x.X)
	if !ok {
		return w
	}
	if isNetHTTP(o.Type(), "Request") {
		return w
	}
	base := m.valueOf(o, w)
	if base.fields == nil {
		base = join2(base, v.without())
	} else {
		base = base.with(x.Sel.Name, v)
	}
	return w.set(o, base)
}

// root returns the variable that an expression is.
func (m *machine) root(e ast.Expr) (*types.Var, bool) {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil, false
	}
	v, ok := objectOf(m.info(), id).(*types.Var)
	return v, ok
}
