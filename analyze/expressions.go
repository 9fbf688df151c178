package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
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

// sentinel reports whether a variable is an error of a package, such as io.EOF: one of
// other code, or one that is made where it is declared and never assigned to.
func (m *machine) sentinel(x *ast.Ident, v *types.Var) bool {
	if v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return false
	}
	if !m.a.inModule(v.Pkg()) {
		return true
	}
	origins := m.a.flow.Origins(x, m.a.flow.Root(m.fn))
	for _, o := range origins {
		if o.Kind != flow.Result || o.Callee == nil || o.Callee.FullName() != "errors.New" && o.Callee.FullName() != "fmt.Errorf" {
			return false
		}
	}
	return len(origins) > 0
}

// valueOf returns the value of a variable; one that the body does not set is the
// program's, unless requests write it.
func (m *machine) valueOf(v *types.Var, w *world) value {
	if val, ok := w.vals[v]; ok {
		return val
	}
	if m.written[v] || m.a.writtenByRequests(v) {
		return value{taint: fromNowhere, why: quoteName(v.Name()) + " is written while requests are served"}
	}
	for out := m.top.Outer; out != nil; out = out.Outer {
		if takesRequest(out.Sig) && out.Type.Pos() <= v.Pos() && v.Pos() < out.Body.End() {
			return value{taint: fromNowhere, why: quoteName(v.Name()) + " comes from a request outside"}
		}
	}
	return value{bound: m.isBound(v)}
}

// isBound reports whether a variable of the program may hold a secret: no constant, nor
// a table of them.
func (m *machine) isBound(v *types.Var) bool {
	if v.Pkg() != nil && !m.a.inModule(v.Pkg()) || servesHTTP(v.Type()) {
		return false
	}
	known, ok := m.a.mayHold[v]
	if !ok {
		known = !m.a.constantTable(v)
		m.a.mayHold[v] = known
	}
	return known
}

// constantTable reports whether a variable of a package is a table or list of constants,
// and nothing is put into it later.
func (a *analysis) constantTable(v *types.Var) bool {
	if v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return false
	}
	found := false
	a.flow.Literals(func(fn *flow.Func, lit *ast.CompositeLit) {
		for _, pkg := range a.prog.Packages {
			for _, init := range pkg.Info.InitOrder {
				if len(init.Lhs) == 1 && init.Lhs[0] == v && init.Rhs == ast.Expr(lit) {
					found = constants(fn, lit)
				}
			}
		}
	})
	return found && !a.assignedTo(v)
}

func constants(fn *flow.Func, lit *ast.CompositeLit) bool {
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if fn.Pkg.Info.Types[kv.Key].Value == nil {
				return false
			}
			elt = kv.Value
		}
		if fn.Pkg.Info.Types[elt].Value == nil {
			return false
		}
	}
	return true
}

func (m *machine) selected(x *ast.SelectorExpr, w *world) []result {
	s := m.info().Selections[x]
	if s == nil { // pkg.Name
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

func (m *machine) composite(x *ast.CompositeLit, w *world) []result {
	t := orInvalid(m.info().TypeOf(x))
	st, isStruct := t.Underlying().(*types.Struct)
	now := []result{{w, []value{{made: true}}}}
	if isStruct = isStruct && m.tracked(t, st); isStruct {
		now[0].vals[0].fields = map[string]value{}
	}
	for i, elt := range x.Elts {
		name, e := "", elt
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			e = kv.Value
			if id, ok := kv.Key.(*ast.Ident); ok && isStruct {
				name = id.Name
			}
		} else if isStruct && i < st.NumFields() {
			name = st.Field(i).Name()
		}
		var next []result
		for _, r := range now {
			for _, one := range m.eval(e, r.w) {
				next = append(next, result{one.w, []value{r.one().with(name, one.one())}})
			}
		}
		now = next
	}
	return now
}

// tracked reports whether the fields of a struct are what the module put there: it is
// the module's, and nothing is embedded that has methods of its own.
func (m *machine) tracked(t types.Type, st *types.Struct) bool {
	if n := named(t); n == nil || n.Obj().Pkg() == nil || !m.a.inModule(n.Obj().Pkg()) {
		return false
	}
	for i := range st.NumFields() {
		if st.Field(i).Embedded() {
			return false
		}
	}
	return true
}

// isText reports whether t is a text, or its bytes.
func isText(t types.Type) bool {
	switch u := orInvalid(t).Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice:
		return isBasic(u.Elem()) && u.Elem().Underlying().(*types.Basic).Kind() == types.Byte
	}
	return false
}

// with is v with one more field or element.
func (v value) with(name string, elem value) value {
	out := v
	out.taint = max(v.taint, elem.taint)
	if out.why == "" {
		out.why = elem.why
	}
	if out.deep = max(v.deep, elem.deep+1); out.deep > maxDeep {
		out.fields, out.made = nil, true
		return out
	}
	if name != "" {
		out.fields = map[string]value{name: elem}
		for k, f := range v.fields {
			if k != name {
				out.fields[k] = f
			}
		}
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
