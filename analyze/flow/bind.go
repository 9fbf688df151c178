package flow

import (
	"go/ast"
	"go/token"
	"go/types"
)

var (
	elemStep = Step{}
	keyStep  = Step{Key: true}
)

// stmt records the bindings that one statement makes.
func (ix *indexer) stmt(s ast.Stmt) {
	switch x := s.(type) {
	case *ast.AssignStmt:
		ix.assign(x)
	case *ast.RangeStmt:
		ix.rangeStmt(x)
	case *ast.ReturnStmt:
		ix.fn.Returns = append(ix.fn.Returns, x)
		for _, e := range x.Results {
			ix.target(e, ix.obj())
		}
	case *ast.SendStmt:
		ix.bindElem(x.Chan, binding{expr: x.Value, in: ix.fn, pos: x.Pos()})
	case *ast.TypeSwitchStmt:
		ix.typeSwitch(x)
	}
}

func (ix *indexer) obj() types.Object {
	for fn := ix.fn; fn != nil; fn = fn.Outer {
		if fn.Obj != nil {
			return fn.Obj
		}
	}
	return nil
}

func (ix *indexer) assign(x *ast.AssignStmt) {
	if x.Tok != token.ASSIGN && x.Tok != token.DEFINE {
		// s += t is s = s + t.
		sum := &ast.BinaryExpr{X: x.Lhs[0], OpPos: x.TokPos, Op: x.Tok + (token.ADD - token.ADD_ASSIGN), Y: x.Rhs[0]}
		ix.bind(x.Lhs[0], binding{expr: sum, in: ix.fn, pos: x.Lhs[0].Pos()})
		return
	}
	for i, l := range x.Lhs {
		if len(x.Lhs) == len(x.Rhs) {
			ix.bind(l, binding{expr: x.Rhs[i], in: ix.fn, pos: l.Pos()})
		} else {
			ix.bind(l, binding{expr: x.Rhs[0], index: i, in: ix.fn, pos: l.Pos()})
		}
	}
}

func (ix *indexer) valueSpec(x *ast.ValueSpec) {
	for i, name := range x.Names {
		switch {
		case len(x.Values) == len(x.Names):
			ix.bind(name, binding{expr: x.Values[i], in: ix.fn, pos: name.Pos()})
		case len(x.Values) == 1:
			ix.bind(name, binding{expr: x.Values[0], index: i, in: ix.fn, pos: name.Pos()})
		default:
			ix.own(name)
		}
	}
}

func (ix *indexer) rangeStmt(x *ast.RangeStmt) {
	if x.Key != nil {
		step := keyStep
		if isChan(ix.typeOf(x.X)) {
			step = elemStep
		}
		ix.bind(x.Key, binding{expr: x.X, take: &step, in: ix.fn, pos: x.Key.Pos()})
	}
	if x.Value != nil {
		ix.bind(x.Value, binding{expr: x.X, take: &elemStep, in: ix.fn, pos: x.Value.Pos()})
	}
}

func isChan(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// typeSwitch binds the variable of each clause to the value switched on.
func (ix *indexer) typeSwitch(x *ast.TypeSwitchStmt) {
	a, ok := x.Assign.(*ast.AssignStmt)
	if !ok || len(a.Rhs) != 1 {
		return
	}
	for _, s := range x.Body.List {
		if v, ok := ix.fn.Pkg.Info.Implicits[s].(*types.Var); ok {
			ix.g.owner[v] = ix.fn
			ix.g.binds[v] = append(ix.g.binds[v], binding{expr: a.Rhs[0], in: ix.fn, pos: s.Pos()})
		}
	}
}

// bind records that l gets b.
func (ix *indexer) bind(l ast.Expr, b binding) {
	info := ix.fn.Pkg.Info
	switch x := ast.Unparen(l).(type) {
	case *ast.Ident:
		ix.own(x)
		if v := varOf(info, x); v != nil {
			ix.g.binds[v] = append(ix.g.binds[v], b)
			ix.target(b.expr, v)
		}
	case *ast.SelectorExpr:
		ix.bindField(x, b)
	case *ast.IndexExpr:
		ix.bindElem(x.X, b)
		ix.bindKey(x.X, binding{expr: x.Index, in: ix.fn, pos: x.Pos()})
	case *ast.StarExpr:
		ix.bind(x.X, b)
	}
}

func (ix *indexer) bindField(x *ast.SelectorExpr, b binding) {
	info := ix.fn.Pkg.Info
	s := info.Selections[x]
	if s == nil { // package.Var
		if v, ok := info.Uses[x.Sel].(*types.Var); ok {
			ix.g.binds[v] = append(ix.g.binds[v], b)
			ix.target(b.expr, v)
		}
		return
	}
	f, ok := s.Obj().(*types.Var)
	if !ok {
		return
	}
	f = f.Origin()
	ix.g.stores[f] = append(ix.g.stores[f], b)
	ix.target(b.expr, f)
	ix.later(x, b)
	if id, ok := ast.Unparen(x.X).(*ast.Ident); ok {
		if v := varOf(info, id); v != nil {
			ix.g.ofVar[varField{v, f}] = append(ix.g.ofVar[varField{v, f}], b)
		}
	}
}

func (ix *indexer) bindElem(container ast.Expr, b binding) {
	if v := rootVar(ix.fn.Pkg.Info, container); v != nil {
		ix.g.elems[v] = append(ix.g.elems[v], b)
	}
}

func (ix *indexer) bindKey(container ast.Expr, b binding) {
	if v := rootVar(ix.fn.Pkg.Info, container); v != nil {
		ix.g.keys[v] = append(ix.g.keys[v], b)
	}
}

// rootVar returns the variable or field that an expression names; nil for others.
func rootVar(info *types.Info, e ast.Expr) *types.Var {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return varOf(info, x)
	case *ast.SelectorExpr:
		if s := info.Selections[x]; s != nil {
			v, _ := s.Obj().(*types.Var)
			if v == nil {
				return nil
			}
			return v.Origin()
		}
		v, _ := info.Uses[x.Sel].(*types.Var)
		return v
	case *ast.StarExpr:
		return rootVar(info, x.X)
	case *ast.IndexExpr:
		return rootVar(info, x.X)
	}
	return nil
}

func varOf(info *types.Info, id *ast.Ident) *types.Var {
	if v, ok := info.Defs[id].(*types.Var); ok {
		return v
	}
	v, _ := info.Uses[id].(*types.Var)
	return v
}

// target remembers the first name that an expression's value gets.
func (ix *indexer) target(e ast.Expr, o types.Object) {
	e = ast.Unparen(e)
	if _, ok := ix.g.targets[e]; !ok && o != nil {
		ix.g.targets[e] = o
	}
	if u, ok := e.(*ast.UnaryExpr); ok && u.Op == token.AND && o != nil {
		ix.g.pointers[ast.Unparen(u.X)] = o
	}
}

// composite records what a struct literal gives its fields.
func (ix *indexer) composite(x *ast.CompositeLit) {
	st := structOf(ix.typeOf(x))
	if st == nil {
		return
	}
	for i, elt := range x.Elts {
		f, val := fieldElt(ix.fn.Pkg.Info, st, i, elt)
		if f == nil {
			continue
		}
		ix.g.fields[f] = append(ix.g.fields[f], binding{expr: val, in: ix.fn, pos: elt.Pos()})
		ix.target(val, f)
	}
}

// fieldElt returns the field and value of element i of a struct literal.
func fieldElt(info *types.Info, st *types.Struct, i int, elt ast.Expr) (*types.Var, ast.Expr) {
	kv, ok := elt.(*ast.KeyValueExpr)
	if !ok {
		if i >= st.NumFields() {
			return nil, nil
		}
		return st.Field(i).Origin(), elt
	}
	id, ok := kv.Key.(*ast.Ident)
	if !ok {
		return nil, nil
	}
	if v, ok := info.Uses[id].(*types.Var); ok {
		return v.Origin(), kv.Value
	}
	return nil, nil
}

// structOf returns the struct below t, through a pointer; nil if there is none.
func structOf(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, _ := t.Underlying().(*types.Struct)
	return st
}
