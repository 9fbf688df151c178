package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A binding is one way that a variable or field gets a value.
type binding struct {
	expr  ast.Expr
	index int       // which result of expr
	take  *Step     // take this of expr: range loops
	in    *Func     // function that the binding stands in
	pos   token.Pos // position of the bound name
}

// A Graph holds the facts of a module that questions are answered from. It is
// built once; questions then only add to its caches, so it is for one goroutine.
type Graph struct {
	Prog  *load.Program
	Funcs []*Func // in source order
	Calls []*Call // in source order

	// Stop says which functions are not entered: calls of them are origins.
	Stop func(*types.Func) bool

	ofObj     map[*types.Func]*Func
	ofLit     map[*ast.FuncLit]*Func
	ofCall    map[*ast.CallExpr]*Call
	owner     map[*types.Var]*Func // function that declares a local or parameter
	binds     map[*types.Var][]binding
	elems     map[*types.Var][]binding // stores into elements of a variable or field
	keys      map[*types.Var][]binding
	stores    map[*types.Var][]binding  // x.f = e, by field
	ofVar     map[varField][]binding    // v.f = e, by variable and field
	later     map[*types.Var][]Store    // v.f.g = e, by variable
	programs  []map[*types.Package]bool // by main package: what is linked with it
	filled    map[*types.Var][]*Call    // calls that decode data into a variable
	pointers  map[ast.Expr]types.Object // targets of &e, by e
	fields    map[*types.Var][]binding  // T{f: e}, by field
	callers   map[*types.Func][]*Call
	taken     map[*types.Func]bool // used as a value
	refs      map[*Func][]*types.Func
	targets   map[ast.Expr]types.Object    // what an expression is bound to first
	dynamic   map[shape][]*Call            // calls of function values
	byName    map[string][]*types.Func     // interface methods that are called
	fits      map[*types.Func][]types.Type // types of the module that have an interface method
	types     []*types.TypeName            // concrete types of the module
	mine      map[*types.Package]bool      // packages of the module
	namedBy   map[*Func][]*Call            // memo of namedCallers
	gotos     map[*Func]bool
	addressed map[*types.Var]bool

	paths   map[Step]map[*Path]*Path
	frames  map[Frame]*Frame
	memo    map[memoKey][]Origin
	reached map[useKey]arrivals   // memo of reaching
	givens  map[givenKey][]Origin // memo of given
	asking  map[givenKey]bool
	active  map[memoKey]bool
	cuts    int
	left    int
}

type varField struct{ v, f *types.Var }

// New indexes a program. stop may be nil.
func New(p *load.Program, stop func(*types.Func) bool) *Graph {
	if stop == nil {
		stop = func(*types.Func) bool { return false }
	}
	g := &Graph{
		Prog: p, Stop: stop,
		ofObj: map[*types.Func]*Func{}, ofLit: map[*ast.FuncLit]*Func{},
		owner: map[*types.Var]*Func{}, binds: map[*types.Var][]binding{}, elems: map[*types.Var][]binding{},
		keys: map[*types.Var][]binding{}, stores: map[*types.Var][]binding{}, ofVar: map[varField][]binding{},
		fields: map[*types.Var][]binding{}, callers: map[*types.Func][]*Call{}, taken: map[*types.Func]bool{},
		later: map[*types.Var][]Store{}, pointers: map[ast.Expr]types.Object{}, filled: map[*types.Var][]*Call{}, refs: map[*Func][]*types.Func{}, gotos: map[*Func]bool{}, addressed: map[*types.Var]bool{}, targets: map[ast.Expr]types.Object{},
		byName: map[string][]*types.Func{}, fits: map[*types.Func][]types.Type{}, mine: map[*types.Package]bool{},
		dynamic: map[shape][]*Call{}, namedBy: map[*Func][]*Call{}, reached: map[useKey]arrivals{}, givens: map[givenKey][]Origin{}, asking: map[givenKey]bool{},
		paths: map[Step]map[*Path]*Path{}, frames: map[Frame]*Frame{}, memo: map[memoKey][]Origin{}, active: map[memoKey]bool{},
	}
	n := calls(p)
	g.ofCall, g.Calls = make(map[*ast.CallExpr]*Call, n), make([]*Call, 0, n)
	for _, pkg := range p.Packages {
		g.mine[pkg.Types] = true
		g.indexTypes(pkg.Types.Scope())
		for _, file := range pkg.Files {
			g.indexFile(pkg, file)
		}
	}
	g.mirrors()
	for f := range g.callers {
		if isInterfaceMethod(f) {
			g.byName[f.Name()] = append(g.byName[f.Name()], f)
		}
	}
	g.findPrograms()
	g.findLive()
	return g
}

// calls guesses how many calls there are in a program: one in so many bytes.
func calls(p *load.Program) int {
	size := 0
	for _, pkg := range p.Packages {
		for _, f := range pkg.Files {
			size += len(f.Src)
		}
	}
	return size / 64
}

// Target returns the variable, field or function that the value of e is first
// bound to or returned from; nil if it has no such name.
func (g *Graph) Target(e ast.Expr) types.Object { return g.targets[e] }

// FuncOf returns the body of a declared function; nil if it is not in the module.
func (g *Graph) FuncOf(f *types.Func) *Func { return g.ofObj[f.Origin()] }

// CallOf returns the facts of a call expression.
func (g *Graph) CallOf(e *ast.CallExpr) *Call { return g.ofCall[e] }

// LitOf returns the facts of a function literal.
func (g *Graph) LitOf(e *ast.FuncLit) *Func { return g.ofLit[e] }

// An indexer walks one function body.
type indexer struct {
	g  *Graph
	fn *Func
}

func (g *Graph) indexFile(pkg *load.Package, file *load.File) {
	initial := &Func{Pkg: pkg, File: file}
	g.Funcs = append(g.Funcs, initial)
	for _, decl := range file.AST.Decls {
		d, ok := decl.(*ast.FuncDecl)
		if !ok {
			(&indexer{g, initial}).walk(decl)
			continue
		}
		obj, _ := pkg.Info.Defs[d.Name].(*types.Func)
		if obj == nil || d.Body == nil {
			continue
		}
		fn := &Func{Obj: obj, Decl: d, Pkg: pkg, File: file, Sig: obj.Signature(), Type: d.Type, Body: d.Body}
		g.Funcs, g.ofObj[obj] = append(g.Funcs, fn), fn
		ix := &indexer{g, fn}
		ix.params(d.Recv)
		ix.body(d.Type, d.Body)
	}
}

func (g *Graph) indexTypes(scope *types.Scope) {
	for _, name := range scope.Names() {
		if tn, ok := scope.Lookup(name).(*types.TypeName); ok && !tn.IsAlias() && !types.IsInterface(tn.Type()) {
			g.types = append(g.types, tn)
		}
	}
}

func (ix *indexer) body(t *ast.FuncType, b *ast.BlockStmt) {
	ix.params(t.Params)
	ix.params(t.Results)
	ix.fn.words = make([]ast.Expr, 0, int(b.End()-b.Pos())/16) // in common code
	ix.walk(b)
}

// params makes the function the owner of its parameters or results.
func (ix *indexer) params(list *ast.FieldList) {
	if list == nil {
		return
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			ix.own(name)
		}
	}
}

func (ix *indexer) own(name *ast.Ident) {
	if v, ok := ix.fn.Pkg.Info.Defs[name].(*types.Var); ok && !isGlobal(v) {
		ix.g.owner[v] = ix.fn
	}
}

func (ix *indexer) walk(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncLit:
			ix.literal(x)
			return false
		case *ast.CallExpr:
			ix.call(x)
		case *ast.CompositeLit:
			ix.fn.literals = append(ix.fn.literals, x)
			ix.composite(x)
		case *ast.UnaryExpr:
			ix.fn.addresses = append(ix.fn.addresses, x)
			ix.address(x)
		case *ast.Ident:
			ix.use(x)
		case *ast.BasicLit:
			if x.Kind == token.STRING {
				ix.fn.words = append(ix.fn.words, x)
			}
		case *ast.SelectorExpr:
			if ix.fn.Pkg.Info.Selections[x] != nil {
				ix.fn.selected = append(ix.fn.selected, x)
			}
		case ast.Stmt:
			if s, ok := x.(*ast.AssignStmt); ok {
				ix.fn.assigns = append(ix.fn.assigns, s)
			}
			ix.stmt(x)
		case *ast.ValueSpec:
			ix.valueSpec(x)
		}
		return true
	})
}

func (ix *indexer) literal(x *ast.FuncLit) {
	sig, _ := ix.typeOf(x).(*types.Signature)
	fn := &Func{Lit: x, Outer: ix.fn, Pkg: ix.fn.Pkg, File: ix.fn.File, Sig: sig, Type: x.Type, Body: x.Body}
	ix.fn.Lits = append(ix.fn.Lits, fn)
	ix.g.Funcs, ix.g.ofLit[x] = append(ix.g.Funcs, fn), fn
	(&indexer{ix.g, fn}).body(x.Type, x.Body)
}

func (ix *indexer) typeOf(e ast.Expr) types.Type { return ix.fn.Pkg.Info.TypeOf(e) }

func (ix *indexer) call(x *ast.CallExpr) {
	info := ix.fn.Pkg.Info
	c := &Call{Expr: x, In: ix.fn}
	ix.g.ofCall[x], ix.g.Calls = c, append(ix.g.Calls, c)
	ix.fn.Calls = append(ix.fn.Calls, c)
	if tv, ok := info.Types[unindex(x.Fun)]; ok && tv.IsType() {
		c.Convert = true
		return
	}
	switch o := calledObject(info, x.Fun).(type) {
	case *types.Builtin:
		c.Builtin = o.Name()
	case *types.Func:
		c.Callee = o.Origin()
		c.Iface = isInterfaceMethod(c.Callee)
		ix.g.callers[c.Callee] = append(ix.g.callers[c.Callee], c)
	}
	if c.Dynamic() {
		ix.g.addDynamic(c)
	}
	ix.decoding(c)
}

// calledObject returns the object that a call's function names, if it is a plain name.
func calledObject(info *types.Info, fun ast.Expr) types.Object {
	switch f := unindex(fun).(type) {
	case *ast.Ident:
		return info.Uses[f]
	case *ast.SelectorExpr:
		if s := info.Selections[f]; s != nil {
			return s.Obj()
		}
		return info.Uses[f.Sel]
	}
	return nil
}

func isInterfaceMethod(f *types.Func) bool {
	recv := f.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

func isGlobal(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// use records references to functions, and which of them are values.
func (ix *indexer) use(id *ast.Ident) {
	obj := ix.fn.Pkg.Info.Uses[id]
	if obj != nil {
		ix.fn.words = append(ix.fn.words, id)
	}
	if f, ok := obj.(*types.Func); ok {
		ix.g.refs[ix.fn] = append(ix.g.refs[ix.fn], f.Origin())
	}
}
