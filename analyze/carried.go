package analyze

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Handlers that other code gets inside of something else: in a struct, a list or a map,
// or as what a function returns.

// A parcel is what other code is given at one place.
type parcel struct {
	a    *analysis
	fn   *flow.Func
	node ast.Node
	to   string // the name of the code that it is given to
}

// maxParcels is how many literals one in the other are looked into.
const maxParcels = 4

// carriedOut adds the routes of the handlers that the arguments of a call carry.
func (a *analysis) carriedOut(c *flow.Call) {
	if printing[c.Callee.Pkg().Path()] {
		return
	}
	p := &parcel{a: a, fn: c.In, node: c.Expr, to: funcName(c.Callee)}
	for _, arg := range c.Expr.Args {
		if !servesHTTP(c.In.Pkg.Info.TypeOf(arg)) { // see handedOut
			p.expr(arg)
		}
	}
}

// expr looks into an expression that is no handler itself.
func (p *parcel) expr(e ast.Expr) {
	if !carries(p.fn.Pkg.Info.TypeOf(e), 0) {
		return
	}
	f := p.a.flow.Root(p.fn)
	for _, o := range slices.Concat(p.a.flow.Origins(e, f), p.a.flow.Elements(e, f)) {
		p.origin(o, 0)
	}
}

// carries reports whether a value of type t may hold a handler, or make one: what other
// code keeps of it is looked for as deep as this.
func carries(t types.Type, depth int) bool {
	if t == nil || servesHTTP(t) {
		return true
	}
	if depth > maxParcels || isServer(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.Invalid // of a library that was not read
	case *types.Interface:
		return u.Empty()
	case *types.Signature:
		return len(handlersOf(u)) > 0
	case *types.Pointer:
		return carries(u.Elem(), depth)
	case *types.Slice:
		return carries(u.Elem(), depth+1)
	case *types.Array:
		return carries(u.Elem(), depth+1)
	case *types.Map:
		return carries(u.Elem(), depth+1)
	case *types.Struct:
		return carriesIn(u, depth)
	}
	return false
}

// carriesIn is carries for the fields of a struct; those that may hold anything don't count.
func carriesIn(st *types.Struct, depth int) bool {
	for i := range st.NumFields() {
		if t := st.Field(i).Type(); !isAny(t) && carries(t, depth+1) {
			return true
		}
	}
	return false
}

// handlersOf returns which results of a function are handlers, or make one.
func handlersOf(sig *types.Signature) (list []int) {
	for i := range sig.Results().Len() {
		if givesHandler(sig.Results().At(i).Type()) {
			list = append(list, i)
		}
	}
	return list
}

func (p *parcel) origin(o flow.Origin, depth int) {
	switch {
	case o.Rest != nil || depth > maxParcels || o.Fn != nil && o.Fn.Sig == nil:
	case o.Kind == flow.Value && o.Fn != nil && !isHandlerFunc(o.Fn.Sig):
		for _, i := range handlersOf(o.Fn.Sig) {
			p.send(p.a.flow.Returned(o.Fn, p.a.activation(o), i), "a function that is given to "+quoteName(p.to)+" at "+p.at()+" returns it")
		}
	default:
		p.send([]flow.Origin{o}, "it is handed to "+quoteName(p.to)+" at "+p.at())
		p.literal(o, depth)
	}
}

// literal looks at what a literal holds that is no http.Server, nor a handler itself.
func (p *parcel) literal(o flow.Origin, depth int) {
	lit, ok := o.Expr.(*ast.CompositeLit)
	if o.Kind != flow.Literal || !ok || o.Frame == nil {
		return
	}
	info := o.Frame.Fn.Pkg.Info
	if isServer(info.TypeOf(lit)) || depth > 0 && servesHTTP(info.TypeOf(lit)) {
		return
	}
	for _, elt := range lit.Elts {
		if kv, keyed := elt.(*ast.KeyValueExpr); keyed {
			elt = kv.Value
		}
		if carries(info.TypeOf(elt), 0) {
			for _, in := range p.a.flow.Origins(elt, o.Frame) {
				p.origin(in, depth+1)
			}
		}
	}
}

func (p *parcel) at() string { return p.a.where(p.fn, p.node.Pos()) }

// send adds the routes of what handlers lead to.
func (p *parcel) send(handlers []flow.Origin, how string) {
	w := &walker{a: p.a, seen: map[walkKey]bool{}}
	w.all(handlers, nil, 0)
	handler, _ := p.node.(ast.Expr)
	r := Route{Kind: RouteOther, Site: p.a.site(sdk.RoleMount, p.fn, p.node), Handler: handler}
	l := &layer{kind: GuardNone, verdict: Unknown, reason: how + ", and what stands in front of it there is not followed"}
	for _, to := range w.out {
		if to.mux != nil {
			p.a.ways[to.mux] = append(p.a.ways[to.mux], way{chain: join(to.chain, l)})
			continue
		}
		p.a.route(to.transport, r, join(to.chain, l))
	}
}
