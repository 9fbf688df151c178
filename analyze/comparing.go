package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
)

// The machine that runs a body on symbols: what comparing two values tells.

func (m *machine) equal(x, y ast.Expr, w *world) (yes, no []*world) {
	for _, r := range m.evalList([]ast.Expr{x, y}, w) {
		m.noteEqual(x, y, r.vals)
		a, b, at, other := r.vals[0], r.vals[1], x, y
		if a.lit != nil || a.null {
			a, b, at, other = b, a, y, x
		}
		t, f := m.same(r.w, a, b, at, other)
		yes, no = append(yes, t...), append(no, f...)
	}
	return yes, no
}

// same splits by whether two values are equal; a constant is b.
func (m *machine) same(w *world, a, b value, at, other ast.Expr) (yes, no []*world) {
	here, never := []*world{w}, []*world(nil)
	switch {
	case b.null && a.null:
		return here, never
	case b.null:
		return m.isNil(w, a, at)
	case a.lit != nil && b.lit != nil && a.lit.Kind() == b.lit.Kind():
		if constant.Compare(a.lit, token.EQL, b.lit) {
			return here, never
		}
		return never, here
	case b.lit != nil && b.lit.Kind() == constant.Bool:
		yes, no = m.holds(w, a, at)
		if !constant.BoolVal(b.lit) {
			yes, no = no, yes
		}
		return yes, no
	case b.isEmpty() && b.taint >= fromHeader && a.taint == fromProgram && !a.isFilled():
		m.weighs = true
		return []*world{w.unsure(emptySecret + m.at(at))}, []*world{m.weigh(w)}
	case b.isEmpty():
		return m.empty(w, a, at)
	case b.lit != nil && b.lit.Kind() == constant.Int:
		return m.sameNumber(w, a, b, at)
	case b.lit != nil:
		return m.sameText(w, a, b, at)
	}
	return m.matchesSecret(w, a, b, at, other)
}

func (m *machine) isNil(w *world, v value, e ast.Expr) (yes, no []*world) {
	if v.made {
		return nil, []*world{w}
	}
	if v.err {
		return []*world{w.prove()}, []*world{w}
	}
	if isError(m.info().TypeOf(e)) && v.taint == fromContext {
		return m.split(w, v, e, true)
	}
	return m.split(w, v, e, false)
}

// empty splits by whether a text is "", and remembers it.
func (m *machine) empty(w *world, v value, e ast.Expr) (yes, no []*world) {
	if v.isFilled() {
		return nil, []*world{w}
	}
	yes, no = m.split(w, v, e, false)
	for i, w := range yes {
		if v.taint == fromProgram && v.lit == nil && !m.coarse {
			yes[i] = w.fork()
			yes[i].unset = m.at(e)
		}
	}
	v.filled = true
	for i, w := range no {
		w = m.know(e, v, w).fork()
		w.demands = w.demands || v.taint >= fromHeader
		no[i] = w
	}
	return yes, no
}

// know remembers what was found out about a variable, or about a field of one.
func (m *machine) know(e ast.Expr, v value, w *world) *world {
	if o, named := m.root(e); named {
		return w.set(o, v)
	}
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || m.info().Selections[sel] == nil {
		return w
	}
	if o, named := m.root(sel.X); named && !isNetHTTP(o.Type(), "Request") {
		return w.set(o, m.valueOf(o, w).with(sel.Sel.Name, v))
	}
	return w
}

// sameNumber splits by whether a number is a constant: the status of an answer, or
// the result of a comparison.
func (m *machine) sameNumber(w *world, v, b value, e ast.Expr) (yes, no []*world) {
	return m.split(w, v, e, true)
}

// sameText splits by whether a text is a constant that is not empty.
func (m *machine) sameText(w *world, v, b value, e ast.Expr) (yes, no []*world) {
	yes, no = m.split(w, v, e, true)
	text := stringConst(b)
	switch {
	case v.method && text == "OPTIONS":
		for i, w := range yes {
			yes[i] = w.fork()
			yes[i].harmless = true
		}
	case lastField(e) == "Path" && v.taint == fromAnybody:
		for i, w := range yes {
			yes[i] = w.unsure("it lets requests to a path of their own through, at " + m.at(e))
		}
	case v.taint >= fromHeader && !scheme(text):
		for i, w := range yes {
			yes[i] = w.unsure("it compares what it reads with a constant of the source at " + m.at(e))
		}
	}
	return yes, no
}

// matchesSecret splits by whether two values are equal of which neither is constant:
// a credential and a secret of the program prove it, unless both may be empty.
func (m *machine) matchesSecret(w *world, a, b value, at, other ast.Expr) (yes, no []*world) {
	if a.taint < b.taint {
		a, b, at, other = b, a, other, at
	}
	if a.taint < fromHeader {
		if b.bound && b.taint == fromProgram && (a.path || b.path) {
			u := w.unsure("it compares the path with what the program holds, at " + m.at(at))
			return []*world{u}, []*world{u}
		}
		return m.split(w, a, at, true)
	}
	if why := m.provesNothing(a, b, at, other); why != "" {
		return []*world{w.unsure(why)}, []*world{m.weigh(w)}
	}
	return []*world{w.prove()}, []*world{m.weigh(w)}
}

// provesNothing says why it proves nothing that a is b; "" when it does.
func (m *machine) provesNothing(a, b value, at, other ast.Expr) string {
	switch {
	case a.why != "":
		return a.why
	case a.taint != fromCredential || b.taint != fromProgram || a.part || b.part || a.hashed != b.hashed:
		m.equates = m.equates || a.taint == fromCredential && a.hashed && !a.part && b.taint == fromProgram && b.bound
		return "whether what it compares at " + m.at(at) + " is a credential and a secret can't be told"
	}
	m.weighs, m.equates = true, true
	if why := m.notSecret(other); why != "" {
		return why
	}
	if !a.isFilled() && !b.isFilled() {
		return emptySecret + m.at(at)
	}
	return ""
}

const emptySecret = "where the secret is not set, a request without a credential passes the comparison at "

// ordered splits by <, >, <= and >=.
func (m *machine) ordered(x *ast.BinaryExpr, r result) (yes, no []*world) {
	v := joinAll(r.vals)
	if a, b := r.vals[0].lit, r.vals[len(r.vals)-1].lit; a != nil && b != nil && a.Kind() == constant.Int && b.Kind() == constant.Int {
		if constant.Compare(a, x.Op, b) {
			return []*world{r.w}, nil
		}
		return nil, []*world{r.w}
	}
	return m.split(r.w, v, x, true)
}
