package analyze

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// How a handler gets to a router of another library, and from where there the
// outermost router is in reach: what has to be known to put a guard around the one
// and its endpoints on the other.

// A Mounting is how a router of another library is given a handler.
type Mounting struct {
	Library *sdk.Router
	Handler ast.Expr     // the handler of net/http that is handed over
	Passes  *ast.FuncLit // the function around Handler that only hands requests on to it; nil if there is none
	Calls   []sdk.Site   // the calls that register it, in order of position
	Path    string       // where on the outermost router, when that is one constant; "" otherwise
	Made    ast.Expr     // the call that makes the outermost router
	Root    ast.Expr     // the outermost router, as OnRoot has it
	OnRoot  sdk.Site     // the call of the outermost router that leads to the last of Calls, or is it
	First   sdk.Site     // the first call in the same function that may add a route to it
	Ahead   []Ahead      // middleware that requests to it pass, as far as a router has it
	Taken   []string     // constant paths of the outermost router
	Wrapped bool         // a handler of the module's own stands in front of a whole router
	Why     string       // why an edit can't be made; then what is behind Handler may be missing
}

// An Ahead is one piece of middleware in front of a route.
type Ahead struct {
	Site   sdk.Site // the expression
	Name   string   // as the source has it
	OnRoot bool     // it stands in front of every route of the outermost router
	Plain  bool     // it is known to let everybody and everything through
	Shuts  bool     // it is known to refuse some of what a sign-in sends
}

// findMountings says of every route on a router of another library how it got there.
func (a *analysis) findMountings() {
	for _, m := range a.transports {
		for _, t := range m.by {
			for _, r := range t.Routes {
				if r.Kind == RouteOther && r.Handler != nil {
					r.Mounting = a.mountingOf(r)
				}
			}
		}
	}
}

// mountingOf returns nil where no router that is known is given the handler.
func (a *analysis) mountingOf(r *Route) *Mounting {
	call, ok := r.Site.Node.(*ast.CallExpr)
	if !ok {
		return nil
	}
	c := a.flow.CallOf(call)
	if c == nil {
		return nil
	}
	calls := a.mountCalls(c)
	if len(calls) == 0 {
		return nil
	}
	m := &Mounting{Library: sdk.RouterOf(calls[0].Callee)}
	m.Handler = a.netHandler(m.Library, r.Handler, c)
	for _, at := range calls {
		m.Calls = append(m.Calls, a.site(sdk.RoleMount, at.In, at.Expr))
	}
	why := a.locate(m, calls)
	if passes := a.passesIn(r.Handler, c); passes != nil {
		m.Handler = passes.Recv()
		if onlyPasses(passes) {
			m.Passes = passes.In.Lit
		} else {
			why = "the function that hands requests on at " + a.where(passes.In, passes.Expr.Pos()) + " does more than that"
		}
	}
	switch {
	case m.Library.Buffers:
		m.Why = m.Library.Name + " is not net/http: a handler of net/http answers there only once it is done, so that the streams of MCP never begin; serve it with net/http, on an address of its own"
	case m.Handler == nil:
		m.Why = "the handler that " + m.Library.Name + " is given is not one of net/http"
	default:
		m.Why = why
	}
	return m
}

// passesIn returns the call that hands requests on to a handler, in the function of the
// library's own kind that call c stands in, or that it is given as e; nil if there is
// none, or several.
func (a *analysis) passesIn(e ast.Expr, c *flow.Call) *flow.Call {
	if passesRequest(c) && c.Recv() != nil && c.In.Lit != nil {
		return c
	}
	origins := a.flow.Origins(e, a.flow.Root(c.In))
	if len(origins) != 1 || origins[0].Kind != flow.Value || origins[0].Fn == nil || origins[0].Fn.Lit == nil || servesNet(c.In.Pkg.Info.TypeOf(e)) {
		return nil
	}
	var found *flow.Call
	for _, in := range origins[0].Fn.Calls {
		if in.Callee == nil || in.Callee.Name() != "ServeHTTP" || in.Recv() == nil || !passesRequest(in) {
			continue
		}
		if found != nil {
			return nil
		}
		found = in
	}
	return found
}

// servesNet reports whether a type is that of a handler of net/http itself.
func servesNet(t types.Type) bool {
	if t == nil {
		return false
	}
	if sig, ok := t.Underlying().(*types.Signature); ok {
		return sig.Params().Len() == 2 && isNetHTTP(sig.Params().At(0).Type(), "ResponseWriter") && isNetHTTP(sig.Params().At(1).Type(), "Request")
	}
	o, _, _ := types.LookupFieldOrMethod(t, true, nil, "ServeHTTP")
	_, ok := o.(*types.Func)
	return ok
}

// mountCalls returns the calls of a router that give it what call c has: c itself, or
// those that take what c returns, or the function that c stands in.
func (a *analysis) mountCalls(c *flow.Call) []*flow.Call {
	if lib := sdk.RouterOf(c.Callee); lib != nil && lib.Is(c.Callee, lib.Mounts) {
		return []*flow.Call{c}
	}
	var list []*flow.Call
	for _, at := range a.flow.Calls {
		lib := sdk.RouterOf(at.Callee)
		if lib == nil || !lib.Is(at.Callee, lib.Mounts) || !a.mine(at.In) {
			continue
		}
		if slices.ContainsFunc(at.Expr.Args, func(arg ast.Expr) bool { return a.brings(arg, at, c) }) {
			list = append(list, at)
		}
	}
	slices.SortFunc(list, func(x, y *flow.Call) int { return int(x.Expr.Pos() - y.Expr.Pos()) })
	return list
}

// brings reports whether an argument is what call c returns, or the function literal
// that c stands in.
func (a *analysis) brings(arg ast.Expr, at, c *flow.Call) bool {
	return slices.ContainsFunc(a.flow.Origins(arg, a.flow.Root(at.In)), func(o flow.Origin) bool {
		return o.Kind == flow.Result && o.Expr == ast.Expr(c.Expr) || o.Kind == flow.Value && o.Fn == c.In && o.Fn.Lit != nil
	})
}

// netHandler returns the handler of net/http in what a library is given: what it wraps.
func (a *analysis) netHandler(lib *sdk.Router, e ast.Expr, c *flow.Call) ast.Expr {
	if servesNet(c.In.Pkg.Info.TypeOf(e)) {
		return e
	}
	origins := a.flow.Origins(e, a.flow.Root(c.In))
	if len(origins) != 1 || origins[0].Kind != flow.Result || !lib.Named(origins[0].Callee, lib.Wraps) || topOf(origins[0].Call.In) != topOf(c.In) {
		return nil
	}
	return origins[0].Call.Expr.Args[0]
}

// onlyPasses reports whether the function around a call does nothing but that.
func onlyPasses(c *flow.Call) bool {
	if c.In.Lit == nil || len(c.In.Body.List) == 0 {
		return false
	}
	s, ok := c.In.Body.List[0].(*ast.ExprStmt)
	if !ok || s.X != ast.Expr(c.Expr) {
		return false
	}
	for _, rest := range c.In.Body.List[1:] {
		ret, ok := rest.(*ast.ReturnStmt)
		if !ok {
			return false
		}
		for _, v := range ret.Results {
			if id, ok := v.(*ast.Ident); !ok || id.Name != "nil" {
				return false
			}
		}
	}
	return true
}

// topOf returns the declared function that a function stands in.
func topOf(fn *flow.Func) *flow.Func {
	for fn.Outer != nil {
		fn = fn.Outer
	}
	return fn
}

// locate fills in where the outermost router of the calls is; the result says why it
// can't be told.
func (a *analysis) locate(m *Mounting, calls []*flow.Call) string {
	for _, c := range calls {
		w := &wayOut{a: a, lib: m.Library, from: c}
		if why := w.climb(c, 0); why != "" {
			return why
		}
		if m.Made != nil && w.made != m.Made {
			return "several routers are given the handler: guard it on each"
		}
		m.Made, m.Root, m.OnRoot, m.Path = w.made, w.call.Recv(), a.site(sdk.RoleMount, w.call.In, w.call.Expr), ""
		if w.call == c {
			m.Path = a.pathArg(c)
		}
		m.Ahead, m.Wrapped = append(m.Ahead, a.ahead(m.Library, c, w)...), m.Wrapped || w.wrapped
	}
	a.lookAround(m)
	return ""
}

// A wayOut is the way from a call that gives a group a handler to the outermost router.
type wayOut struct {
	a      *analysis
	lib    *sdk.Router
	from   *flow.Call
	call   *flow.Call   // the call of the outermost router
	made   ast.Expr     // what makes that
	groups []ast.Expr   // the calls that make the groups, and the routers, on the way
	given  []*flow.Call // the calls that make groups of those with middleware, or are given a router
	// wrapped says that a function of the module's makes another handler of a router.
	wrapped bool
}

// climb goes from the router that c is a call of to the one around it.
func (w *wayOut) climb(c *flow.Call, depth int) (why string) {
	if c.Recv() == nil || depth > 8 {
		return "which router it is could not be told"
	}
	if topOf(c.In) != topOf(w.from.In) {
		return "the outermost router is not in reach here: the endpoints of the guard have to be added to it"
	}
	origins := w.a.flow.Origins(c.Recv(), w.a.flow.Root(c.In))
	if len(origins) != 1 || origins[0].Rest != nil {
		return "which router it is could not be told"
	}
	o := origins[0]
	switch parent := w.a.groupMadeBy(w.lib, o); {
	case o.Kind == flow.Result && w.lib.Is(o.Callee, w.lib.Makers) && o.Callee.Signature().Recv() == nil:
		w.groups = append(w.groups, o.Expr)
		return w.leave(c, o.Expr, depth)
	case parent != nil:
		w.groups, w.given = append(w.groups, parent.Expr), append(w.given, parent)
		return w.climb(parent, depth+1)
	}
	return "which router it is could not be told"
}

// groupMadeBy returns the call that makes the group that an origin is, or gives it to
// a function as its parameter.
func (a *analysis) groupMadeBy(lib *sdk.Router, o flow.Origin) *flow.Call {
	switch {
	case o.Kind == flow.Result && lib.Is(o.Callee, lib.Groups):
		return o.Call
	case o.Kind == flow.Unknown && o.Var != nil && o.Frame != nil && o.Frame.Fn.Lit != nil:
		for _, c := range a.flow.Calls {
			if lib.Is(c.Callee, lib.Groups) && len(c.Expr.Args) > 0 && ast.Unparen(c.Expr.Args[len(c.Expr.Args)-1]) == ast.Expr(o.Frame.Fn.Lit) {
				return c
			}
		}
	}
	return nil
}

// leave looks what a router is given to: nothing but what listens, a router around it,
// or something by which paths at the root may not get there.
func (w *wayOut) leave(c *flow.Call, made ast.Expr, depth int) (why string) {
	w.call, w.made = c, made
	for _, at := range w.a.flow.Calls {
		if !w.a.mine(at.In) || at.Convert || at.Builtin != "" || !slices.ContainsFunc(at.Expr.Args, func(arg ast.Expr) bool { return w.isRouter(arg, at, made) }) {
			continue
		}
		e := w.a.book.lookup(at.Callee)
		switch {
		case w.lib.Is(at.Callee, w.lib.Mounts):
			w.given = append(w.given, at)
			return w.climb(at, depth+1)
		case sdk.RouterOf(at.Callee) == w.lib: // the library's own, such as what makes middleware for a router
		case e != nil && (e.sym.Role == sdk.RoleListen || e.sym.Role == sdk.RoleWrap && at.Callee.Name() != "StripPrefix"):
		case e != nil && e.sym.Role == sdk.RoleMount && w.a.pattern(played{at, e}) == "/":
		case at.Callee != nil && w.a.flow.FuncOf(at.Callee) != nil: // code of the module's, which is followed
			w.wrapped = w.wrapped || givesHandler(at.In.Pkg.Info.TypeOf(at.Expr))
		default:
			return "the router is handed to " + calledText(at.Expr) + " at " + w.a.where(at.In, at.Expr.Pos()) + ", and whether the endpoints of the guard could be reached behind that is not known"
		}
	}
	return ""
}

func (w *wayOut) isRouter(arg ast.Expr, at *flow.Call, made ast.Expr) bool {
	if !servesHTTP(at.In.Pkg.Info.TypeOf(arg)) {
		return false
	}
	return slices.ContainsFunc(w.a.flow.Origins(arg, w.a.flow.Root(at.In)), func(o flow.Origin) bool { return o.Expr == made && o.Rest == nil })
}

// lookAround reads which routes the outermost router has, and which is the first.
func (a *analysis) lookAround(m *Mounting) {
	m.First = m.OnRoot
	top := topOf(a.flow.CallOf(m.OnRoot.Node.(*ast.CallExpr)).In)
	for _, c := range a.flow.Calls {
		lib := sdk.RouterOf(c.Callee)
		if lib != m.Library || c.Recv() == nil || lib.Is(c.Callee, lib.Use) || !a.mine(c.In) {
			continue
		}
		if !slices.ContainsFunc(a.flow.Origins(c.Recv(), a.flow.Root(c.In)), func(o flow.Origin) bool { return o.Expr == m.Made && o.Rest == nil }) {
			continue
		}
		if p := a.pathArg(c); p != "" {
			m.Taken = append(m.Taken, p)
		}
		if topOf(c.In) == top && c.Expr.Pos() < m.First.Node.Pos() && takesPath(c) {
			m.First = a.site(sdk.RoleMount, c.In, c.Expr)
		}
	}
	slices.Sort(m.Taken)
	m.Taken = slices.Compact(m.Taken)
}

// takesPath reports whether a call of a router is of those that may add a route.
func takesPath(c *flow.Call) bool {
	return c.Callee.Name() != "ServeHTTP" && len(c.Expr.Args) > 0
}

// ahead returns the middleware that requests pass on the way to call c.
func (a *analysis) ahead(lib *sdk.Router, c *flow.Call, w *wayOut) []Ahead {
	var list []Ahead
	add := func(at *flow.Call, onRoot bool, args ...ast.Expr) {
		for _, arg := range args {
			if at == c && a.isHandlerArg(lib, arg, at) || isTextual(at.In.Pkg.Info.TypeOf(arg)) || at != c && isLiteral(arg) && !lib.Is(at.Callee, lib.Use) {
				continue
			}
			list = append(list, a.aheadOf(lib, arg, at, onRoot))
		}
	}
	add(c, false, c.Expr.Args...)
	for _, g := range w.given {
		if !lib.Is(g.Callee, lib.Mounts) {
			add(g, false, g.Expr.Args...)
		}
	}
	for _, use := range a.flow.Calls {
		if !lib.Is(use.Callee, lib.Use) || use.Recv() == nil || !a.mine(use.In) {
			continue
		}
		for _, o := range a.flow.Origins(use.Recv(), a.flow.Root(use.In)) {
			key := o.Expr
			if parent := a.groupMadeBy(lib, o); parent != nil {
				key = parent.Expr
			}
			known := key != nil && (parentOrMaker(a, lib, o))
			if known && !slices.Contains(w.groups, key) {
				continue
			}
			add(use, !known || key == w.made, use.Expr.Args...)
		}
	}
	return list
}

func parentOrMaker(a *analysis, lib *sdk.Router, o flow.Origin) bool {
	return a.groupMadeBy(lib, o) != nil || o.Kind == flow.Result && lib.Is(o.Callee, lib.Makers)
}

func isLiteral(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.FuncLit)
	return ok
}

func isTextual(t types.Type) bool {
	if t == nil {
		return false
	}
	if s, ok := t.Underlying().(*types.Slice); ok {
		t = s.Elem()
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// isHandlerArg reports whether an argument of a call that adds a route is the handler:
// in echo the one behind the path, in gin the last, elsewhere one of net/http.
func (a *analysis) isHandlerArg(lib *sdk.Router, arg ast.Expr, at *flow.Call) bool {
	args := at.Expr.Args
	i := slices.Index(args, arg)
	switch lib.Name {
	case "gin":
		return i == len(args)-1
	case "echo":
		return i > 0 && isTextual(at.In.Pkg.Info.TypeOf(args[i-1]))
	}
	return true
}

func (a *analysis) aheadOf(lib *sdk.Router, arg ast.Expr, at *flow.Call, onRoot bool) Ahead {
	f := calledFunc(arg, at.In.Pkg.Info)
	return Ahead{
		Site: a.site(sdk.RoleMiddleware, at.In, arg), Name: middlewareName(arg), OnRoot: onRoot,
		Plain: lib.Named(f, lib.Plain), Shuts: lib.Named(f, lib.Shuts),
	}
}

// calledFunc returns the function that an expression names or calls.
func calledFunc(e ast.Expr, info *types.Info) *types.Func {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok {
		e = ast.Unparen(call.Fun)
	}
	var id *ast.Ident
	switch x := e.(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	default:
		return nil
	}
	f, _ := info.Uses[id].(*types.Func)
	return f
}

func middlewareName(e ast.Expr) string {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok {
		e = call.Fun
	}
	if lit, ok := e.(*ast.FuncLit); ok && lit.Pos() != token.NoPos {
		return "a function"
	}
	return strings.TrimSpace(types.ExprString(e))
}
