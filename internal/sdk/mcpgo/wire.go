// Package mcpgo knows github.com/mark3labs/mcp-go: the names by which its
// servers are found, and the wiring that guards them.
package mcpgo

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"strconv"

	"github.com/mcp-migrate/mcp-migrate/internal/edit"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Wire writes the wiring of mcp-go servers.
var Wire sdk.Wirer = wirer{}

type wirer struct{}

func (wirer) Adapter() string { return "mcpgo" }

func (wirer) ServerType() (importPath, typ string) {
	return "github.com/mark3labs/mcp-go/server", "*server.MCPServer"
}

// CantGuard is sdk.Wirer's: a stream of HTTP+SSE takes only its owner's messages.
func (wirer) CantGuard(kind sdk.Kind) (why, instead string) {
	if kind == sdk.KindStreamable || kind == sdk.KindSSE {
		return "", ""
	}
	return fmt.Sprintf("the transport %s is not rewritten by this version", kind), ""
}

// WireTransport wraps the server argument: by then every option and hook of the
// user's own is in place, so that the guard's hooks come last.
func (wirer) WireTransport(w sdk.Transport) (sdk.Wired, error) {
	return sdk.Wired{Edits: sdk.Wrap(w.Fset, w.Site.File, w.Server, w.Check+"(", ")",
		"check every call again inside the SDK")}, nil
}

// WireRoute guards one place where a transport is served. Start gets one more
// option; everything else goes through net/http.
func (wirer) WireRoute(w sdk.Route) (sdk.Wired, error) {
	if w.Kind != "start" {
		return sdk.WireHTTP(w)
	}
	call, ok := w.Transport.Node.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return sdk.Wired{}, startByHand(w, "the call that makes the transport is not a plain call")
	}
	own := ownServer[w.Of]
	if w.Own || optionNamed(call, own) != nil {
		return sdk.Wired{}, startByHand(w, "the transport is given an http.Server of its own by "+own)
	}
	if w.Of == sdk.KindSSE {
		return sdk.Wired{Edits: addOption(w, call, w.Auth+".AtSSE()")}, nil
	}
	path := endpointPath(w, call)
	if path == "" {
		return sdk.Wired{}, startByHand(w, "the endpoint path is computed at run time")
	}
	return sdk.Wired{Edits: addOption(w, call, w.Auth+".At("+path+")")}, nil
}

// addOption adds the option last, so that no other option can take the guarded
// http.Server out again.
func addOption(w sdk.Route, call *ast.CallExpr, option string) []edit.Edit {
	last := call.Args[len(call.Args)-1]
	const why = "make Start serve behind the guard"
	f := w.Transport.File
	if call.Ellipsis.IsValid() {
		return sdk.Wrap(w.Fset, f, last, "append(", ", "+option+")", why)
	}
	end := sdk.Offset(w.Fset, f, last.End())
	if line, ok := ownLine(w, call, last); ok {
		indent := edit.Indent(f.Src, sdk.Offset(w.Fset, f, last.Pos()))
		return []edit.Edit{{Start: line, End: line, New: indent + option + ",\n", Why: why}}
	}
	return []edit.Edit{{Start: end, End: end, New: ", " + option, Why: why}}
}

// ownLine returns the offset of the line after the last argument, where that is
// between the argument and the closing parenthesis: there the option gets a line
// of its own, and a comment behind the argument stays with it, if it ends there.
func ownLine(w sdk.Route, call *ast.CallExpr, last ast.Expr) (int, bool) {
	line := func(p token.Pos) int { return w.Fset.PositionFor(p, false).Line }
	if line(last.End()) == line(call.Rparen) || line(call.Lparen) == line(last.Pos()) {
		return 0, false
	}
	src, end := w.Transport.File.Src, sdk.Offset(w.Fset, w.Transport.File, last.End())
	next := bytes.IndexByte(src[end:], '\n')
	if next < 0 || bytes.Contains(src[end:end+next], []byte("/*")) && !bytes.Contains(src[end:end+next], []byte("*/")) {
		return 0, false
	}
	return end + next + 1, true
}

// endpointPath returns the path of the endpoint as an expression: the constant,
// or what the user gives to WithEndpointPath if it can be written twice without
// being computed twice.
func endpointPath(w sdk.Route, call *ast.CallExpr) string {
	if w.Path != "" {
		return strconv.Quote(w.Path)
	}
	option := optionNamed(call, "WithEndpointPath")
	if option == nil || len(option.Args) != 1 {
		return ""
	}
	switch ast.Unparen(option.Args[0]).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return sdk.Text(w.Fset, w.Transport.File, option.Args[0])
	}
	return ""
}

// ownServer is the option that replaces the http.Server of Start.
var ownServer = map[sdk.Kind]string{sdk.KindStreamable: "WithStreamableHTTPServer", sdk.KindSSE: "WithHTTPServer"}

// optionNamed returns the call of an option function among the arguments of call.
func optionNamed(call *ast.CallExpr, name string) *ast.CallExpr {
	for _, arg := range call.Args[1:] {
		option, ok := ast.Unparen(arg).(*ast.CallExpr)
		if !ok {
			continue
		}
		if sel, ok := option.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
			return option
		}
	}
	return nil
}

func startByHand(w sdk.Route, why string) error {
	return &sdk.ManualError{Why: why, Text: fmt.Sprintf(
		"mux := http.NewServeMux()\n%s.Mount(mux, \"/mcp\", transport)\nhttp.ListenAndServe(addr, mux)", w.Auth)}
}
