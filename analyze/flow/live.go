package flow

import (
	"go/ast"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Which functions may run. Registrations in functions that nobody refers to are
// not served, so they must not be reported.

// Live reports whether fn may run when a program of the module runs; in a module
// without a main package, when somebody uses its exported functions. In a
// workspace that goes for a module that no program of it reaches.
func (g *Graph) Live(fn *Func) bool { return fn != nil && fn.live }

// MakeExportedLive also counts everything that exported functions reach: for
// modules whose programs don't reach what is looked for.
func (g *Graph) MakeExportedLive() {
	w := &liveness{g: g, types: map[*types.TypeName]bool{}, names: map[string]bool{}}
	for _, fn := range g.Funcs {
		if fn.Decl != nil && fn.Decl.Name.IsExported() || starting(fn) {
			w.mark(fn)
		}
	}
	for _, fn := range g.Funcs {
		if fn.live {
			w.mark(fn)
		}
	}
	w.run()
	clear(g.memo)
	clear(g.givens)
	clear(g.namedBy)
}

func (g *Graph) findLive() {
	g.findTaken()
	w := &liveness{g: g, types: map[*types.TypeName]bool{}, names: map[string]bool{}}
	mains := false
	for _, fn := range g.Funcs {
		switch {
		case starting(fn):
			if g.inProgram(fn.Pkg.Types) {
				w.mark(fn)
			}
		case fn.Obj != nil && fn.Obj.Name() == "main" && fn.Pkg.Name == "main" && fn.Decl.Recv == nil:
			mains = true
			w.mark(fn)
		}
	}
	w.run()
	if !mains {
		g.MakeExportedLive()
		return
	}
	w.unreached()
}

// starting reports whether fn runs when a program that its package is linked into
// starts: an init function, or what initializes variables.
func starting(fn *Func) bool {
	return fn.Body == nil || fn.Obj != nil && fn.Decl.Recv == nil && fn.Obj.Name() == "init"
}

// unreached makes the exported functions live of every module of a workspace that
// no program of it reaches: others use it, who are not to be seen.
func (w *liveness) unreached() {
	reached := map[*load.Module]bool{}
	for _, fn := range w.g.Funcs {
		if fn.live && fn.Body != nil && (fn.Obj == nil || fn.Obj.Name() != "init") {
			reached[fn.Pkg.Module] = true
		}
	}
	for _, fn := range w.g.Funcs {
		m := fn.Pkg.Module
		if m != nil && m.Whole && !reached[m] && (fn.Decl != nil && fn.Decl.Name.IsExported() || starting(fn)) {
			w.mark(fn)
		}
	}
	w.run()
}

// findTaken finds functions that are used as values: references that are not
// the function of a call.
func (g *Graph) findTaken() {
	count := map[*types.Func]int{}
	for _, refs := range g.refs {
		for _, f := range refs {
			count[f]++
		}
	}
	for f, calls := range g.callers {
		count[f] -= len(calls)
	}
	for f, n := range count {
		g.taken[f] = n > 0
	}
}

// A liveness run marks functions until nothing is added.
type liveness struct {
	g     *Graph
	todo  []*Func
	done  map[*Func]bool
	types map[*types.TypeName]bool // types that live code names or makes
	names map[string]bool          // interface methods that live code calls
}

func (w *liveness) mark(fn *Func) {
	if w.done == nil {
		w.done = map[*Func]bool{}
	}
	if fn == nil || w.done[fn] {
		return
	}
	w.done[fn] = true
	fn.live = true
	w.todo = append(w.todo, fn)
}

func (w *liveness) run() {
	for len(w.todo) > 0 {
		for len(w.todo) > 0 {
			fn := w.todo[len(w.todo)-1]
			w.todo = w.todo[:len(w.todo)-1]
			w.follow(fn)
		}
		w.methods()
	}
}

func (w *liveness) follow(fn *Func) {
	for _, lit := range fn.Lits {
		w.mark(lit)
	}
	for _, f := range w.g.refs[fn] {
		if isInterfaceMethod(f) {
			w.names[f.Name()] = true
			continue
		}
		w.mark(w.g.ofObj[f])
	}
	w.usedTypes(fn)
}

// usedTypes notes the named types that fn's body names, and those of its calls' results.
func (w *liveness) usedTypes(fn *Func) {
	body := ast.Node(fn.Body)
	if fn.Body == nil {
		body = fn.File.AST
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.FuncDecl:
			return fn.Body != nil
		case *ast.BasicLit:
		case ast.Expr:
			w.useType(fn.Pkg.Info.TypeOf(x))
		}
		return true
	})
}

func (w *liveness) useType(t types.Type) {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := t.(*types.Named); ok {
		w.types[n.Obj()] = true
	}
}

// frameworkCalls are methods that frameworks call by reflection or through
// interfaces of their own, which no code of the module refers to.
var frameworkCalls = map[string]bool{
	"ServeHTTP": true, "Run": true, "RunE": true, "Execute": true, "Start": true, "Init": true, "Invoke": true, "Serve": true,
}

// methods marks the methods of used types that are called through an interface.
func (w *liveness) methods() {
	for _, fn := range w.g.Funcs {
		if fn.Decl == nil || fn.Decl.Recv == nil || w.done[fn] {
			continue
		}
		t := fn.Sig.Recv().Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		n, ok := t.(*types.Named)
		if ok && w.types[n.Obj()] && (w.names[fn.Obj.Name()] || frameworkCalls[fn.Obj.Name()]) {
			w.mark(fn)
		}
	}
}
