package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// The machine that runs a body on symbols: expressions.

func (m *machine) evalList(list []ast.Expr, w *world) []result {
	if len(list) == 1 {
		return m.eval(list[0], w)
	}
	now := []result{{w: w}}
	for _, e := range list {
		var next []result
		for _, r := range now {
			for _, one := range m.eval(e, r.w) {
				next = append(next, result{one.w, append(r.vals[:len(r.vals):len(r.vals)], one.one())})
			}
		}
		if now = next; len(now) > maxWorlds {
			m.wide = true
			return now[:maxWorlds]
		}
	}
	return now
}

func just(w *world, v value) []result { return []result{{w, []value{v}}} }

// eval returns the values that e may have, each in the world in which it has it.
func (m *machine) eval(e ast.Expr, w *world) []result {
	if m.spent() {
		return just(w, value{taint: fromNowhere, why: "its body has too many paths to follow"})
	}
	info := m.info()
	if tv, ok := info.Types[e]; ok && tv.Value != nil {
		return just(w, value{lit: tv.Value, made: true})
	}
	switch x := e.(type) {
	case *ast.ParenExpr:
		return m.eval(x.X, w)
	case *ast.Ident:
		return just(w, m.ident(x, w))
	case *ast.SelectorExpr:
		return m.selected(x, w)
	case *ast.CallExpr:
		return m.call(x, w)
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return m.truth(x, w)
		}
		if x.Op == token.ARROW {
			return m.unclear(x, w, "what comes out of a channel at "+m.at(x)+" is not followed")
		}
		return m.through(x.X, w, func(v value) value {
			if x.Op == token.AND {
				v.null, v.made = false, true
			}
			return v
		})
	case *ast.StarExpr:
		return m.eval(x.X, w)
	case *ast.TypeAssertExpr:
		return m.through(x.X, w, func(v value) value {
			v.good, v.err = false, false
			return v
		})
	case *ast.SliceExpr:
		return m.through(x.X, w, func(v value) value {
			v.part = v.part || x.High != nil || x.Low != nil && (v.taint == fromProgram || m.info().Types[x.Low].Value == nil && !m.lengthOfProgram(x.Low))
			v.filled = v.filled && x.Low == nil && x.High == nil
			v.lit = nil
			if x.Low == nil && x.High != nil {
				v.taint = noSecret(v.taint) // its beginning: a scheme
			}
			return v
		})
	case *ast.BinaryExpr:
		return m.binary(x, w)
	case *ast.IndexExpr:
		return m.index(x, w)
	case *ast.CompositeLit:
		return m.composite(x, w)
	case *ast.FuncLit, *ast.IndexListExpr, *ast.ArrayType, *ast.MapType, *ast.FuncType, *ast.InterfaceType, *ast.StructType, *ast.ChanType:
		return just(w, value{made: true})
	}
	return just(w, value{taint: fromNowhere, why: "an expression at " + m.at(e) + " is not followed"})
}

// lengthOfProgram reports whether an expression is the length of what the caller has no
// part in, as that of a prefix is.
func (m *machine) lengthOfProgram(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	c := m.a.flow.CallOf(call)
	return c != nil && c.Builtin == "len" && m.info().Types[call.Args[0]].Value != nil
}

func (m *machine) through(e ast.Expr, w *world, f func(value) value) []result {
	var out []result
	for _, r := range m.eval(e, w) {
		out = append(out, result{r.w, []value{f(r.one())}})
	}
	return out
}

func (m *machine) ident(x *ast.Ident, w *world) value {
	switch o := objectOf(m.info(), x).(type) {
	case *types.Nil:
		return value{null: true}
	case *types.Var:
		if isError(o.Type()) && m.sentinel(x, o) {
			return value{made: true}
		}
		return m.valueOf(o, w)
	case nil:
		return value{taint: fromNowhere, why: quoteName(x.Name) + " at " + m.at(x) + " is not known"}
	}
	return value{made: true} // a function, a package
}

func (m *machine) selected(x *ast.SelectorExpr, w *world) []result {
	s := m.info().Selections[x]
	switch {
	case s == nil && m.unloadedField(x):
		return m.through(x.X, w, func(v value) value { return v.without() })
	case s == nil: // pkg.Name
		return just(w, m.ident(x.Sel, w))
	}
	var out []result
	for _, r := range m.eval(x.X, w) {
		out = append(out, result{r.w, []value{m.field(x, s, r.one())}})
	}
	return out
}

// field returns what a field, or a method as a value, of v is.
func (m *machine) field(x *ast.SelectorExpr, s *types.Selection, v value) value {
	if f, ok := v.fields[x.Sel.Name]; ok {
		return f
	}
	if s.Kind() == types.FieldVal && isNetHTTP(s.Recv(), "Request") && v.taint == fromRequest {
		return m.requestField(x)
	}
	if v.fields != nil && v.made && s.Kind() == types.FieldVal {
		return zeroOf(s.Type())
	}
	if f, ok := s.Obj().(*types.Var); ok && v.taint == fromProgram && (m.written[f] || m.a.writtenByRequests(f)) {
		return value{taint: fromNowhere, why: quoteName(f.Name()) + " is written while requests are served"}
	}
	return value{taint: v.taint, why: v.why, path: v.path && x.Sel.Name != "RawQuery", mixed: v.mixed, bound: v.bound}
}

func (m *machine) requestField(x *ast.SelectorExpr) value {
	switch x.Sel.Name {
	case "Header":
		return value{taint: fromRequest, made: true}
	case "RemoteAddr", "TLS":
		return value{taint: fromNowhere, why: "it looks at " + x.Sel.Name + " of the request at " + m.at(x)}
	case "Method":
		return value{taint: fromAnybody, method: true}
	case "URL":
		return value{taint: fromAnybody, made: true, path: true}
	}
	return value{taint: fromAnybody}
}

func (m *machine) binary(x *ast.BinaryExpr, w *world) []result {
	switch x.Op {
	case token.LAND, token.LOR, token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ:
		return m.truth(x, w)
	}
	var out []result
	for _, r := range m.evalList([]ast.Expr{x.X, x.Y}, w) {
		v := joinAll(r.vals)
		v.part = true
		m.weighs = m.weighs || v.mixed
		if len(r.vals) == 2 {
			v.lit = computed(r.vals[0].lit, x.Op, r.vals[1].lit)
		}
		out = append(out, result{r.w, []value{v}})
	}
	return out
}

// computed is what an operation on two whole numbers gives; nil for others.
func computed(x constant.Value, op token.Token, y constant.Value) constant.Value {
	if x == nil || y == nil || x.Kind() != constant.Int || y.Kind() != constant.Int {
		return nil
	}
	switch op {
	case token.ADD, token.SUB, token.MUL, token.AND, token.OR, token.XOR:
		return constant.BinaryOp(x, op, y)
	}
	return nil
}

// truth evaluates a condition as a value.
func (m *machine) truth(e ast.Expr, w *world) []result {
	yes, no := m.branch(e, w)
	var out []result
	for _, w := range yes {
		out = append(out, result{w, []value{constBool(true)}})
	}
	for _, w := range no {
		out = append(out, result{w, []value{constBool(false)}})
	}
	return out
}

func (m *machine) index(x *ast.IndexExpr, w *world) []result {
	if tv := m.info().Types[x.Index]; tv.IsType() {
		return m.eval(x.X, w)
	}
	if name := headerName(m.fn, x); name != "" {
		return just(w, m.header(name, x))
	}
	if v := m.info().Types[x.Index].Value; v != nil && isOf(orInvalid(m.info().TypeOf(x.X)), "net/url", "Values") && credentialName(constText(v)) {
		return just(w, value{taint: fromCredential})
	}
	var out []result
	for _, r := range m.evalList([]ast.Expr{x.X, x.Index}, w) {
		v := value{taint: r.vals[0].taint, why: r.vals[0].why, mixed: r.vals[0].mixed, bound: r.vals[0].bound, part: r.vals[0].part || isText(m.info().TypeOf(x.X))}
		if len(r.vals) == 2 && r.vals[1].taint >= fromHeader && v.taint < fromHeader {
			v = value{taint: fromNowhere, why: "it looks a credential up in a table at " + m.at(x)}
		}
		if len(r.vals) == 2 && isZero(r.vals[1]) && headerName(m.fn, x.X) == "" {
			v.taint = noSecret(v.taint) // the first part: a scheme
		}
		out = append(out, result{r.w, []value{v}})
	}
	return out
}

func isZero(v value) bool { return v.lit != nil && v.lit.ExactString() == "0" }

// stringConst returns a constant string; "" for others.
func stringConst(v value) string {
	if v.lit == nil || v.lit.Kind() != constant.String {
		return ""
	}
	return constant.StringVal(v.lit)
}

// lastField returns the name of the field or variable that an expression ends in.
func lastField(e ast.Expr) string {
	switch x := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.Ident:
		return x.Name
	}
	return ""
}
