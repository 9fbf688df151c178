package analyze

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// The interpreter of checks: statements. It runs the body of a check for one caller.
// What it does not know ends the reading, with the place and the reason; nothing is
// guessed.

// maxReadSteps bounds one run, in statements and expressions.
const maxReadSteps = 5000

// maxReadDepth bounds calls within calls.
const maxReadDepth = 12

// A reading is one run of a check for one caller.
type trial struct {
	d *decorations
	a *analysis
	caller
	all *universe

	inner   ast.Expr   // what is evaluated as the next handler
	fn      *flow.Func // that runs now
	env     *heldVars
	depth   int
	steps   int
	entered []string // names of the functions that run, the outermost first
	ret     held
	label   types.Object // of the break or continue under way
	crashed bool         // the program would have stopped here
	why     string       // why it can't be read
}

// A jump says how a statement ended.
type jump int

const (
	goesOn jump = iota
	returns
	breaks
	continues
)

// fail ends the reading.
func (r *trial) fail(n ast.Node, why string) held {
	if r.why == "" && !r.crashed {
		r.why = why
		if n != nil && r.fn != nil {
			r.why += " (" + r.a.where(r.fn, n.Pos()) + ")"
		}
	}
	return heldUnclear{why}
}

// stopped reports whether there is nothing more to run.
func (r *trial) stopped(n ast.Node) bool {
	if r.steps++; r.steps > maxReadSteps {
		r.fail(n, "it takes too many steps")
	}
	return r.why != "" || r.crashed
}

func (r *trial) info() *types.Info { return r.fn.Pkg.Info }

func (r *trial) block(stmts []ast.Stmt) jump {
	for _, s := range stmts {
		if j := r.stmt(s); j != goesOn || r.stopped(s) {
			return j
		}
	}
	return goesOn
}

func (r *trial) stmt(s ast.Stmt) jump {
	switch x := s.(type) {
	case *ast.BlockStmt:
		return r.block(x.List)
	case *ast.EmptyStmt:
	case *ast.LabeledStmt:
		return r.labeled(x)
	case *ast.ReturnStmt:
		r.ret = r.returned(x)
		return returns
	case *ast.BranchStmt:
		return r.branch(x)
	case *ast.AssignStmt:
		r.assign(x)
	case *ast.DeclStmt:
		r.declare(x)
	case *ast.IfStmt:
		return r.ifStmt(x)
	case *ast.RangeStmt:
		return r.rangeStmt(x, nil)
	case *ast.SwitchStmt:
		return r.switchStmt(x)
	case *ast.ExprStmt:
		r.eval(x.X)
		r.fail(x, "it does more than compare")
	default:
		r.fail(s, "it does more than compare")
	}
	return goesOn
}

func (r *trial) labeled(x *ast.LabeledStmt) jump {
	label := r.info().Defs[x.Label]
	if loop, ok := x.Stmt.(*ast.RangeStmt); ok {
		return r.rangeStmt(loop, label)
	}
	r.fail(x, "it does more than compare")
	return goesOn
}

func (r *trial) branch(x *ast.BranchStmt) jump {
	r.label = nil
	if x.Label != nil {
		r.label = r.info().Uses[x.Label]
	}
	switch x.Tok {
	case token.BREAK:
		return breaks
	case token.CONTINUE:
		return continues
	}
	r.fail(x, "it jumps")
	return goesOn
}

func (r *trial) returned(x *ast.ReturnStmt) held {
	switch len(x.Results) {
	case 0:
		return heldTuple{}
	case 1:
		return r.eval(x.Results[0])
	}
	var out heldTuple
	for _, e := range x.Results {
		out = append(out, r.eval(e))
	}
	return out
}

// truth is the value of a condition.
func (r *trial) truth(e ast.Expr) bool {
	switch v := r.eval(e).(type) {
	case bool:
		return v
	case heldUnclear:
		r.fail(e, "it goes by "+v.why)
	default:
		r.fail(e, "it goes by what is not read")
	}
	return false
}

func (r *trial) ifStmt(x *ast.IfStmt) jump {
	if x.Init != nil {
		if r.stmt(x.Init); r.stopped(x) {
			return goesOn
		}
	}
	yes := r.truth(x.Cond)
	switch {
	case r.stopped(x):
	case yes:
		return r.block(x.Body.List)
	case x.Else != nil:
		return r.stmt(x.Else)
	}
	return goesOn
}

// switchStmt runs a switch; none of its cases may fall through.
func (r *trial) switchStmt(x *ast.SwitchStmt) jump {
	if x.Init != nil {
		r.stmt(x.Init)
	}
	var tag held = true
	if x.Tag != nil {
		tag = r.eval(x.Tag)
	}
	var byDefault *ast.CaseClause
	for _, s := range x.Body.List {
		c := s.(*ast.CaseClause)
		if c.List == nil {
			byDefault = c
		}
		for _, e := range c.List {
			same := r.equal(e, tag, r.eval(e))
			if is, ok := same.(bool); !ok {
				r.fail(e, "it goes by what is not read")
				return goesOn
			} else if is {
				return r.caseBody(c)
			}
		}
	}
	if byDefault != nil && !r.stopped(x) {
		return r.caseBody(byDefault)
	}
	return goesOn
}

func (r *trial) caseBody(c *ast.CaseClause) jump {
	j := r.block(c.Body)
	if j == breaks && r.label == nil {
		return goesOn
	}
	return j
}

// rangeStmt runs a loop over a list, or over what the caller holds.
func (r *trial) rangeStmt(x *ast.RangeStmt, label types.Object) jump {
	over := r.eval(x.X)
	keys, items, ok := r.items(x, over)
	if !ok {
		return goesOn
	}
	for i := range items {
		r.bind(x.Key, keys[i])
		r.bind(x.Value, items[i])
		j := r.block(x.Body.List)
		mine := r.label == nil || r.label == label
		switch {
		case r.stopped(x), j == returns:
			return j
		case j == breaks && mine:
			return goesOn
		case j != goesOn && !mine:
			return j
		}
	}
	return goesOn
}

// items lists what a loop goes over, with its keys.
func (r *trial) items(x *ast.RangeStmt, over held) (keys, items []held, ok bool) {
	switch v := over.(type) {
	case heldList:
		items = v
	case heldNil:
	case heldSet:
		items = r.holds(v.src)
		if _, isMap := r.info().TypeOf(x.X).Underlying().(*types.Map); isMap {
			for range items {
				keys = append(keys, nil)
			}
			copy(keys, items)
			if x.Value != nil && !isBlank(x.Value) {
				r.fail(x, "it looks at more than the names that the caller holds")
			}
			return keys, items, r.why == ""
		}
	default:
		r.fail(x, "it goes over what is not known")
		return nil, nil, false
	}
	for range items {
		keys = append(keys, heldUnclear{"the place in a list"})
	}
	return keys, items, true
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// bind gives the variable e a value.
func (r *trial) bind(e ast.Expr, v held) {
	if e == nil || isBlank(e) {
		return
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		if o := r.info().Defs[x]; o != nil {
			r.env.m[o] = v
			return
		}
		o, ok := r.info().Uses[x].(*types.Var)
		if _, mine := r.env.find(o); ok && mine {
			r.env.set(o, v)
			return
		}
	case *ast.IndexExpr:
		r.store(x, v)
		return
	}
	r.fail(e, "it sets something that is not its own")
}

// store puts a value into a map of the check's own.
func (r *trial) store(x *ast.IndexExpr, v held) {
	id, ok := ast.Unparen(x.X).(*ast.Ident)
	if !ok {
		r.fail(x, "it sets something that is not its own")
		return
	}
	have, _ := r.env.find(r.info().Uses[id])
	m, isMap := have.(heldMap)
	key, isText := r.eval(x.Index).(heldText)
	if !isMap || !isText {
		r.fail(x, "it sets something that is not its own")
		return
	}
	if key.src != nil && m.src != nil && m.src != key.src {
		r.fail(x, "it puts names of several kinds together")
	}
	if key.src != nil {
		m.src = key.src
	}
	m.m[key.s] = v
	r.env.set(r.info().Uses[id], m)
}

func (r *trial) assign(x *ast.AssignStmt) {
	if x.Tok != token.ASSIGN && x.Tok != token.DEFINE {
		r.fail(x, "it counts")
		return
	}
	if len(x.Lhs) == len(x.Rhs) {
		var vals []held
		for _, e := range x.Rhs {
			vals = append(vals, r.eval(e))
		}
		for i, l := range x.Lhs {
			r.bind(l, vals[i])
		}
		return
	}
	vals := r.several(x.Rhs[0], len(x.Lhs))
	for i, l := range x.Lhs {
		r.bind(l, vals[i])
	}
}

func (r *trial) declare(x *ast.DeclStmt) {
	d, ok := x.Decl.(*ast.GenDecl)
	if !ok || d.Tok != token.VAR {
		return
	}
	for _, s := range d.Specs {
		spec := s.(*ast.ValueSpec)
		for i, name := range spec.Names {
			switch {
			case i < len(spec.Values):
				r.bind(name, r.eval(spec.Values[i]))
			default:
				r.bind(name, r.zero(name))
			}
		}
	}
}

// zero is what a variable holds that was given nothing.
func (r *trial) zero(id *ast.Ident) held {
	switch t := orInvalid(r.info().TypeOf(id)).Underlying().(type) {
	case *types.Basic:
		switch {
		case t.Info()&types.IsBoolean != 0:
			return false
		case t.Info()&types.IsString != 0:
			return heldText{}
		}
	case *types.Slice:
		return heldList{}
	case *types.Interface, *types.Pointer, *types.Map:
		return heldNil{}
	}
	return heldUnclear{"the value of " + quoteName(id.Name)}
}
