package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Registrations with no server at hand, where there are several servers: a function
// that registers belongs to the servers that are given it, directly or by what it is
// called from.

// narrowed returns those of several servers whose constructor is given, or else whose
// maker mentions, what leads to the function around c. nil where that tells nothing:
// two servers that one function makes can't be told apart by what it mentions.
func (a *analysis) narrowed(servers []*Server, c *flow.Call) []*Server {
	target := a.enclosing(c.In.Pkg, c.Expr)
	if target == nil {
		return nil
	}
	var given, made []*Server
	makers := map[ast.Node]bool{}
	for _, s := range servers {
		maker := declAround(s.New.Pkg, s.New.Node)
		switch {
		case a.leadsTo(s.New.Pkg, givenTo(s.New.Pkg, s.New.Node, maker), target):
			given = append(given, s)
		case maker != nil && a.leadsTo(s.New.Pkg, []ast.Node{maker.Body}, target):
			if makers[maker] {
				return given
			}
			makers[maker] = true
			made = append(made, s)
		}
	}
	if len(given) > 0 {
		return given
	}
	return made
}

// givenTo returns a call and what the variables in it were set to in the function that
// it stands in.
func givenTo(pkg *load.Package, call ast.Node, maker *ast.FuncDecl) []ast.Node {
	nodes := []ast.Node{call}
	if maker == nil || maker.Body == nil {
		return nodes
	}
	vars := map[types.Object]bool{}
	for i := 0; i < len(nodes) && i < maxGiven; i++ {
		ast.Inspect(nodes[i], func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			if v, ok := pkg.Info.Uses[id].(*types.Var); ok && !vars[v] && !v.IsField() {
				vars[v] = true
				nodes = append(nodes, setTo(pkg, maker.Body, v)...)
			}
			return true
		})
	}
	return nodes
}

// maxGiven is how many values are followed from one constructor.
const maxGiven = 100

// setTo returns the values that a variable is set to in a body.
func setTo(pkg *load.Package, body ast.Node, v *types.Var) []ast.Node {
	var list []ast.Node
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && pkg.Info.ObjectOf(id) == v
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if slices.ContainsFunc(n.Lhs, is) {
				for _, e := range n.Rhs {
					list = append(list, e)
				}
			}
		case *ast.ValueSpec:
			if slices.ContainsFunc(n.Names, func(id *ast.Ident) bool { return is(id) }) {
				for _, e := range n.Values {
					list = append(list, e)
				}
			}
		}
		return true
	})
	return list
}

// enclosing returns the declared function that a node stands in; nil outside of functions.
func (a *analysis) enclosing(pkg *load.Package, n ast.Node) *types.Func {
	if d := declAround(pkg, n); d != nil {
		f, _ := pkg.Info.Defs[d.Name].(*types.Func)
		return f
	}
	return nil
}

func declAround(pkg *load.Package, n ast.Node) *ast.FuncDecl {
	for _, f := range pkg.Files {
		if n.Pos() < f.AST.FileStart || n.Pos() > f.AST.FileEnd {
			continue
		}
		for _, d := range f.AST.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Pos() <= n.Pos() && n.End() <= d.End() {
				return d
			}
		}
	}
	return nil
}

// leadsTo reports whether one of some nodes mentions target, or a function of the
// program that does, at any remove.
func (a *analysis) leadsTo(pkg *load.Package, nodes []ast.Node, target *types.Func) bool {
	if a.bodies == nil {
		a.bodies = declared(a.prog)
	}
	seen := map[*types.Func]bool{}
	var todo []*types.Func
	for _, n := range nodes {
		todo = append(todo, mentioned(pkg, n)...)
	}
	for len(todo) > 0 {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if f == target {
			return true
		}
		if d, ok := a.bodies[f]; ok && !seen[f] {
			seen[f] = true
			todo = append(todo, mentioned(d.pkg, d.body)...)
		}
	}
	return false
}

// A declaredBody is the body of a function of the program.
type declaredBody struct {
	pkg  *load.Package
	body ast.Node
}

func declared(p *load.Program) map[*types.Func]declaredBody {
	bodies := map[*types.Func]declaredBody{}
	for _, pkg := range p.Packages {
		for _, f := range pkg.Files {
			for _, d := range f.AST.Decls {
				d, ok := d.(*ast.FuncDecl)
				if !ok || d.Body == nil {
					continue
				}
				if fn, ok := pkg.Info.Defs[d.Name].(*types.Func); ok {
					bodies[fn] = declaredBody{pkg, d.Body}
				}
			}
		}
	}
	return bodies
}

// mentioned returns the functions that a node names.
func mentioned(pkg *load.Package, n ast.Node) []*types.Func {
	var list []*types.Func
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if f, ok := pkg.Info.Uses[id].(*types.Func); ok && !slices.Contains(list, f.Origin()) {
				list = append(list, f.Origin())
			}
		}
		return true
	})
	return list
}
