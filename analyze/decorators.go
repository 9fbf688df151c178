package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Checks of callers that stand inside the handlers of tools, or are put around them
// handler by handler. They are facts for a person and for the rewriter: none of them
// ever makes a transport protected (see verdict.go), since whether what they compare
// with was verified is not known.

// A ToolCheck is one check inside a tool's handler or around it.
type ToolCheck struct {
	Name    string
	Form    CheckForm
	Site    sdk.Site // the call that puts it there, or its first statement
	Demands []Demand // what it demands, all of it; nil where it was not read
	Why     string   // why it was not read

	Inner ast.Expr     // wrapper: the handler that the call is given
	Made  ast.Expr     // wrapper: what a variable holds that is called; nil where none is
	Stmts []ast.Stmt   // body: the statements that it consists of, which can go
	Bound string       // why it can't go, though it was read
	Of    types.Object // body: the function that it stands in; nil for a literal
}

// A CheckForm says how a check comes to stand before a handler.
type CheckForm string

// The forms.
const (
	FormWrapper CheckForm = "wrapper" // a call around the handler
	FormBody    CheckForm = "body"    // statements at the top of it
)

// A Demand is what a caller needs of one kind: every one of All, and one of Any if there
// are some.
type Demand struct {
	Of  DemandKind
	All []string
	Any []string
}

// A DemandKind says what it is that a caller is compared by.
type DemandKind string

// The kinds.
const (
	DemandScope      DemandKind = "scope"
	DemandRole       DemandKind = "role"
	DemandPermission DemandKind = "permission"
)

// findToolChecks looks at the handler of every tool.
func (a *analysis) findToolChecks() {
	d := &decorations{a: a, read: map[ast.Node]*ToolCheck{}, bodies: map[*flow.Func][]*ToolCheck{}, speaking: map[*flow.Func]bool{}, settled: map[*types.Var]bool{}, counting: map[*flow.Func]string{}}
	for _, s := range a.sortedServers() {
		for _, t := range s.Tools {
			for _, reg := range t.registered {
				for _, c := range d.checks(t, reg) {
					if !slices.Contains(t.Checks, c) {
						t.Checks = append(t.Checks, c)
					}
				}
			}
		}
	}
}

// decorations finds checks, each once.
type decorations struct {
	a        *analysis
	read     map[ast.Node]*ToolCheck // by the call of a wrapper; nil for what is none
	bodies   map[*flow.Func][]*ToolCheck
	speaking map[*flow.Func]bool   // memo of speaks
	settled  map[*types.Var]bool   // memo of never
	counting map[*flow.Func]string // memo of countsOn
}

// checks returns those of the handler that a call registers for t, the outermost first.
func (d *decorations) checks(t *Registration, call *flow.Call) []*ToolCheck {
	e := d.handlerOf(t, call)
	if e == nil {
		return nil
	}
	var list []*ToolCheck
	at := d.a.flow.Root(call.In)
	for {
		e = d.a.flow.Only(e, at)
		layer, inner := d.layer(e, call.In)
		if inner == nil {
			break
		}
		if layer != nil {
			list = append(list, layer)
		}
		e = inner
	}
	if fn := d.funcOf(e, call.In); fn != nil && fn.Body != nil {
		list = append(list, d.inBody(fn)...)
	}
	return list
}

// handlerOf returns the handler that a call registers for t; nil where it is not said
// at the call.
func (d *decorations) handlerOf(t *Registration, call *flow.Call) ast.Expr {
	e := d.a.entry(call)
	if e == nil {
		return nil
	}
	if arg := d.a.arg(call, e.sym.Handler); arg != nil {
		return arg
	}
	var found ast.Expr
	for _, arg := range call.Expr.Args {
		if t.Defined.Node == nil || t.Defined.File != call.In.File || t.Defined.Node.Pos() < arg.Pos() || arg.End() < t.Defined.Node.End() {
			continue
		}
		ast.Inspect(arg, func(n ast.Node) bool {
			if lit, ok := n.(*ast.CompositeLit); ok && found == nil && lit.Pos() <= t.Defined.Node.Pos() && t.Defined.Node.End() <= lit.End() {
				found = d.paired(lit, call.In)
			}
			return true
		})
	}
	return found
}

// paired returns the handler of a literal that holds a definition and its handler.
func (d *decorations) paired(lit *ast.CompositeLit, in *flow.Func) ast.Expr {
	t := in.Pkg.Info.TypeOf(lit)
	if t == nil {
		return nil
	}
	e := d.a.book.typeOf(t)
	if e == nil || e.typ.HandlerField == "" {
		return nil
	}
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == e.typ.HandlerField {
				return kv.Value
			}
		}
	}
	return nil
}

// layer returns what a call puts around a handler, and that handler; nil, nil for what is
// no such call, and nil with the handler for one that is no check.
func (d *decorations) layer(e ast.Expr, in *flow.Func) (*ToolCheck, ast.Expr) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	inner := d.handlerArg(call, in)
	if inner == nil {
		return nil, nil
	}
	c, known := d.read[call]
	if !known {
		c = d.readLayer(call, inner, in)
		d.read[call] = c
	}
	return c, inner
}

// handlerArg returns the only argument that has the type of what the call gives.
func (d *decorations) handlerArg(call *ast.CallExpr, in *flow.Func) ast.Expr {
	info := in.Pkg.Info
	gives := signatureOf(info.TypeOf(call))
	if gives == nil {
		return nil
	}
	var found ast.Expr
	for _, arg := range call.Args {
		if sig := signatureOf(info.TypeOf(arg)); sig != nil && sameShape(sig, gives) {
			if found != nil {
				return nil
			}
			found = arg
		}
	}
	return found
}

func signatureOf(t types.Type) *types.Signature {
	if t == nil {
		return nil
	}
	sig, _ := t.Underlying().(*types.Signature)
	return sig
}

// sameShape reports whether two functions take and give the same.
func sameShape(x, y *types.Signature) bool {
	return types.Identical(x.Params(), y.Params()) && types.Identical(x.Results(), y.Results())
}

// readLayer reads what a call puts around a handler; nil for what is no check.
func (d *decorations) readLayer(call *ast.CallExpr, inner ast.Expr, in *flow.Func) *ToolCheck {
	if d.converts(call) || !d.looksLikeCheck(call, in) {
		return nil
	}
	c := &ToolCheck{Form: FormWrapper, Name: layerName(call), Site: d.a.site(sdk.RoleWrap, in, call), Inner: inner}
	if only := d.a.flow.Only(call.Fun, d.a.flow.Root(in)); only != ast.Unparen(call.Fun) {
		c.Made = only
	}
	c.Demands, c.Why = d.demands(func(r *trial) outcome { return r.wrapped(call, inner, in) })
	if c.Demands != nil {
		c.Bound = d.boundAround(inner, in)
	}
	return c
}

// boundAround says why a call around a handler can't go: because of that handler.
func (d *decorations) boundAround(e ast.Expr, in *flow.Func) string {
	for range maxSpeaks {
		call, ok := ast.Unparen(d.a.flow.Only(e, d.a.flow.Root(in))).(*ast.CallExpr)
		if !ok || d.handlerArg(call, in) == nil {
			break
		}
		e = d.handlerArg(call, in)
	}
	for _, o := range d.a.flow.Origins(e, d.a.flow.Root(in)) {
		if o.Fn == nil || o.Fn.Body == nil {
			continue
		}
		var beside []ast.Stmt
		for _, c := range d.inBody(o.Fn) {
			beside = append(beside, c.Stmts...)
		}
		if why := d.boundBy(o.Fn, beside); why != "" {
			return why
		}
	}
	return ""
}

// funcOf returns the function that an expression names, or is.
func (d *decorations) funcOf(e ast.Expr, in *flow.Func) *flow.Func {
	switch x := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return d.a.flow.LitOf(x)
	case *ast.Ident:
		return d.declared(in.Pkg.Info.Uses[x])
	case *ast.SelectorExpr:
		return d.declared(in.Pkg.Info.Uses[x.Sel])
	case *ast.IndexExpr:
		return d.funcOf(x.X, in)
	case *ast.CallExpr:
		if d.converts(x) && len(x.Args) == 1 {
			return d.funcOf(x.Args[0], in)
		}
	}
	return nil
}

// converts reports whether a call is a conversion.
func (d *decorations) converts(call *ast.CallExpr) bool {
	c := d.a.flow.CallOf(call)
	return c != nil && c.Convert
}

func (d *decorations) declared(o types.Object) *flow.Func {
	if f, ok := o.(*types.Func); ok {
		return d.a.flow.FuncOf(f)
	}
	return nil
}

// layerName names what puts something around a handler: of f(x)(h) it is f.
func layerName(call *ast.CallExpr) string {
	if inner, ok := ast.Unparen(call.Fun).(*ast.CallExpr); ok {
		return layerName(inner)
	}
	return calledText(call)
}
