package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Checks that stand at the top of a handler's body.

// maxTop is how many statements at the top of a body are looked at.
const maxTop = 12

// wrapped runs what a call puts around a handler.
func (r *trial) wrapped(call *ast.CallExpr, inner ast.Expr, in *flow.Func) outcome {
	r.fn, r.env, r.inner = in, newHeldVars(nil), inner
	switch f := r.eval(call).(type) {
	case heldNext:
		return let
	case heldFunc:
		if f.fn == nil || f.fn.Sig == nil {
			return unread
		}
		return ends(r.enter(call, f, paramsOf(f.fn.Sig)))
	case heldUnclear:
		r.fail(call, "what it makes of the handler is not read")
	}
	return unread
}

// paramsOf are the parameters of a handler as values.
func paramsOf(sig *types.Signature) []held {
	var out []held
	for i := range sig.Params().Len() {
		out = append(out, heldParam{i, isContext(sig.Params().At(i).Type())})
	}
	return out
}

// ends says what an answer means.
func ends(v held) outcome {
	switch v := v.(type) {
	case heldServed:
		return let
	case heldTuple:
		if len(v) < 2 {
			return unread
		}
		if _, failed := v[len(v)-1].(heldError); failed {
			return refused
		}
		_, failed := v[0].(heldError)
		_, plain := v[len(v)-1].(heldNil)
		if failed && plain {
			return refused
		}
	}
	return unread
}

// A top is the run of the statements at the top of a body.
type top struct {
	fn      *flow.Func
	stmts   []ast.Stmt
	stays   map[ast.Stmt]bool // it does something else, or is not read
	refuses map[ast.Stmt]bool // it refused somebody
}

// run runs the statements for one caller. What declares variables, and what refuses for
// another reason, may stand between: it stays where it is.
func (t *top) run(r *trial) outcome {
	r.fn, r.env = t.fn, newHeldVars(nil)
	r.bindParams(heldFunc{fn: t.fn}, paramsOf(t.fn.Sig), t.fn.Body)
	for _, s := range t.stmts {
		j := t.stmt(r, s)
		switch {
		case r.why != "":
			return unread
		case r.crashed:
			t.refuses[s] = true
			return refused
		case j == returns && ends(r.ret) == refused:
			t.refuses[s] = true
			return refused
		case j != goesOn:
			r.fail(s, "what it answers those that it refuses is no error")
			return unread
		}
	}
	return let
}

// stmt runs one statement, and passes over one that has nothing to do with the caller.
func (t *top) stmt(r *trial, s ast.Stmt) jump {
	j := r.stmt(s)
	if r.why == "" {
		return j
	}
	why := r.why
	r.why = ""
	if !t.passesOver(r, s) {
		r.why = why
		return goesOn
	}
	t.stays[s] = true
	return goesOn
}

// passesOver reports whether a statement that is not read changes nothing for what
// follows: it sets variables, or refuses.
func (t *top) passesOver(r *trial, s ast.Stmt) bool {
	switch x := s.(type) {
	case *ast.AssignStmt:
		for _, l := range x.Lhs {
			r.unknown(l)
		}
		return true
	case *ast.DeclStmt:
		return true
	case *ast.IfStmt:
		if x.Else != nil || !onlyReturns(x.Body) || r.mentions(x) {
			return false
		}
		if init, ok := x.Init.(*ast.AssignStmt); ok {
			for _, l := range init.Lhs {
				r.unknown(l)
			}
		}
		j := r.block(x.Body.List)
		ok := r.why == "" && j == returns && ends(r.ret) == refused
		r.why = ""
		return ok
	}
	return false
}

// onlyReturns reports whether a block is a return and nothing else.
func onlyReturns(b *ast.BlockStmt) bool {
	if len(b.List) != 1 {
		return false
	}
	_, ok := b.List[0].(*ast.ReturnStmt)
	return ok
}

// mentions reports whether a condition speaks of what callers hold.
func (r *trial) mentions(x *ast.IfStmt) bool {
	return saysKind(x.Cond) || x.Init != nil && saysKind(x.Init)
}

// unknown forgets what a variable holds.
func (r *trial) unknown(l ast.Expr) {
	if id, ok := l.(*ast.Ident); ok && id.Name != "_" {
		if o := objectOf(r.info(), id); o != nil {
			r.env.set(o, heldUnclear{quoteName(id.Name)})
		}
	}
}

// inBody returns the checks in the body of a handler: what was read at its top, and what
// looks like one and was not.
func (d *decorations) inBody(fn *flow.Func) []*ToolCheck {
	list, known := d.bodies[fn]
	if !known && fn.Sig != nil && d.speaks(fn, 0) {
		list = d.readBody(fn)
	}
	d.bodies[fn] = list
	return list
}

func (d *decorations) readBody(fn *flow.Func) []*ToolCheck {
	stmts := fn.Body.List
	var list []*ToolCheck
	done, whys := 0, map[ast.Stmt]string{}
	for n := min(len(stmts), maxTop); n > 0 && done == 0; n-- {
		if !d.checking(stmts[n-1], fn) {
			continue
		}
		t := &top{fn: fn, stmts: stmts[:n], stays: map[ast.Stmt]bool{}, refuses: map[ast.Stmt]bool{}}
		demands, why := d.demands(t.run)
		if whys[stmts[n-1]] = why; why == "" && t.refuses[stmts[n-1]] {
			list, done = append(list, d.topCheck(t, demands)), n
		}
	}
	for _, s := range stmts[done:] {
		if x, ok := s.(*ast.IfStmt); ok && d.suspect(x) {
			why := whys[s]
			if why == "" {
				why = "it stands behind other work of the handler"
			}
			list = append(list, &ToolCheck{Form: FormBody, Name: checkName(s), Site: d.a.site(sdk.RoleWrap, fn, s), Why: why})
		}
	}
	return list
}

// checking reports whether a statement may be where a check ends.
func (d *decorations) checking(s ast.Stmt, fn *flow.Func) bool {
	switch x := s.(type) {
	case *ast.LabeledStmt:
		return d.checking(x.Stmt, fn)
	case *ast.IfStmt, *ast.RangeStmt, *ast.SwitchStmt:
		return true
	}
	return false
}

// topCheck is the check that was read, with what of it can go.
func (d *decorations) topCheck(t *top, demands []Demand) *ToolCheck {
	c := &ToolCheck{Form: FormBody, Demands: demands}
	if t.fn.Obj != nil {
		c.Of = t.fn.Obj
	}
	for _, s := range t.stmts {
		if !t.refuses[s] {
			continue
		}
		if c.Name == "" {
			c.Name, c.Site = checkName(s), d.a.site(sdk.RoleWrap, t.fn, s)
		}
		if t.stays[s] {
			c.Bound = "one of its statements does something else, too"
		}
	}
	c.Stmts = t.going()
	if c.Bound == "" {
		c.Bound = t.shares(c.Stmts)
	}
	if c.Bound == "" {
		c.Bound = d.boundBy(t.fn, t.stmts)
	}
	return c
}

// going returns the statements that can go: those that were read, and that set nothing
// which others use.
func (t *top) going() []ast.Stmt {
	list := slices.DeleteFunc(slices.Clone(t.stmts), func(s ast.Stmt) bool { return t.stays[s] })
	for {
		rest := slices.DeleteFunc(slices.Clone(list), func(s ast.Stmt) bool { return t.neededBy(s, list) })
		if len(rest) == len(list) {
			return list
		}
		list = rest
	}
}

// neededBy reports whether a statement has to stay where the others of list go: it sets
// what something else uses, or neither refuses nor sets anything.
func (t *top) neededBy(s ast.Stmt, list []ast.Stmt) bool {
	vars := setIn(t.fn.Pkg.Info, s)
	if len(vars) == 0 {
		return !t.refuses[s]
	}
	return slices.ContainsFunc(vars, func(o types.Object) bool { return t.usedBeside(o, list) })
}

// usedBeside reports whether the function uses o outside of the statements.
func (t *top) usedBeside(o types.Object, list []ast.Stmt) bool {
	used := false
	ast.Inspect(t.fn.Body, func(n ast.Node) bool {
		if s, ok := n.(ast.Stmt); ok && slices.Contains(list, s) {
			return false
		}
		if id, ok := n.(*ast.Ident); ok && t.fn.Pkg.Info.Uses[id] == o {
			used = true
		}
		return !used
	})
	return used
}

// setIn lists the variables that a statement sets for others: what it declares or assigns
// at its own level, and in it what it assigns that is declared outside.
func setIn(info *types.Info, s ast.Stmt) []types.Object {
	var out []types.Object
	add := func(o types.Object) {
		if o != nil && !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	own := func(o types.Object) bool { return s.Pos() <= o.Pos() && o.Pos() < s.End() }
	switch s.(type) {
	case *ast.AssignStmt, *ast.DeclStmt:
		own = func(types.Object) bool { return false }
	}
	ast.Inspect(s, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			for _, l := range x.Lhs {
				if id, ok := rootIdent(l); ok {
					if o := objectOf(info, id); o != nil && !own(o) {
						add(o)
					}
				}
			}
		case *ast.ValueSpec:
			for _, name := range x.Names {
				if o := info.Defs[name]; o != nil && !own(o) {
					add(o)
				}
			}
		}
		return true
	})
	return out
}

func rootIdent(e ast.Expr) (*ast.Ident, bool) {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.Ident:
			return x, true
		default:
			return nil, false
		}
	}
}

// shares says why the statements can't go: what they look at is declared beside them, and
// what follows counts on what they made sure of, or is left without use.
func (t *top) shares(going []ast.Stmt) string {
	why := ""
	for _, s := range going {
		ast.Inspect(s, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || why != "" {
				return why == ""
			}
			v, ok := t.fn.Pkg.Info.Uses[id].(*types.Var)
			if ok && t.declaredBeside(v, going) {
				why = "it looks at " + quoteName(v.Name()) + ", which is declared beside it: what follows may count on what it made sure of"
			}
			return true
		})
	}
	return why
}

// declaredBeside reports whether a statement of the body that stays declares v.
func (t *top) declaredBeside(v *types.Var, going []ast.Stmt) bool {
	if v.IsField() || v.Pos() < t.fn.Body.Pos() || t.fn.Body.End() <= v.Pos() {
		return false
	}
	return !slices.ContainsFunc(going, func(s ast.Stmt) bool { return s.Pos() <= v.Pos() && v.Pos() < s.End() })
}

// checkName names a check by the function that it asks.
func checkName(s ast.Stmt) string {
	name := ""
	ast.Inspect(s, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && name == "" && namesKindOrAsks(calledText(call)) {
			name = calledText(call)
		}
		_, body := n.(*ast.BlockStmt)
		return name == "" && !body
	})
	if name == "" {
		return "the check"
	}
	return name
}

func namesKindOrAsks(name string) bool { return namesKind(name) || asksByName(name) }
