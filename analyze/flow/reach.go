package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Which assignments of a local variable reach a use. `h = guard(h)` must not
// leave a path on which h is unguarded, so locals are renamed at each
// assignment, as SSA would; branches and loops give several.

// reaching returns the bindings of local v that may hold at pos, in function
// use; entry reports that the value v had when its function started may too.
func (g *Graph) reaching(v *types.Var, pos token.Pos, use *Func) (list []binding, entry bool) {
	at := useKey{v, pos, use}
	if known, ok := g.reached[at]; ok {
		return known.list, known.entry
	}
	list, entry = g.findReaching(v, pos, use)
	g.reached[at] = arrivals{list, entry}
	return list, entry
}

// A useKey is a use of a variable, and arrivals what reaches it.
type (
	useKey struct {
		v   *types.Var
		pos token.Pos
		use *Func
	}
	arrivals struct {
		list  []binding
		entry bool
	}
)

func (g *Graph) findReaching(v *types.Var, pos token.Pos, use *Func) (list []binding, entry bool) {
	all, home := g.binds[v], g.owner[v]
	if home == nil || home.Body == nil || !allIn(all, home) || g.jumps(home) {
		return all, true
	}
	r := &reach{defs: all}
	if use == home {
		definite := r.before(home.Body.List, pos)
		return r.found, !definite
	}
	lit := outermost(use, home)
	if lit == nil {
		return all, true
	}
	definite := r.before(home.Body.List, lit.Pos())
	for _, d := range all { // the literal may run after any later assignment
		if d.pos > lit.End() {
			r.add(d)
		}
	}
	return r.found, !definite
}

// outermost returns the literal directly in home that use lies in.
func outermost(use, home *Func) *ast.FuncLit {
	for fn := use; fn != nil; fn = fn.Outer {
		if fn.Outer == home {
			return fn.Lit
		}
	}
	return nil
}

func allIn(list []binding, fn *Func) bool {
	for _, b := range list {
		if b.in != fn {
			return false
		}
	}
	return true
}

type reach struct {
	defs  []binding
	found []binding
}

func (r *reach) add(d binding) {
	for _, have := range r.found {
		if have.pos == d.pos {
			return
		}
	}
	r.found = append(r.found, d)
}

func (r *reach) within(n ast.Node) []binding {
	var in []binding
	for _, d := range r.defs {
		if n.Pos() <= d.pos && d.pos < n.End() {
			in = append(in, d)
		}
	}
	return in
}

// before finds the bindings that reach pos inside list; true when one of them
// surely happened.
func (r *reach) before(list []ast.Stmt, pos token.Pos) bool {
	at := len(list)
	for i, s := range list {
		if s.Pos() <= pos && pos < s.End() {
			at = i
			if r.inside(s, pos) {
				return true
			}
			break
		}
		if s.Pos() > pos {
			at = i
			break
		}
	}
	return r.back(list[:at])
}

// back finds the bindings that reach the end of list.
func (r *reach) back(list []ast.Stmt) bool {
	for i := len(list) - 1; i >= 0; i-- {
		if r.through(list[i]) {
			return true
		}
	}
	return false
}

// inside handles the statement that holds pos.
func (r *reach) inside(s ast.Stmt, pos token.Pos) bool {
	switch x := s.(type) {
	case *ast.BlockStmt:
		return r.before(x.List, pos)
	case *ast.LabeledStmt:
		return r.inside(x.Stmt, pos)
	case *ast.IfStmt:
		return r.insideIf(x, pos)
	case *ast.ForStmt:
		return r.insideFor(x, pos)
	case *ast.RangeStmt:
		return r.insideRange(x, pos)
	case *ast.SwitchStmt:
		return r.insideClauses(x.Init, x.Body, pos)
	case *ast.TypeSwitchStmt:
		return r.insideClauses(x.Init, x.Body, pos)
	case *ast.SelectStmt:
		return r.insideClauses(nil, x.Body, pos)
	case *ast.CaseClause:
		return r.insideCase(x, pos)
	case *ast.CommClause:
		return r.before(x.Body, pos) || (x.Comm != nil && pos > x.Comm.End() && r.through(x.Comm))
	}
	return false
}

// insideCase also finds the variable of a type switch, bound at its clause.
func (r *reach) insideCase(x *ast.CaseClause, pos token.Pos) bool {
	if r.before(x.Body, pos) {
		return true
	}
	for _, d := range r.defs {
		if d.pos == x.Pos() {
			r.add(d)
			return true
		}
	}
	return false
}

func (r *reach) insideIf(x *ast.IfStmt, pos token.Pos) bool {
	if x.Init != nil && holds(x.Init, pos) {
		return r.inside(x.Init, pos)
	}
	switch {
	case holds(x.Body, pos):
		if r.inside(x.Body, pos) {
			return true
		}
	case x.Else != nil && holds(x.Else, pos):
		if r.inside(x.Else, pos) {
			return true
		}
	}
	return x.Init != nil && r.through(x.Init)
}

func (r *reach) insideFor(x *ast.ForStmt, pos token.Pos) bool {
	if x.Init != nil && holds(x.Init, pos) {
		return r.inside(x.Init, pos)
	}
	if holds(x.Body, pos) && r.before(x.Body.List, pos) {
		return true
	}
	r.loop(x.Body, x.Post)
	return x.Init != nil && r.through(x.Init)
}

func (r *reach) insideRange(x *ast.RangeStmt, pos token.Pos) bool {
	if !holds(x.Body, pos) {
		return false
	}
	if r.before(x.Body.List, pos) {
		return true
	}
	header := false
	for _, d := range r.defs {
		if (x.Key != nil && d.pos == x.Key.Pos()) || (x.Value != nil && d.pos == x.Value.Pos()) {
			r.add(d)
			header = true
		}
	}
	if !header {
		r.loop(x.Body, nil)
	}
	return header
}

// loop adds what an earlier round of the loop may have assigned.
func (r *reach) loop(body *ast.BlockStmt, post ast.Stmt) {
	if post != nil && r.through(post) {
		return
	}
	r.back(body.List)
}

func (r *reach) insideClauses(initial ast.Stmt, body *ast.BlockStmt, pos token.Pos) bool {
	if initial != nil && holds(initial, pos) {
		return r.inside(initial, pos)
	}
	if branches(body, token.FALLTHROUGH) { // the clause before may run first
		r.all(r.within(body))
	}
	for _, s := range body.List {
		if holds(s, pos) && r.inside(s, pos) {
			return true
		}
	}
	return initial != nil && r.through(initial)
}

func holds(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }

// through adds the bindings of s that reach its end; true when s surely binds.
func (r *reach) through(s ast.Stmt) bool {
	in := r.within(s)
	if len(in) == 0 {
		return false
	}
	if branches(s, token.BREAK, token.CONTINUE, token.FALLTHROUGH) { // may be left before it binds
		r.all(in)
		return false
	}
	switch x := s.(type) {
	case *ast.BlockStmt:
		return r.back(x.List)
	case *ast.LabeledStmt:
		return r.through(x.Stmt)
	case *ast.IfStmt:
		return r.throughIf(x)
	case *ast.ForStmt, *ast.RangeStmt, *ast.SelectStmt:
		r.all(in)
		return false
	case *ast.SwitchStmt:
		return r.throughClauses(x.Init, x.Body)
	case *ast.TypeSwitchStmt:
		return r.throughClauses(x.Init, x.Body)
	}
	r.all(in)
	return true
}

func (r *reach) all(list []binding) {
	for _, d := range list {
		r.add(d)
	}
}

func (r *reach) throughIf(x *ast.IfStmt) bool {
	then := ends(x.Body) || r.back(x.Body.List)
	other := false
	if x.Else != nil {
		other = endsStmt(x.Else) || r.through(x.Else)
	}
	if then && other {
		return true
	}
	return x.Init != nil && r.through(x.Init)
}

func (r *reach) throughClauses(initial ast.Stmt, body *ast.BlockStmt) bool {
	every, fallback := true, false
	for _, s := range body.List {
		c, ok := s.(*ast.CaseClause)
		if !ok {
			continue
		}
		fallback = fallback || c.List == nil
		if !endsList(c.Body) && !r.back(c.Body) {
			every = false
		}
	}
	if every && fallback {
		return true
	}
	return initial != nil && r.through(initial)
}

// ends reports whether control surely leaves the function at the end of b, so
// that nothing assigned there is seen after it.
func ends(b *ast.BlockStmt) bool { return endsList(b.List) }

func endsList(list []ast.Stmt) bool {
	return len(list) > 0 && endsStmt(list[len(list)-1])
}

func endsStmt(s ast.Stmt) bool {
	switch x := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BlockStmt:
		return ends(x)
	case *ast.ExprStmt:
		call, ok := x.X.(*ast.CallExpr)
		return ok && neverReturns(call)
	}
	return false
}

// neverReturns knows the calls that end a program, by name: a wrong guess only
// drops an assignment that is followed by one.
func neverReturns(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "panic"
	case *ast.SelectorExpr:
		pkg, ok := f.X.(*ast.Ident)
		return ok && (pkg.Name == "os" && f.Sel.Name == "Exit" ||
			pkg.Name == "log" && (f.Sel.Name == "Fatal" || f.Sel.Name == "Fatalf" || f.Sel.Name == "Fatalln"))
	}
	return false
}
