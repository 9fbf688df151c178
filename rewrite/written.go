package rewrite

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// What an earlier run wrote is read back from the file: its functions have the shapes
// that the template gives them. What has another shape is not understood, and such a
// file is nobody's but the person's.

// writtenMark stands at the head of every wiring file.
const writtenMark = "mcp-migrate wrote it once"

// A wiringReader reads one wiring file.
type wiringReader struct {
	pkg     *load.Package
	file    *load.File
	side    *sidecar
	guard   string // type of a guard, as types.TypeString has it
	decls   map[string]*ast.FuncDecl
	unclear bool
}

// readWiring returns the wiring that f is for the SDK of wirer, or nil for a file that
// is none, or that can't be read back for certain.
func (b *builder) readWiring(pkg *load.Package, f *load.File, wirer sdk.Wirer) *sidecar {
	if f.AST == nil || f.Cgo || !bytes.Contains(f.Src, []byte(writtenMark)) {
		return nil
	}
	adapter := b.adapterOf(f, wirer.Adapter())
	if adapter == "" {
		return nil
	}
	r := &wiringReader{pkg: pkg, file: f, guard: "*" + adapter + ".Guard", decls: map[string]*ast.FuncDecl{}}
	r.side = &sidecar{pkg: pkg, wirer: wirer, adapter: wirer.Adapter(), rel: f.Rel, disk: f}
	r.read()
	if r.unclear || len(r.side.guards) == 0 && r.side.checker == "" && r.side.eachChecker == "" {
		return nil
	}
	r.side.was = r.side.snapshot()
	return r.side
}

// adapterOf returns the import path of authlib's adapter in f, "" where there is none:
// out of a copy of ours, or out of this tool's module.
func (b *builder) adapterOf(f *load.File, name string) string {
	for _, spec := range f.AST.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		core, ok := strings.CutSuffix(p, "/"+name)
		if err != nil || !ok {
			continue
		}
		copied := func(pkg *load.Package) bool { return pkg.Path == core && ourCopy(pkg.Dir, ".") }
		if core == bundlePath || slices.ContainsFunc(b.prog.Packages, copied) {
			return p
		}
	}
	return ""
}

func (r *wiringReader) read() {
	var list []*ast.FuncDecl
	for _, d := range r.file.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Body != nil {
			r.decls[fn.Name.Name] = fn
			list = append(list, fn)
		}
	}
	for _, pass := range []func(*ast.FuncDecl){r.shared, r.constructor, r.stdio} {
		for _, fn := range list {
			pass(fn)
		}
	}
}

// signature returns the types of a function's parameters and results.
func (r *wiringReader) signature(fn *ast.FuncDecl) (params, results []types.Type) {
	obj, ok := r.pkg.Info.Defs[fn.Name].(*types.Func)
	if !ok {
		return nil, nil
	}
	sig := obj.Signature()
	for v := range sig.Params().Variables() {
		params = append(params, v.Type())
	}
	for v := range sig.Results().Variables() {
		results = append(results, v.Type())
	}
	return params, results
}

// makesGuard reports whether results are those of a function that makes a guard.
func (r *wiringReader) makesGuard(results []types.Type) bool {
	return len(results) == 2 && types.TypeString(results[0], nil) == r.guard
}

// shared reads what is there once: the helper and the checkers.
func (r *wiringReader) shared(fn *ast.FuncDecl) {
	params, results := r.signature(fn)
	switch name := fn.Name.Name; {
	case r.makesGuard(results) && len(params) == 3:
		r.side.helper = name
	case len(params) != 1 || len(results) != 1 || !types.Identical(params[0], results[0]):
	case isFunc(params[0]):
		r.side.eachChecker = name
	default:
		r.side.checker = name
	}
}

func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// constructor reads a function that makes the guard of one resource.
func (r *wiringReader) constructor(fn *ast.FuncDecl) {
	params, results := r.signature(fn)
	env := resourceOf(fn)
	if !r.makesGuard(results) || len(params) > 1 || env == "" {
		return
	}
	g := &guarded{constructor: fn.Name.Name, env: env, takesServer: len(params) == 1, resource: defaultOf(fn)}
	g.variable = "mcpAuth" + strings.TrimPrefix(g.constructor, "newMCPAuth")
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			r.calledBy(g, n)
		case *ast.KeyValueExpr:
			g.further = g.further || lastIdent(n.Key) == "PathIssuer" && lastIdent(n.Value) == "true"
		}
		return true
	})
	if g.policy == "" {
		r.unclear = true
		return
	}
	g.sibling = slices.ContainsFunc(r.side.guards, func(o *guarded) bool { return o.policy == g.policy })
	g.named, g.id = r.named(g.policy), serverNamed(fn)
	r.side.guards = append(r.side.guards, g)
}

// calledBy notes what a call in a constructor says of its guard.
func (r *wiringReader) calledBy(g *guarded, call *ast.CallExpr) {
	name := lastIdent(call.Fun)
	fn := r.decls[name]
	if _, plain := call.Fun.(*ast.Ident); !plain || fn == nil {
		return
	}
	if name == r.side.helper && len(call.Args) == 3 {
		g.further = g.further || lastIdent(call.Args[1]) == "true"
		return
	}
	_, results := r.signature(fn)
	if len(call.Args) == 0 && len(results) == 1 && strings.HasSuffix(types.TypeString(results[0], nil), ".Policy") {
		g.policy = name
	}
}

// stdio reads a function that makes the guard of what is served over stdio.
func (r *wiringReader) stdio(fn *ast.FuncDecl) {
	params, results := r.signature(fn)
	if !r.makesGuard(results) || len(params) > 0 || resourceOf(fn) != "" {
		return
	}
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		for _, g := range r.side.guards {
			if lastIdent(call.Fun) == g.constructor {
				g.stdio, found = fn.Name.Name, true
			}
		}
		return true
	})
	r.unclear = r.unclear || !found
}

// resourceOf returns the variable that a constructor reads its resource from: its
// first statement is resource := os.Getenv("…").
func resourceOf(fn *ast.FuncDecl) string {
	if len(fn.Body.List) == 0 {
		return ""
	}
	assign, ok := fn.Body.List[0].(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE || len(assign.Rhs) != 1 || lastIdent(assign.Lhs[0]) != "resource" {
		return ""
	}
	call, ok := assign.Rhs[0].(*ast.CallExpr)
	if !ok || lastIdent(call.Fun) != "Getenv" || len(call.Args) != 1 {
		return ""
	}
	return literal(call.Args[0])
}

// defaultOf returns the URL that a constructor takes where the variable is not set.
func defaultOf(fn *ast.FuncDecl) (url string) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if ok && assign.Tok == token.ASSIGN && len(assign.Rhs) == 1 && lastIdent(assign.Lhs[0]) == "resource" {
			url = literal(assign.Rhs[0])
		}
		return true
	})
	return url
}

// serverNamed returns the server that the comment of a constructor names, "" for none.
func serverNamed(fn *ast.FuncDecl) string {
	_, after, _ := strings.Cut(strings.Join(strings.Fields(fn.Doc.Text()), " "), " makes the guard of the server ")
	id, _, _ := strings.Cut(after, " ")
	return strings.TrimSuffix(id, ".")
}

// named returns what the literal of a policy names, as a server that has it all.
func (r *wiringReader) named(policy string) *analyze.Server {
	s := &analyze.Server{}
	lists := map[string]*[]*analyze.Registration{"Tools": &s.Tools, "Prompts": &s.Prompts, "Resources": &s.Resources}
	ast.Inspect(r.decls[policy].Body, func(n ast.Node) bool {
		field, ok := n.(*ast.KeyValueExpr)
		if !ok || lists[lastIdent(field.Key)] == nil {
			return true
		}
		if lit, ok := field.Value.(*ast.CompositeLit); ok {
			for _, e := range lit.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && literal(kv.Key) != "" {
					list := lists[lastIdent(field.Key)]
					*list = append(*list, &analyze.Registration{Name: literal(kv.Key)})
				}
			}
		}
		return false
	})
	return s
}

// lastIdent returns the name that e is or ends with.
func lastIdent(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literal returns the value of a string literal, "" for anything else.
func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

// isWiring reports whether f lies in the folder of pkg and is a wiring file of ours.
func isWiring(f *load.File) bool {
	return strings.HasPrefix(filepath.Base(f.Path), "mcp_auth") && bytes.Contains(f.Src, []byte(writtenMark))
}
