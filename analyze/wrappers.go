package analyze

import (
	"go/types"

	"github.com/mcp-migrate/mcp-migrate/analyze/flow"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Modules that wrap an SDK: their functions make the server, register tools and
// serve. Only their declarations are known. A signature that carries the SDK's own
// types says which part a call plays; what else the function does is not seen, and
// said so where it makes the server.

// entry returns the part that a call plays, by what is called or by its signature.
func (a *analysis) entry(c *flow.Call) *entry {
	if c == nil || c.Callee == nil {
		return nil
	}
	if e := a.book.lookup(c.Callee); e != nil {
		return e
	}
	e, known := a.wrappers[c]
	if !known {
		e = a.wrapper(c)
		a.wrappers[c] = e
	}
	return e
}

// wrapper is entry for a function of a module that wraps an SDK.
func (a *analysis) wrapper(c *flow.Call) *entry {
	p := c.Callee.Pkg()
	if c.Iface || p == nil || a.inModule(p) || a.ofSDK(p.Path()) || a.book.looksOurs(p.Path()) {
		return nil
	}
	sig, server := c.Callee.Signature(), sdk.None
	var spec *sdk.Spec
	if recv := sig.Recv(); recv != nil {
		if e := a.carries(recv.Type()); e != nil {
			server, spec = sdk.Recv, e.spec
		}
	}
	for i := 0; i < sig.Params().Len() && server == sdk.None; i++ {
		if e := a.carries(sig.Params().At(i).Type()); e != nil {
			server, spec = sdk.Arg(i+1), e.spec
		}
	}
	if server != sdk.None {
		return a.wrapping(sig, server, spec)
	}
	for i := range sig.Results().Len() {
		if e := a.carries(sig.Results().At(i).Type()); e != nil {
			return &entry{sym: sdk.Symbol{Role: sdk.RoleServer, Opaque: true}, spec: e.spec}
		}
	}
	return nil
}

// wrapping is the part of a function that is given a server: it registers what it is
// given beside it, serves it on the transport that it is given, or gives it back.
func (a *analysis) wrapping(sig *types.Signature, server sdk.Arg, spec *sdk.Spec) *entry {
	for i := range sig.Params().Len() {
		t, variadic := sig.Params().At(i).Type(), sig.Variadic() && i == sig.Params().Len()-1
		if s, ok := t.Underlying().(*types.Slice); ok && variadic {
			t = s.Elem()
		}
		e, arg := a.book.typeOf(t), sdk.Arg(i+1)
		switch {
		case e != nil && e.spec == spec && isItemRole(e.typ.Role):
			return &entry{sym: sdk.Symbol{Role: e.typ.Role, Server: server, Item: arg, Variadic: variadic}, spec: spec}
		case e != nil && e.spec == spec && e.typ.Role == sdk.RoleTransport:
			return &entry{sym: sdk.Symbol{Role: sdk.RoleStdio, Server: server, Transport: arg}, spec: spec}
		}
	}
	if server == sdk.Recv && sig.Results().Len() > 0 && a.carries(sig.Results().At(0).Type()) != nil {
		return &entry{sym: sdk.Symbol{Role: sdk.RoleOption, Server: server, Chained: true}, spec: spec}
	}
	return nil
}

// carries returns the SDK's server that a type is, or that a struct of a module
// outside holds in a field; nil for other types.
func (a *analysis) carries(t types.Type) *typeEntry {
	if e := a.book.typeOf(t); e != nil {
		if e.typ.Role == sdk.RoleServer {
			return e
		}
		return nil
	}
	n := named(t)
	if n == nil || n.Obj().Pkg() == nil || a.inModule(n.Obj().Pkg()) || a.ofSDK(n.Obj().Pkg().Path()) {
		return nil
	}
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i := range st.NumFields() {
		if e := a.book.typeOf(st.Field(i).Type()); e != nil && e.typ.Role == sdk.RoleServer {
			return e
		}
	}
	return nil
}

// wrapped reports whether an origin is the server in what a wrapper returned.
func (a *analysis) wrapped(o flow.Origin) bool {
	if o.Callee == nil || a.book.lookup(o.Callee) != nil || o.Rest == nil || o.Rest.Tail() != nil {
		return false
	}
	f := o.Rest.Step().Field
	return f != nil && a.carries(f.Type()) != nil
}

// noteWrapper says what is not seen of a server that another module made.
func (a *analysis) noteWrapper(c played) {
	if a.book.lookup(c.Callee) == nil {
		a.note(c.In, c.Expr.Pos(), "the server is made by "+quoteName(funcName(c.Callee))+" of "+c.Callee.Pkg().Path()+
			", and what that registers and serves by itself is not looked at")
	}
}
