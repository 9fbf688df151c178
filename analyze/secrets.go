package analyze

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
)

// What a credential may be compared with. A comparison proves something only where a
// stranger can't know the other side: it has to come from outside of the source, and
// requests must have no way to set it. The list is short on purpose; what else holds
// secrets, such as a settings file that a library decodes, makes a verdict unknown.

// notSecret says why what e comes from is no secret; "" when it is one.
func (m *machine) notSecret(e ast.Expr) string {
	if m.a.scribbles() {
		return "what it is compared with at " + m.at(e) + " may be changed by a request"
	}
	return m.a.openOrigins(m.a.flow.Origins(e, m.a.flow.Root(m.fn)), m.at(e), 0)
}

func (a *analysis) openOrigins(origins []flow.Origin, at string, depth int) string {
	if len(origins) == 0 || depth > 8 {
		return "where the secret that it is compared with at " + at + " comes from is not known"
	}
	for _, o := range origins {
		if why := a.openOrigin(o, at, depth); why != "" {
			return why
		}
	}
	return ""
}

func (a *analysis) openOrigin(o flow.Origin, at string, depth int) string {
	switch {
	case o.Kind == flow.Const && o.Value == "", o.Kind == flow.Nil:
		return "" // whether it may be empty is asked elsewhere
	case o.Kind == flow.Const:
		return "the secret that it is compared with at " + at + " stands in the source at " + a.where(o.Frame.Fn, o.Expr.Pos())
	case o.Kind == flow.Result && o.Callee != nil:
		if arg := keepsSecret(o); arg != nil {
			return a.openOrigins(a.flow.Origins(arg, o.Frame), at, depth+1)
		}
		if !a.givesSecret(o) {
			break
		}
		if where := a.tellsIt(o.Call); where != "" {
			return "the secret that it is compared with at " + at + " is told to callers at " + where
		}
		return ""
	}
	return "where the secret that it is compared with at " + at + " comes from is not known"
}

// keepsSecret returns the argument that the result of a call is as secret as; nil for
// calls that may make it less.
func keepsSecret(o flow.Origin) ast.Expr {
	switch o.Callee.FullName() {
	case "strings.TrimSpace", "bytes.TrimSpace", "strings.Clone", "strings.Split", "strings.Fields", "crypto/sha256.Sum256", "crypto/sha512.Sum512":
		return o.Call.Expr.Args[0]
	}
	return nil
}

// givesSecret reports whether a call reads what whoever runs the program gave it: the
// environment, unless the program changes that itself, a file, or a flag without a
// default.
func (a *analysis) givesSecret(o flow.Origin) bool {
	switch o.Callee.FullName() {
	case "os.Getenv", "os.LookupEnv":
		return o.Index == 0 && !a.runs("os.Setenv") && !a.runs("syscall.Setenv")
	case "os.ReadFile":
		return o.Index == 0 && len(o.Call.Expr.Args) == 1 && !a.runs("os.WriteFile")
	case "flag.String", "(*flag.FlagSet).String":
		v := o.Call.In.Pkg.Info.Types[o.Call.Expr.Args[1]].Value
		return v != nil && constText(v) == "" && !a.runs("flag.Set")
	}
	return false
}

// tellsIt says where, while a request is served, the result of a call is given to other
// code that may answer with it; "" for nowhere.
func (a *analysis) tellsIt(source *flow.Call) string {
	for _, fn := range a.whileServing() {
		for _, e := range givenAway(a, fn) {
			for _, o := range a.flow.Origins(e, a.flow.Root(fn)) {
				if o.Kind == flow.Result && o.Call == source {
					return a.where(fn, e.Pos())
				}
			}
		}
	}
	return ""
}

// givenAway lists the texts in a body that other code gets, or that go into a value.
func givenAway(a *analysis, fn *flow.Func) []ast.Expr {
	var list []ast.Expr
	add := func(e ast.Expr) {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		if fn.Pkg.Info.Types[e].Value == nil && isText(orInvalid(fn.Pkg.Info.TypeOf(e))) {
			list = append(list, e)
		}
	}
	for _, c := range fn.Calls {
		if c.Convert || c.Builtin != "" || c.Callee != nil && (a.flow.FuncOf(c.Callee) != nil || comparing[c.Callee.FullName()] || purePackages[pkgPath(c.Callee)] || strings.HasPrefix(pkgPath(c.Callee), "log")) {
			continue
		}
		for _, arg := range c.Expr.Args {
			add(arg)
		}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok {
			for _, elt := range lit.Elts {
				add(elt)
			}
		}
		return true
	})
	return list
}

// runs reports whether the module calls a function anywhere.
func (a *analysis) runs(name string) bool {
	for _, c := range a.flow.Calls {
		if c.Callee != nil && c.Callee.FullName() == name {
			return true
		}
	}
	return false
}

// scribbles reports whether, while a request is served, the module writes through a
// pointer, or lets other code do so, to what outlives the request: what that is can't
// be told, and may be a secret.
func (a *analysis) scribbles() bool {
	if a.scribbled == nil {
		found := false
		for _, fn := range a.whileServing() {
			found = found || a.scribblesIn(fn)
		}
		a.scribbled = &found
	}
	return *a.scribbled
}

// whileServing are the functions that take a request, and what they call.
func (a *analysis) whileServing() []*flow.Func {
	if a.serving != nil {
		return a.serving
	}
	reached := map[*flow.Func]bool{}
	add := func(fn *flow.Func) {
		if fn != nil && fn.Body != nil && !reached[fn] {
			reached[fn], a.serving = true, append(a.serving, fn)
		}
	}
	for _, c := range a.flow.Calls {
		if inHandler(c.In) {
			add(c.In)
		}
	}
	for i := 0; i < len(a.serving); i++ { // grows
		a.mayCall(a.serving[i], add)
	}
	return a.serving
}

// mayCall gives add the functions of the module that fn may call, and those in it.
func (a *analysis) mayCall(fn *flow.Func, add func(*flow.Func)) {
	for _, c := range fn.Calls {
		switch {
		case c.Iface:
			for _, m := range a.flow.Implementing(c.Callee) {
				add(m)
			}
		case c.Callee != nil:
			add(a.flow.FuncOf(c.Callee))
		}
	}
	for _, lit := range fn.Lits {
		add(lit)
	}
}

func (a *analysis) scribblesIn(fn *flow.Func) bool {
	found := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok {
			for _, l := range s.Lhs {
				star, is := ast.Unparen(l).(*ast.StarExpr)
				found = found || is && !isNetHTTP(fn.Pkg.Info.TypeOf(star.X), "Request")
			}
		}
		return !found
	})
	for _, c := range fn.Calls {
		if found || c.Convert || c.Builtin != "" || c.Callee != nil && (a.flow.FuncOf(c.Callee) != nil || printing[pkgPath(c.Callee)] && !decodes(c.Callee)) {
			continue
		}
		for _, arg := range c.Expr.Args {
			found = found || outlives(fn, arg)
		}
	}
	return found
}

func pkgPath(f *types.Func) string {
	if f.Pkg() == nil {
		return ""
	}
	return f.Pkg().Path()
}

// decodes reports whether a function of a package that prints and encodes fills what it
// is given.
func decodes(f *types.Func) bool {
	switch f.Name() {
	case "Unmarshal", "Decode", "Scan", "Sscan", "Sscanf", "Sscanln", "Fscan", "Fscanf", "Fscanln", "Scanf", "Scanln", "Read":
		return true
	}
	return false
}

// outlives reports whether an argument is the address of what was there before the
// request: a field, or a variable of no function that serves one. A pointer that is
// kept in a field counts where it is one to a text, or to a struct of the module.
func outlives(fn *flow.Func, arg ast.Expr) bool {
	u, ok := ast.Unparen(arg).(*ast.UnaryExpr)
	if !ok {
		_, field := ast.Unparen(arg).(*ast.SelectorExpr)
		p, isPointer := orInvalid(fn.Pkg.Info.TypeOf(arg)).Underlying().(*types.Pointer)
		return field && isPointer && isBasic(p.Elem())
	}
	e := ast.Unparen(u.X)
	if _, made := e.(*ast.CompositeLit); made {
		return false
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return true
	}
	v, ok := objectOf(fn.Pkg.Info, id).(*types.Var)
	return ok && !declaredWhileServing(fn, v)
}

// declaredWhileServing reports whether a variable is one of a function that runs for a
// request, and not of the one that made that function.
func declaredWhileServing(fn *flow.Func, v *types.Var) bool {
	for in := fn; in != nil && in.Type != nil; in = in.Outer {
		if in.Type.Pos() <= v.Pos() && v.Pos() < in.Body.End() {
			inner := true
			for _, lit := range in.Lits {
				inner = inner && !takesRequest(lit.Sig)
			}
			return takesRequest(in.Sig) || inner
		}
	}
	return false
}
