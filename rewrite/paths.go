package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Which functions of the module lead to which, by their names in the source: enough to
// see that two places that serve, in two functions, run in one process. What goes
// through interfaces and function values is not seen.

// A step is a place in a declared function that names another one.
type step struct {
	in     *types.Func
	to     *types.Func // nil for a site
	file   *load.File
	node   ast.Node // the call, or the name where it is no call
	called bool
}

// paths are the steps of the program's functions, and those to each function.
type paths struct {
	from, to map[*types.Func][]step
}

// pathsOf reads the program once.
func pathsOf(p *load.Program) *paths {
	all := &paths{from: map[*types.Func][]step{}, to: map[*types.Func][]step{}}
	for _, pkg := range p.Packages {
		for _, f := range pkg.Files {
			for _, d := range f.AST.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
					all.read(pkg, f, d)
				}
			}
		}
	}
	return all
}

func (all *paths) read(pkg *load.Package, f *load.File, d *ast.FuncDecl) {
	in, _ := pkg.Info.Defs[d.Name].(*types.Func)
	if in == nil {
		return
	}
	all.from[in] = []step{} // it is one of the program's
	calls := map[*ast.Ident]ast.Node{}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.CallExpr:
			if id := calledIdent(x); id != nil {
				calls[id] = x
			}
		case *ast.Ident:
			to, ok := pkg.Info.Uses[x].(*types.Func)
			if !ok {
				return true
			}
			s := step{in: in, to: to.Origin(), file: f, node: x}
			if call := calls[x]; call != nil {
				s.node, s.called = call, true
			}
			all.from[in], all.to[s.to] = append(all.from[in], s), append(all.to[s.to], s)
		}
		return true
	})
}

func calledIdent(call *ast.CallExpr) *ast.Ident {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	}
	return nil
}

// toward returns, for each function from which site is reached, its calls that lead
// there; for the site's own function that is the site.
func (all *paths) toward(site sdk.Site) map[*types.Func][]step {
	d := declOf(site)
	own, _ := site.Pkg.Info.Defs[d.Name].(*types.Func)
	found := map[*types.Func][]step{own: {{in: own, file: site.File, node: site.Node, called: true}}}
	for todo := []*types.Func{own}; len(todo) > 0; {
		fn := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, s := range all.to[fn] {
			if found[s.in] == nil {
				todo = append(todo, s.in)
			}
			if s.in != own { // a function that calls itself is as good as one that does not
				found[s.in] = append(found[s.in], s)
			}
		}
	}
	return found
}

// meet reports whether one run of a function leads to both sites, which stand in
// different ones.
func (all *paths) meet(a, b sdk.Site) bool {
	toA, toB := all.toward(a), all.toward(b)
	for fn, steps := range toA {
		for _, x := range steps {
			for _, y := range toB[fn] {
				if x.called && y.called && x.node != y.node && all.bothRun(x, y) {
					return true
				}
			}
		}
	}
	return false
}

// bothRun reports whether one run of their function comes past both steps.
func (all *paths) bothRun(x, y step) bool {
	if y.node.Pos() < x.node.Pos() {
		x, y = y, x
	}
	if waiting(x) != waiting(y) {
		return false // what is not called here and now may run at any time, or never
	}
	return !exclusiveIn(x.file, x.node, y.node) && !all.stays(x) && !leaves(x, y)
}

// waiting returns the function literal around a step that is kept and not called.
func waiting(s step) *ast.FuncLit {
	path, _ := astutil.PathEnclosingInterval(s.file.AST, s.node.Pos(), s.node.End())
	for i, n := range path {
		lit, ok := n.(*ast.FuncLit)
		if !ok {
			continue
		}
		if call, ok := path[i+1].(*ast.CallExpr); !ok || call.Fun != ast.Expr(lit) {
			return lit
		}
	}
	return nil
}

// listening are names of functions that serve until the end of the program.
var listening = map[string]bool{
	"ListenAndServe": true, "ListenAndServeTLS": true, "Serve": true, "ServeTLS": true, "Start": true, "StartTLS": true,
	"Run": true, "RunTLS": true, "Listen": true, "ServeStdio": true,
}

// stays reports whether a step does not come back while the program serves: it is, or
// leads to, a call that listens, and no goroutine of its own.
func (all *paths) stays(s step) bool { return all.staysIn(s, map[*types.Func]bool{}) }

func (all *paths) staysIn(s step, seen map[*types.Func]bool) bool {
	call, ok := s.node.(*ast.CallExpr)
	if !ok || inGoroutine(s) || seen[s.to] {
		return false
	}
	steps, own := all.from[s.to]
	if !own {
		id := calledIdent(call)
		return id != nil && listening[id.Name]
	}
	seen[s.to] = true
	return slices.ContainsFunc(steps, func(s step) bool { return waiting(s) == nil && all.staysIn(s, seen) })
}

func inGoroutine(s step) bool {
	path, _ := astutil.PathEnclosingInterval(s.file.AST, s.node.Pos(), s.node.End())
	return slices.ContainsFunc(path, func(n ast.Node) bool { _, ok := n.(*ast.GoStmt); return ok })
}

// leaves reports whether the function ends between the steps, where it came past the
// first: that stands in a branch that ends it.
func leaves(x, y step) bool {
	path, _ := astutil.PathEnclosingInterval(x.file.AST, x.node.Pos(), x.node.End())
	for _, n := range path {
		if n.Pos() <= y.node.Pos() && y.node.End() <= n.End() {
			return false
		}
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		case *ast.ReturnStmt:
			return true
		}
		if len(list) > 0 && ends(list[len(list)-1]) {
			return true
		}
	}
	return false
}

// ends reports whether a statement ends its function or the program.
func ends(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id := calledIdent(call)
		return id != nil && (id.Name == "panic" || id.Name == "Exit" || id.Name == "Fatal" || id.Name == "Fatalf" || id.Name == "Fatalln")
	}
	return false
}
