package sdk

import (
	"fmt"
	"go/ast"
	"go/token"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A Wirer writes the wiring of one SDK: given a transport or a route, the edits
// that put a guard there. It decides nothing: rewrite's plan decides which sites
// are wired.
type Wirer interface {
	// Adapter is the folder below authlib of the SDK's adapter, such as "mcpgo".
	Adapter() string
	// ServerType returns the import path of the package that declares the SDK's
	// server, and the type as written in a file that imports it.
	ServerType() (importPath, typ string)
	// TooOld reports why servers of an SDK's version, such as "v0.30.0", can't be
	// guarded, and the oldest version of which they can; both are "" where nothing
	// stands in the way. start says that the SDK's own Start serves. An empty
	// version is one that is not known, such as that of a replaced module.
	TooOld(version string, start bool) (why, want string)
	// CantGuard says why transports of a kind can't be guarded, and what to do
	// instead; why is "" where they can.
	CantGuard(kind Kind) (why, instead string)
	// StdioTooOld is TooOld for what is served over stdio, where nothing stands in
	// front of the SDK: its hooks have to see every request.
	StdioTooOld(version string) (why, want string)
	// WireTransport returns what makes the SDK check again, behind the guard, the
	// calls that reach w.Server.
	WireTransport(w Transport) (Wired, error)
	// WireRoute returns what puts the guard in front of one place where the
	// transport is served.
	WireRoute(w Route) (Wired, error)
}

// A Transport is a call that makes a transport, as a Wirer sees it.
type Transport struct {
	Check  string // the function that installs the second check, such as "mcpAuth.Server"
	Each   string // the same for a function that returns servers, such as "mcpAuth.Servers"
	Fset   *token.FileSet
	Site   Site
	Server ast.Expr // its server (or getServer) argument
}

// A Route is one place where a transport is served, as a Wirer sees it.
type Route struct {
	Auth      string // name of the variable that holds the adapter's Guard
	Fset      *token.FileSet
	Kind      string // start, mount, listen, server, router
	Site      Site
	Of        Kind     // what is served
	Transport Site     // the call that makes the transport
	Handler   ast.Expr // nil for start
	Mux       ast.Expr // nil: http.DefaultServeMux
	Path      string   // start: the endpoint path
	Own       bool     // start: the transport's options give it an http.Server of the user's own
	CatchAll  bool     // router: the handler has every path that nothing else has
	Passes    ast.Expr // router: the function around Handler that only hands requests on to it; nil if there is none
	Wrap      string   // router, with Passes: what makes a handler of the library of one of net/http
}

// Wired is what a Wirer wants done.
type Wired struct {
	Server string      // expression of a server to be given to Check before the transport is made; "" when Edits do it
	Each   bool        // Edits call Transport.Each instead of Transport.Check
	Edits  []edit.Edit // in the site's file
}

// A ManualError says that a site can't be edited safely, why, and what to paste.
type ManualError struct {
	Why  string // one sentence, lower case
	Text string // the code to write by hand
}

func (e *ManualError) Error() string { return e.Why }

// Offset returns the byte offset of pos in f's original bytes.
func Offset(fset *token.FileSet, f *load.File, pos token.Pos) int {
	return fset.PositionFor(pos, false).Offset
}

// Text returns the source text of n.
func Text(fset *token.FileSet, f *load.File, n ast.Node) string {
	return string(f.Src[Offset(fset, f, n.Pos()):Offset(fset, f, n.End())])
}

// Wrap returns the edits that turn expression n into before+n+after.
func Wrap(fset *token.FileSet, f *load.File, n ast.Node, before, after, why string) []edit.Edit {
	start, end := Offset(fset, f, n.Pos()), Offset(fset, f, n.End())
	return []edit.Edit{
		{Start: start, End: start, New: before, Why: why},
		{Start: end, End: end, New: after, Why: why},
	}
}

// Replace returns the edit that puts text in place of [from, to).
func Replace(fset *token.FileSet, f *load.File, from, to token.Pos, text, why string) edit.Edit {
	return edit.Edit{Start: Offset(fset, f, from), End: Offset(fset, f, to), New: text, Why: why}
}

// WireHTTP is WireRoute for routes through net/http, which are the same for
// every SDK whose adapter's Guard has Mount and Handler.
func WireHTTP(w Route) (Wired, error) {
	switch w.Kind {
	case "mount":
		return wireMount(w)
	case "router":
		return wireRouter(w)
	case "listen", "server":
		return Wired{Edits: Wrap(w.Fset, w.Site.File, w.Handler, w.Auth+`.Handler("/", `, ")", "ask every caller of the handler who they are")}, nil
	}
	return Wired{}, &ManualError{
		Why:  fmt.Sprintf("a handler that is served by %q is not rewritten by this version", w.Kind),
		Text: w.Auth + ".Protect(handler)",
	}
}

// wireMount turns mux.Handle(pattern, h) into auth.Mount(mux, pattern, h).
func wireMount(w Route) (Wired, error) {
	call, ok := w.Site.Node.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return Wired{}, &ManualError{Why: "the mount is not a plain call with a pattern and a handler", Text: w.Auth + ".Mount(mux, pattern, handler)"}
	}
	mux, err := muxText(w, call)
	if err != nil {
		return Wired{}, err
	}
	const why = "mount the handler behind the guard, with the sign-in endpoints next to it"
	f := w.Site.File
	edits := []edit.Edit{Replace(w.Fset, f, call.Pos(), call.Args[0].Pos(), w.Auth+".Mount("+mux+", ", why)}
	more, err := handlerEdits(w, call)
	return Wired{Edits: append(edits, more...)}, err
}

// muxText returns the expression that names the mux as an *http.ServeMux.
func muxText(w Route, call *ast.CallExpr) (string, error) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		if _, plain := call.Fun.(*ast.Ident); plain && w.Mux == nil && dotImport(w.Site.File, "net/http") {
			return "DefaultServeMux", nil
		}
		return "", &ManualError{Why: "the mount calls a function value", Text: w.Auth + ".Mount(mux, pattern, handler)"}
	}
	base := Text(w.Fset, w.Site.File, sel.X)
	if w.Mux == nil {
		return base + ".DefaultServeMux", nil
	}
	if isPointer(w.Site.Pkg.Info.TypeOf(sel.X)) {
		return base, nil
	}
	return "&" + base, nil
}

// handlerEdits makes the handler argument an http.Handler where the call took a
// function: h.ServeHTTP becomes h, any other function f becomes http.HandlerFunc(f).
func handlerEdits(w Route, call *ast.CallExpr) ([]edit.Edit, error) {
	if calledName(call) != "HandleFunc" {
		return nil, nil
	}
	f := w.Site.File
	const why = "Mount takes an http.Handler"
	if method, ok := call.Args[1].(*ast.SelectorExpr); ok && method.Sel.Name == "ServeHTTP" {
		return []edit.Edit{Replace(w.Fset, f, method.X.End(), method.End(), "", why)}, nil
	}
	convert := "HandlerFunc"
	if !dotImport(f, "net/http") {
		name, ok := httpName(w)
		if !ok {
			return nil, &ManualError{Why: "net/http has no name of its own here", Text: w.Auth + ".Mount(mux, pattern, http.HandlerFunc(f))"}
		}
		convert = name + "." + convert
	}
	return Wrap(w.Fset, f, call.Args[1], convert+"(", ")", why), nil
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}
