package analyze

import (
	"go/ast"
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Transports that are local by their kind and that strangers reach all the same:
// stdio over a socket, and clients inside the program that answer for others.

const (
	socketReason = "it reads its messages from a network connection, and what stands in front of that is not followed"
	clientReason = "a handler of the program's own calls it for others, at "
)

// findRemote finds stdio servers that read from a network connection.
func (a *analysis) findRemote() {
	for _, c := range a.calls(sdk.RoleStart) {
		f := a.flow.Root(c.In)
		if c.role.sym.Stream == sdk.None || !a.remote(a.origins(c.Call, c.role.sym.Stream, f)) {
			continue
		}
		for _, o := range a.flow.Receiver(c.Call, f) {
			for _, t := range a.direct[o.Expr] {
				t.Verdict, t.Reason = Unknown, socketReason
			}
		}
	}
}

// remote reports whether a reader may be a network connection, or be made from one.
func (a *analysis) remote(origins []flow.Origin) bool {
	for _, o := range origins {
		if hasRemote(originType(o)) {
			return true
		}
		if o.Kind != flow.Result || o.Call == nil {
			continue
		}
		for _, arg := range o.Call.Expr.Args {
			if hasRemote(o.Call.In.Pkg.Info.TypeOf(arg)) {
				return true
			}
		}
	}
	return false
}

func hasRemote(t types.Type) bool { return t != nil && hasMethod(t, "RemoteAddr") }

// originType returns the static type of an origin; nil if it has none.
func originType(o flow.Origin) types.Type {
	switch {
	case o.Var != nil && o.Rest == nil:
		return o.Var.Type()
	case o.Expr == nil || o.Frame == nil:
		return nil
	}
	t := o.Frame.Fn.Pkg.Info.TypeOf(o.Expr)
	if tuple, ok := t.(*types.Tuple); ok && o.Index < tuple.Len() {
		return tuple.At(o.Index).Type()
	}
	return t
}

// findClients finds handlers that call an in-process server through a client.
func (a *analysis) findClients() {
	for _, c := range a.flow.Calls {
		recv := c.Recv()
		if recv == nil || len(a.direct) == 0 || !a.mine(c.In) {
			continue
		}
		e := a.book.typeOf(orInvalid(c.In.Pkg.Info.TypeOf(recv)))
		if e == nil || e.typ.Role != sdk.RoleClient || !a.answersHTTP(c.In, 0) {
			continue
		}
		for t := range a.calledBy(a.flow.Receiver(c, a.flow.Root(c.In))) {
			if t.Kind == sdk.KindInProcess {
				t.Verdict, t.Reason = Unknown, clientReason+a.where(c.In, c.Expr.Pos())
			}
		}
	}
}

// calledBy returns the transports that a client may be connected to: all that
// are in process where that can't be told.
func (a *analysis) calledBy(clients []flow.Origin) map[*Transport]bool {
	found := map[*Transport]bool{}
	for _, o := range clients {
		if !a.connectedTo(o, found, 0) {
			for _, list := range a.direct {
				for _, t := range list {
					found[t] = true
				}
			}
		}
	}
	return found
}

// connectedTo adds the transports that a client was made with; false when they
// can't be told.
func (a *analysis) connectedTo(o flow.Origin, found map[*Transport]bool, depth int) bool {
	for _, t := range a.direct[o.Expr] {
		found[t] = true
	}
	if len(a.direct[o.Expr]) > 0 {
		return true
	}
	if o.Kind != flow.Result || depth > 3 {
		return o.Kind != flow.Unknown
	}
	for _, arg := range o.Call.Expr.Args {
		if _, constant := ast.Unparen(arg).(*ast.BasicLit); constant {
			continue
		}
		for _, from := range a.flow.Origins(arg, o.Frame) {
			a.connectedTo(from, found, depth+1)
		}
	}
	return true
}

// answersHTTP reports whether fn is an HTTP handler, stands in one, or is called by one.
func (a *analysis) answersHTTP(fn *flow.Func, depth int) bool {
	for in := fn; in != nil; in = in.Outer {
		if handlesRequests(in.Sig) {
			return true
		}
	}
	if depth > 4 {
		return false
	}
	for _, c := range a.flow.Callers(fn) {
		if a.answersHTTP(c.In, depth+1) {
			return true
		}
	}
	return false
}
