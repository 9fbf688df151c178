package analyze

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// The interpreter of checks: calls. Functions of the module are entered; of others only
// those are known that are listed here. Anything else may do more than compare, and would
// be missed.

func (r *trial) call(x *ast.CallExpr) held {
	c := r.a.flow.CallOf(x)
	if c == nil {
		return r.fail(x, "it calls what is not read")
	}
	switch {
	case c.Convert && len(x.Args) == 1:
		return r.eval(x.Args[0])
	case c.Builtin != "":
		return r.builtin(x, c.Builtin)
	case c.Callee != nil && c.Callee.FullName() == "(context.Context).Value":
		return r.contextValue(x)
	}
	if e := r.a.book.lookup(c.Callee); c.Callee != nil && e != nil {
		return r.ofSDK(x, e)
	}
	if c.Callee != nil && !c.Iface {
		if fn := r.a.flow.FuncOf(c.Callee); fn != nil && fn.Body != nil {
			return r.declaredCall(fn, x, c)
		}
		return r.library(x, c.Callee)
	}
	if c.Callee != nil {
		return r.method(x, c.Callee)
	}
	return r.apply(x, r.eval(x.Fun), r.args(x))
}

// method knows methods of interfaces.
func (r *trial) method(x *ast.CallExpr, f *types.Func) held {
	if f.FullName() == "(error).Error" || f.Name() == "Error" && f.Pkg() == nil {
		return heldUnclear{"the text of an error"}
	}
	return r.fail(x, "it calls "+calledText(x)+" of an interface, and which method that is can't be told")
}

// ofSDK is a call that the SDK's spec knows.
func (r *trial) ofSDK(x *ast.CallExpr, e *entry) held {
	switch e.sym.Role {
	case sdk.RoleCaller:
		return heldWho{names: []string{e.sym.Name}}
	case sdk.RoleRefuse:
		r.args(x)
		return heldError{}
	}
	return r.fail(x, "it calls "+calledText(x)+", which would be missed")
}

// contextValue is what the context holds under a key.
func (r *trial) contextValue(x *ast.CallExpr) held {
	sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr)
	if !ok || len(x.Args) != 1 {
		return heldUnclear{"what is in the context"}
	}
	if p, ok := r.eval(sel.X).(heldParam); !ok || !p.ctx {
		return heldUnclear{"what is in another context"}
	}
	name := ""
	ast.Inspect(x.Args[0], func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			name += " " + n.Name
		case *ast.BasicLit:
			name += " " + n.Value
		}
		return true
	})
	if t, ok := r.eval(x.Args[0]).(heldText); ok {
		name += " " + t.s
	}
	return heldWho{names: []string{name}}
}

func (r *trial) args(x *ast.CallExpr) []held {
	var out []held
	for _, e := range x.Args {
		out = append(out, r.eval(e))
	}
	return out
}

func (r *trial) builtin(x *ast.CallExpr, name string) held {
	args := r.args(x)
	switch name {
	case "len":
		return r.size(args[0])
	case "append":
		l, ok := args[0].(heldList)
		if _, isNil := args[0].(heldNil); (ok || isNil) && !x.Ellipsis.IsValid() {
			return append(slices.Clone(l), args[1:]...)
		}
	case "make":
		switch orInvalid(r.info().TypeOf(x)).Underlying().(type) {
		case *types.Map:
			return heldMap{m: map[string]held{}}
		case *types.Slice:
			if len(args) < 2 || args[1] == held(heldSize(0)) {
				return heldList{}
			}
		}
	case "panic", "close", "delete", "clear", "copy", "print", "println", "recover":
		return r.fail(x, "it calls "+name)
	}
	return heldUnclear{"what is computed"}
}

func (r *trial) size(of held) held {
	switch v := of.(type) {
	case heldList:
		return heldSize(len(v))
	case heldSet:
		return heldSize(len(r.holds(v.src)))
	case heldWords:
		if t := r.one(nil, v.src); t.s == "" {
			return heldSize(0)
		}
		return heldSize(1)
	case heldNil:
		return heldSize(0)
	}
	return heldUnclear{"how many there are of something"}
}

// declaredCall enters a function of the module.
func (r *trial) declaredCall(fn *flow.Func, x *ast.CallExpr, c *flow.Call) held {
	f := heldFunc{fn: fn}
	if recv := c.Recv(); recv != nil {
		f.recv = r.eval(recv)
	}
	return r.apply(x, f, r.args(x))
}

// apply calls a function value.
func (r *trial) apply(x *ast.CallExpr, f held, args []held) held {
	if len(args) == 1 {
		if t, ok := args[0].(heldTuple); ok {
			args = t
		}
	}
	switch f := f.(type) {
	case heldNext:
		return r.handOn(x, args)
	case heldFunc:
		if f.fn == nil || f.fn.Body == nil || f.fn.Sig == nil {
			break
		}
		return r.enter(x, f, args)
	case heldUnclear:
		return r.fail(x, "it calls "+calledText(x)+", and what that is can't be told")
	}
	return r.fail(x, "it calls what is not read")
}

// handOn is a call of the next handler, which must get what was given, as it is.
func (r *trial) handOn(x *ast.CallExpr, args []held) held {
	for i, arg := range args {
		if p, ok := arg.(heldParam); !ok || p.i != i {
			return r.fail(x, "it hands something else on than it was given")
		}
	}
	return heldServed{}
}

// enter runs a function.
func (r *trial) enter(x ast.Node, f heldFunc, args []held) held {
	if r.depth >= maxReadDepth {
		return r.fail(x, "it calls too deep")
	}
	was := *r
	r.fn, r.env, r.depth, r.label = f.fn, newHeldVars(f.env), r.depth+1, nil
	if f.fn.Obj != nil {
		r.entered = append(slices.Clone(r.entered), f.fn.Obj.Name())
	}
	r.bindParams(f, args, x)
	j := r.block(f.fn.Body.List)
	out := r.ret
	r.fn, r.env, r.depth, r.label, r.entered, r.ret = was.fn, was.env, was.depth, was.label, was.entered, was.ret
	if j != returns && !r.stopped(x) && f.fn.Sig.Results().Len() > 0 {
		return r.fail(x, "it ends in a way that is not read")
	}
	return out
}

// bindParams gives the parameters their values.
func (r *trial) bindParams(f heldFunc, args []held, at ast.Node) {
	sig := f.fn.Sig
	if recv := sig.Recv(); recv != nil {
		r.env.m[recv] = f.recv
		if f.recv == nil {
			r.env.m[recv] = heldUnclear{"its receiver"}
		}
	}
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		switch {
		case sig.Variadic() && i == sig.Params().Len()-1:
			r.env.m[p] = r.rest(at, args, i)
		case i < len(args):
			r.env.m[p] = args[i]
		default:
			r.env.m[p] = heldUnclear{"the parameter " + quoteName(p.Name())}
		}
	}
	for i := range sig.Results().Len() {
		if res := sig.Results().At(i); res.Name() != "" {
			r.env.m[res] = heldUnclear{"a named result"}
		}
	}
}

// rest is what a variadic parameter gets.
func (r *trial) rest(at ast.Node, args []held, from int) held {
	if call, ok := at.(*ast.CallExpr); ok && call.Ellipsis.IsValid() && from < len(args) {
		return args[from]
	}
	out := heldList{}
	if from < len(args) {
		out = append(out, args[from:]...)
	}
	return out
}

// library knows functions of the standard library that only compute.
func (r *trial) library(x *ast.CallExpr, f *types.Func) held {
	name := f.FullName()
	if name == "(net/http.Header).Get" || name == "(net/http.Header).Values" {
		return heldUnclear{"a header of the request, which whoever calls can set"}
	}
	args := r.args(x)
	switch name {
	case "slices.Contains":
		return r.member(x, args[0], args[1])
	case "slices.ContainsFunc":
		return r.anyOf(x, args[0], args[1])
	case "strings.Fields", "strings.Split":
		if w, ok := args[0].(heldWords); ok {
			r.asSet(x, w.src)
			return heldSet(w)
		}
		return heldUnclear{"the parts of a text"}
	case "errors.New", "fmt.Errorf":
		return heldError{}
	}
	if f.Pkg() != nil && (purePackages[f.Pkg().Path()] || pureNames[name]) {
		return heldUnclear{"what " + calledText(x) + " gives"}
	}
	return r.fail(x, "it calls "+calledText(x)+", which would be missed")
}

// member is slices.Contains.
func (r *trial) member(x *ast.CallExpr, in, what held) held {
	if w, ok := what.(heldWords); ok {
		what = r.one(x, w.src)
	}
	name, isText := what.(heldText)
	if !isText {
		if u, ok := what.(heldUnclear); ok {
			return u
		}
		return heldUnclear{"an element"}
	}
	switch v := in.(type) {
	case heldSet:
		if name.src != nil {
			r.fail(x, "it compares what the caller holds with itself")
		}
		return r.contains(v.src, name.s)
	case heldNil:
		return false
	case heldList:
		for _, h := range v {
			same := r.equal(x, h, name)
			if is, ok := same.(bool); !ok {
				return same
			} else if is {
				return true
			}
		}
		return false
	}
	return heldUnclear{"an element"}
}

// anyOf is slices.ContainsFunc.
func (r *trial) anyOf(x *ast.CallExpr, in, f held) held {
	var items []held
	switch v := in.(type) {
	case heldList:
		items = v
	case heldSet:
		items = r.holds(v.src)
	case heldNil:
	default:
		return heldUnclear{"an element"}
	}
	for _, item := range items {
		yes, ok := r.apply(x, f, []held{item}).(bool)
		if !ok {
			r.fail(x, "it goes by what is not read")
		}
		if yes || r.stopped(x) {
			return yes
		}
	}
	return false
}

// initial returns what a variable of a package is declared to be, and where, if nothing
// ever changes it.
func (d *decorations) initial(v *types.Var) (ast.Expr, *flow.Func) {
	if !d.never(v) {
		return nil, nil
	}
	for _, pkg := range d.a.prog.Packages {
		if pkg.Types != v.Pkg() {
			continue
		}
		for _, f := range pkg.Files {
			if f.AST == nil || v.Pos() < f.AST.FileStart || f.AST.FileEnd < v.Pos() {
				continue
			}
			return specValue(f.AST, v), &flow.Func{Pkg: pkg, File: f}
		}
	}
	return nil, nil
}

// specValue returns what the declaration of v in a file gives it.
func specValue(f *ast.File, v *types.Var) ast.Expr {
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if name.Pos() == v.Pos() && len(spec.Values) == len(spec.Names) {
					return spec.Values[i]
				}
			}
		}
	}
	return nil
}

// never reports whether nothing is seen to change a variable: it is not assigned to, no
// element of it is, and its address is not taken.
func (d *decorations) never(v *types.Var) bool {
	if is, known := d.settled[v]; known {
		return is
	}
	still := true
	d.a.flow.Assigns(func(fn *flow.Func, l ast.Expr) {
		if o := rootOf(fn, l); o == types.Object(v) {
			still = false
		}
	})
	d.a.flow.Addresses(func(fn *flow.Func, x *ast.UnaryExpr) {
		if o := rootOf(fn, x.X); o == types.Object(v) {
			still = false
		}
	})
	d.settled[v] = still
	return still
}

// rootOf is the variable that an expression is, or is a part of.
func rootOf(fn *flow.Func, e ast.Expr) types.Object {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if fn.Pkg.Info.Selections[x] == nil {
				return fn.Pkg.Info.Uses[x.Sel]
			}
			e = x.X
		case *ast.Ident:
			return fn.Pkg.Info.Uses[x]
		default:
			return nil
		}
	}
}
