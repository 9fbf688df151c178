package analyze

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The machine that runs a body on symbols: statements.

// Bounds of one run; what exceeds them is not understood.
const (
	maxWorlds = 400   // paths followed at once
	maxTurns  = 20000 // statements run
	maxInside = 5     // calls entered one inside the other
	maxRounds = 2     // of a loop
)

type machine struct {
	a       *analysis
	fn      *flow.Func // that runs now
	top     *flow.Func
	stack   []*flow.Func
	handed  []*world               // paths that end at the next handler
	seen    map[*ast.CallExpr]bool // calls that were run
	written map[types.Object]bool  // what requests write, outside of the body's own
	turns   int
	wide    bool
	issued  bool   // an issuer's word is what proves
	lost    string // a statement that can't be run
}

// A result is one way in which an expression has values.
type result struct {
	w    *world
	vals []value
}

func (r result) one() value {
	if len(r.vals) == 0 {
		return value{}
	}
	return r.vals[0]
}

// An exit is a path that leaves a body: by return, or at its end.
type exit struct {
	w    *world
	vals []value
}

// flows are the paths that leave a statement.
type flows struct {
	next   []*world
	exits  []exit
	breaks []*world
	again  []*world // continue
}

func newMachine(a *analysis, fn *flow.Func) *machine {
	m := &machine{a: a, fn: fn, top: fn, stack: []*flow.Func{fn}, seen: map[*ast.CallExpr]bool{}, written: map[types.Object]bool{}}
	m.writes(fn)
	return m
}

// run runs the body for any request.
func (m *machine) run() {
	w := &world{}
	for i := range m.fn.Sig.Params().Len() {
		w = w.set(m.fn.Sig.Params().At(i), paramValue(m.fn.Sig.Params().At(i)))
	}
	m.block(m.fn.Body.List, []*world{w})
}

// paramValue is what a handler's parameter holds.
func paramValue(v *types.Var) value {
	switch {
	case isNetHTTP(v.Type(), "Request"):
		return value{taint: fromRequest, made: true}
	case isContext(v.Type()):
		return value{taint: fromContext, made: true}
	case isNetHTTP(v.Type(), "ResponseWriter"):
		return value{made: true}
	case servesHTTP(v.Type()):
		return value{}
	}
	return value{taint: fromNowhere, why: "what it is called with is not known"}
}

func isContext(t types.Type) bool {
	n := named(t)
	return n != nil && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "context" && n.Obj().Name() == "Context"
}

// missed says why the run does not count: a call that hands on was never run.
func (m *machine) missed() string {
	if m.wide {
		return "its body has too many paths to follow"
	}
	if m.lost != "" {
		return m.lost
	}
	for _, c := range allCalls(m.top) {
		if !m.seen[c.Expr] && (m.a.isHandOver(c) || m.a.helperHands(c)) && !m.ofHandler(c.In) {
			return "how the request gets to " + m.a.where(c.In, c.Expr.Pos()) + " is not followed"
		}
	}
	return ""
}

// ofHandler reports whether a call stands in a handler inside of the body, which is
// looked at by itself.
func (m *machine) ofHandler(in *flow.Func) bool {
	for ; in != nil && in != m.top; in = in.Outer {
		if in.Sig != nil && isHandlerFunc(in.Sig) {
			return true
		}
	}
	return false
}

func (m *machine) info() *types.Info { return m.fn.Pkg.Info }

func (m *machine) block(list []ast.Stmt, in []*world) flows {
	out := flows{next: in}
	for _, s := range list {
		f := m.stmts(s, out.next)
		out.next = nil
		out.add(f)
		if len(out.next) == 0 {
			break
		}
	}
	return out
}

func (m *machine) stmts(s ast.Stmt, in []*world) flows {
	var out flows
	for _, w := range in {
		if m.turns++; m.turns > maxTurns || len(out.next) > maxWorlds {
			m.wide = true
			break
		}
		out.add(m.stmt(s, w))
	}
	if len(out.next) > 8 {
		out.next = distinctWorlds(out.next)
	}
	return out
}

// distinctWorlds leaves out worlds that tell nothing new.
func distinctWorlds(list []*world) []*world {
	var out []*world
	for _, w := range list {
		if !slices.ContainsFunc(out, func(have *world) bool { return sameWorld(have, w) }) {
			out = append(out, w)
		}
	}
	return out
}

func sameWorld(x, y *world) bool {
	return x == y || sameResult(result{w: x}, result{w: y}) && maps.EqualFunc(x.vals, y.vals, sameValue)
}

func (f *flows) add(g flows) {
	f.next, f.exits = append(f.next, g.next...), append(f.exits, g.exits...)
	f.breaks, f.again = append(f.breaks, g.breaks...), append(f.again, g.again...)
}

func (m *machine) stmt(s ast.Stmt, w *world) flows {
	switch x := s.(type) {
	case nil, *ast.EmptyStmt:
		return flows{next: []*world{w}}
	case *ast.BlockStmt:
		return m.block(x.List, []*world{w})
	case *ast.ExprStmt:
		return m.expression(x.X, w)
	case *ast.AssignStmt:
		return flows{next: m.assign(x, w)}
	case *ast.DeclStmt:
		return flows{next: m.declare(x, w)}
	case *ast.ReturnStmt:
		return m.returns(x, w)
	case *ast.IfStmt:
		return m.ifStmt(x, w)
	case *ast.SwitchStmt:
		return m.switchStmt(x, w)
	case *ast.TypeSwitchStmt:
		return m.typeSwitch(x, w)
	case *ast.RangeStmt:
		return m.rangeStmt(x, w)
	case *ast.ForStmt:
		return m.forStmt(x, w)
	case *ast.BranchStmt:
		switch {
		case x.Label == nil && x.Tok == token.BREAK:
			return flows{breaks: []*world{w}}
		case x.Label == nil && x.Tok == token.CONTINUE:
			return flows{again: []*world{w}}
		}
	case *ast.LabeledStmt:
		return m.stmt(x.Stmt, w)
	case *ast.DeferStmt, *ast.IncDecStmt, *ast.GoStmt, *ast.SendStmt:
		return flows{next: []*world{w}}
	}
	m.lost = "a statement at " + m.at(s) + " is not followed"
	return flows{}
}

func (m *machine) at(n ast.Node) string { return m.a.where(m.fn, n.Pos()) }

// expression runs a call that is a statement; some end the program.
func (m *machine) expression(e ast.Expr, w *world) flows {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
			return flows{}
		}
	}
	var out flows
	for _, r := range m.eval(e, w) {
		out.next = append(out.next, r.w)
	}
	return out
}

func (m *machine) returns(s *ast.ReturnStmt, w *world) flows {
	var out flows
	if len(s.Results) == 0 {
		var vals []value
		for i := range m.fn.Sig.Results().Len() { // named ones
			vals = append(vals, w.vals[m.fn.Sig.Results().At(i)])
		}
		return flows{exits: []exit{{w, vals}}}
	}
	for _, r := range m.evalList(s.Results, w) {
		out.exits = append(out.exits, exit(r))
	}
	return out
}

func (m *machine) ifStmt(s *ast.IfStmt, w *world) flows {
	var out flows
	first := m.stmt(s.Init, w)
	out.exits = first.exits
	for _, w := range first.next {
		yes, no := m.branch(s.Cond, w)
		out.add(m.stmts(s.Body, yes))
		if s.Else == nil {
			out.next = append(out.next, no...)
		} else {
			out.add(m.stmts(s.Else, no))
		}
	}
	return out
}

// switchStmt runs the clauses one after the other, like if and else if.
func (m *machine) switchStmt(s *ast.SwitchStmt, w *world) flows {
	var out flows
	first := m.stmt(s.Init, w)
	left, through := first.next, []*world(nil)
	fallback := -1
	for i, c := range s.Body.List {
		clause := c.(*ast.CaseClause)
		if clause.List == nil {
			fallback = i
		}
		into := through
		for _, e := range clause.List {
			var rest []*world
			for _, w := range left {
				yes, no := m.matches(s.Tag, e, w)
				into, rest = append(into, yes...), append(rest, no...)
			}
			left = rest
		}
		through = m.clause(clause, into, &out)
	}
	if fallback < 0 {
		out.next = append(out.next, left...)
	}
	for i := fallback; i >= 0 && i < len(s.Body.List); i++ { // and what it falls through to
		if left = m.clause(s.Body.List[i].(*ast.CaseClause), left, &out); len(left) == 0 {
			break
		}
	}
	out.next, out.breaks = append(out.next, out.breaks...), nil
	return out
}

// clause runs one clause, and returns the worlds that fall through to the next.
func (m *machine) clause(c *ast.CaseClause, in []*world, out *flows) []*world {
	body, falls := c.Body, false
	if n := len(body); n > 0 {
		if b, ok := body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
			body, falls = body[:n-1], true
		}
	}
	f := m.block(body, in)
	if falls {
		next := f.next
		f.next = nil
		out.add(f)
		return next
	}
	out.add(f)
	return nil
}

// typeSwitch runs each clause for a value that may have its type.
func (m *machine) typeSwitch(s *ast.TypeSwitchStmt, w *world) flows {
	var out flows
	x := typeSwitched(s)
	for _, w := range m.stmt(s.Init, w).next {
		for _, r := range m.eval(x, w) {
			fallback := false
			for _, c := range s.Body.List {
				clause, v := c.(*ast.CaseClause), r.one()
				fallback = fallback || clause.List == nil
				v.null = false
				at := r.w
				if o, ok := m.info().Implicits[clause].(*types.Var); ok {
					at = at.set(o, v)
				}
				yes, _ := m.split(at, value{taint: v.taint, why: v.why}, x, true)
				out.add(m.block(clause.Body, yes))
			}
			if !fallback {
				_, no := m.split(r.w, value{taint: r.one().taint, why: r.one().why}, x, true)
				out.next = append(out.next, no...)
			}
		}
	}
	out.next, out.breaks = append(out.next, out.breaks...), nil
	return out
}

// typeSwitched returns the expression whose type is switched on.
func typeSwitched(s *ast.TypeSwitchStmt) ast.Expr {
	var e ast.Expr
	switch a := s.Assign.(type) {
	case *ast.AssignStmt:
		e = a.Rhs[0]
	case *ast.ExprStmt:
		e = a.X
	}
	if t, ok := ast.Unparen(e).(*ast.TypeAssertExpr); ok {
		return t.X
	}
	return e
}

func (m *machine) matches(tag, e ast.Expr, w *world) (yes, no []*world) {
	if tag == nil {
		return m.branch(e, w)
	}
	return m.equal(tag, e, w)
}

// rangeStmt runs a loop for no element, one, and two.
func (m *machine) rangeStmt(s *ast.RangeStmt, w *world) flows {
	var out flows
	for _, r := range m.eval(s.X, w) {
		elem := value{taint: r.one().taint, why: r.one().why}
		now := []*world{m.put(s.Value, elem, m.put(s.Key, elem, r.w))}
		out.next = append(out.next, r.w)
		for range maxRounds {
			f := m.stmts(s.Body, now)
			now = append(append(f.next, f.breaks...), f.again...)
			out.next, out.exits = append(out.next, now...), append(out.exits, f.exits...)
		}
	}
	return out
}

func (m *machine) forStmt(s *ast.ForStmt, w *world) flows {
	var out flows
	now := m.stmt(s.Init, w).next
	for range maxRounds {
		var in []*world
		for _, w := range now {
			if s.Cond == nil {
				in = append(in, w)
				continue
			}
			yes, no := m.branch(s.Cond, w)
			in, out.next = append(in, yes...), append(out.next, no...)
		}
		f := m.stmts(s.Body, in)
		now = append(f.next, f.again...)
		out.next, out.exits = append(out.next, f.breaks...), append(out.exits, f.exits...)
	}
	out.next = append(out.next, now...)
	return out
}

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
			out = append(out, m.put(s.Lhs[0], joinAll(r.vals), r.w))
		}
		return out
	}
	return m.give(s.Lhs, s.Rhs, w)
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
			ok := value{taint: r.one().taint, why: r.one().why, good: r.one().good}
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
		if m.isHeaders(x.X) && v.taint < fromHeader {
			return m.injected(w)
		}
		if o, ok := m.root(x.X); ok {
			return w.set(o, join2(m.valueOf(o, w), v))
		}
	case *ast.StarExpr:
		return m.put(x.X, v, w)
	}
	return w
}

func (m *machine) injected(w *world) *world {
	c := w.fork()
	c.injects = true
	return c
}

// putField keeps the fields of a struct that a variable of the body is.
func (m *machine) putField(x *ast.SelectorExpr, v value, w *world) *world {
	o, ok := m.root(x.X)
	if !ok {
		return w
	}
	if isNetHTTP(o.Type(), "Request") {
		if x.Sel.Name == "Header" && v.taint < fromHeader {
			return m.injected(w)
		}
		return w
	}
	base := m.valueOf(o, w)
	fields := map[string]value{x.Sel.Name: v}
	for k, f := range base.fields {
		if k != x.Sel.Name {
			fields[k] = f
		}
	}
	base.taint, base.fields = max(base.taint, v.taint), fields
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

func (m *machine) isHeaders(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Header" && isNetHTTP(m.info().TypeOf(sel.X), "Request")
}

// writes remembers what a body assigns to that is not its own: what a request writes
// is no secret that another one is compared with.
func (m *machine) writes(fn *flow.Func) {
	info := fn.Pkg.Info
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		s, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for _, l := range s.Lhs {
			if o := assigned(info, l); o != nil && (o.Pos() < fn.Body.Pos() || o.Pos() >= fn.Body.End()) {
				m.written[o] = true
			}
		}
		return true
	})
}

// assigned returns the variable or field that an assignment changes.
func assigned(info *types.Info, l ast.Expr) types.Object {
	switch x := ast.Unparen(l).(type) {
	case *ast.Ident:
		return info.Uses[x]
	case *ast.SelectorExpr:
		return info.Uses[x.Sel]
	case *ast.IndexExpr:
		return assigned(info, x.X)
	case *ast.StarExpr:
		return assigned(info, x.X)
	}
	return nil
}

// writtenByRequests reports whether a handler anywhere changes a field or variable.
func (a *analysis) writtenByRequests(o types.Object) bool {
	if a.requestWrites == nil {
		a.requestWrites = map[types.Object]bool{}
		a.flow.Assigns(func(fn *flow.Func, l ast.Expr) {
			if w := assigned(fn.Pkg.Info, l); w != nil && fn.Sig != nil && inHandler(fn) {
				a.requestWrites[w] = true
			}
		})
	}
	return a.requestWrites[o]
}

func inHandler(fn *flow.Func) bool {
	for ; fn != nil; fn = fn.Outer {
		if takesRequest(fn.Sig) {
			return true
		}
	}
	return false
}
