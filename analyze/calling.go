package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: calls.

// call runs a call: it ends a path where it hands the request on, is entered where it
// is the module's, and otherwise is known by name, or is not.
func (m *machine) call(x *ast.CallExpr, w *world) []result {
	m.seen[x] = true
	c := m.a.flow.CallOf(x)
	if c == nil {
		return m.unclear(x, w, "a call at "+m.at(x)+" is not followed")
	}
	var out []result
	for _, r := range m.operands(c, w) {
		out = append(out, m.called(c, r)...)
		if len(out) > maxWorlds {
			m.wide = true
			return out[:maxWorlds]
		}
	}
	return out
}

// operands evaluates receiver and arguments; the receiver is the first value.
func (m *machine) operands(c *flow.Call, w *world) []result {
	now := []result{{w, []value{{}}}}
	if recv := c.Recv(); recv != nil {
		now = m.eval(recv, w)
	}
	if c.Dynamic() {
		now = m.eval(m.calledOn(c), w)
	}
	for _, arg := range c.Expr.Args {
		var next []result
		for _, r := range now {
			for _, one := range m.eval(arg, r.w) {
				next = append(next, result{one.w, append(r.vals[:len(r.vals):len(r.vals)], one.one())})
			}
		}
		now = next
	}
	return now
}

// calledOn returns what a call of a function value hangs on: the value, or what it is
// taken from where its type is not known.
func (m *machine) calledOn(c *flow.Call) ast.Expr {
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok || m.info().Selections[sel] != nil || m.info().Uses[sel.Sel] != nil {
		return ast.Unparen(c.Expr.Fun)
	}
	return sel.X
}

func (m *machine) unclear(e ast.Expr, w *world, why string) []result {
	return []result{{w, repeat(value{taint: fromNowhere, why: why}, m.results(e))}}
}

func (m *machine) results(e ast.Expr) int {
	if t, ok := m.info().TypeOf(e).(*types.Tuple); ok {
		return t.Len()
	}
	return 1
}

func repeat(v value, n int) []value {
	list := make([]value, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// called runs a call with its operands.
func (m *machine) called(c *flow.Call, r result) []result {
	if out, ok := m.ofContext(c, r); ok {
		return out
	}
	if fns := m.contextHelper(c); len(fns) > 0 {
		return m.enterAll(fns, c, r)
	}
	switch {
	case m.a.isHandOver(c):
		return []result{{m.handOn(m.chosen(c, r.w)), nil}}
	case m.bypasses(c):
		return m.passedBy(c, r)
	case m.a.helperHands(c):
		v := value{taint: fromNowhere, why: "what " + calledText(c.Expr) + " says at " + m.at(c.Expr) + " is not followed"}
		return []result{{m.handOn(r.w), repeat(v, m.results(c.Expr))}}
	case c.Convert:
		return just(r.w, r.vals[len(r.vals)-1])
	case c.Builtin != "":
		return just(r.w, m.builtin(c, r.vals))
	}
	if out, ok := m.known(c, r); ok {
		return out
	}
	if fns := m.bodies(c); len(fns) > 0 {
		return m.enterAll(fns, c, r)
	}
	return m.outside(c, r)
}

func (m *machine) enterAll(fns []*flow.Func, c *flow.Call, r result) []result {
	var out []result
	for _, fn := range fns {
		out = append(out, m.enter(fn, c, r)...)
	}
	return out
}

// handOn notes a path that gets to the next handler, and goes on behind it.
func (m *machine) handOn(w *world) *world {
	m.handed = append(m.handed, w)
	c := w.fork()
	c.handed = true
	return c
}

func (m *machine) builtin(c *flow.Call, vals []value) value {
	v := joinAll(vals)
	v.taint, v.part = noSecret(v.taint), true // how long it is
	if c.Builtin == "len" && len(vals) > 1 && vals[1].lit != nil && vals[1].lit.Kind() == constant.String {
		v.lit = constant.MakeInt64(int64(len(constant.StringVal(vals[1].lit))))
	}
	return v
}

// outside is what a call of code that is not the module's gives: the program's where
// it is told nothing of the request, and nothing that is understood where it is told
// who is calling.
func (m *machine) outside(c *flow.Call, r result) []result {
	v := value{}
	for _, in := range r.vals {
		v = join2(v, in.without())
	}
	pure := c.Callee != nil && c.Callee.Pkg() != nil && (purePackages[c.Callee.Pkg().Path()] || pureNames[c.Callee.FullName()] || c.Callee.Pkg().Path() == "fmt")
	switch {
	case c.Callee != nil && c.Callee.FullName() == "fmt.Errorf", c.Callee != nil && c.Callee.FullName() == "errors.New":
		v = value{made: true, taint: min(v.taint, fromAnybody)}
	case v.taint >= fromHeader && v.taint != fromNowhere && !pure:
		v = value{taint: fromNowhere, why: "what " + calledText(c.Expr) + " says of it at " + m.at(c.Expr) + " is not known" + m.unread(c)}
	}
	return []result{{m.told(c, r, pure), repeat(v, m.results(c.Expr))}}
}

// told is the world after a call of other code: what it was called on, and what it was
// given a pointer to, may hold all that it was given.
func (m *machine) told(c *flow.Call, r result, pure bool) *world {
	w, all := r.w, joinAll(r.vals).without()
	if pure || all.taint < fromAnybody {
		return w
	}
	for i, e := range append([]ast.Expr{c.Recv()}, c.Expr.Args...) {
		if i > 0 && isPlainValue(m.info().TypeOf(e)) {
			continue // a text that is taken out of it, such as r.RemoteAddr
		}
		if o, ok := m.base(e); ok && holds(o.Type()) {
			have := m.valueOf(o, w)
			w = w.set(o, join2(have.without(), all))
		}
	}
	return w
}

// isPlainValue reports whether a type is that of texts, numbers and truth values, through
// which nobody can change what they were taken from.
func isPlainValue(t types.Type) bool {
	b, ok := orInvalid(t).Underlying().(*types.Basic)
	return ok && b.Kind() != types.UnsafePointer && b.Kind() != types.Invalid
}

// holds reports whether other code can put something into a value of type t.
func holds(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Basic, *types.Interface, *types.Signature:
		return false
	}
	return true
}

// base returns the variable that an expression is, points to, or is a part of.
func (m *machine) base(e ast.Expr) (*types.Var, bool) {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return m.base(x.X)
	case *ast.UnaryExpr:
		if o, ok := m.base(x.X); ok && x.Op == token.AND {
			return o, ok
		}
	case *ast.SelectorExpr:
		if m.info().Selections[x] != nil {
			return m.base(x.X)
		}
	case *ast.Ident:
		return m.root(x)
	}
	return nil, false
}

// without is v with what holds for it alone left out.
func (v value) without() value {
	out := value{taint: v.taint, why: v.why, part: v.part, hashed: v.hashed, path: v.path, mixed: v.mixed, bound: v.bound}
	for _, f := range v.fields {
		out = join2(out, f.without())
	}
	return out
}
