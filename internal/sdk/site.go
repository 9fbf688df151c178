// Package sdk says what an MCP SDK's symbols mean. Each SDK has one folder below
// this one, which knows its names ([Spec]) and writes its wiring ([Wirer]);
// internal/sdk/all lists them.
package sdk

import (
	"fmt"
	"go/ast"
	"go/token"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A Role is the part that a call plays in an MCP server.
type Role string

// The roles of a symbol.
const (
	RoleServer     Role = "server"     // makes a server value
	RoleTool       Role = "tool"       // registers tools on a server
	RolePrompt     Role = "prompt"     // registers prompts
	RoleResource   Role = "resource"   // registers resources or resource templates
	RoleTransport  Role = "transport"  // makes an HTTP transport or handler from a server
	RoleStart      Role = "start"      // serves a transport itself (mcp-go's Start)
	RoleConnect    Role = "connect"    // gives a server the transport that the SDK serves it on
	RoleStdio      Role = "stdio"      // serves a server over stdio
	RoleInProcess  Role = "in-process" // serves a server over another way out
	RoleGuard      Role = "guard"      // wraps a handler with a check
	RoleMiddleware Role = "middleware" // adds a hook to a server; not a guard by itself
	RoleMount      Role = "mount"      // net/http or router: mounts a handler at a pattern
	RoleListen     Role = "listen"     // net/http: serves a handler on an address
	RoleDefine     Role = "define"     // makes the definition of a tool, prompt or resource
	RoleOption     Role = "option"     // makes an option of a server, transport or tool
	RoleHandlerOf  Role = "handler-of" // gives the handler of a transport, or a part of it
	RoleClient     Role = "client"     // calls a server
	RoleWrap       Role = "wrap"       // wraps a handler without checking who calls
	RoleRefuse     Role = "refuse"     // makes a tool's result that is an error; as a type: NameField says that
	RoleCaller     Role = "caller"     // reads who the SDK's own guard said is calling; as a type: NameField says that
)

// An Effect is what an option does, as far as it matters here.
type Effect string

// The effects of options.
const (
	EffectPath        Effect = "path"        // sets the endpoint path
	EffectBasePath    Effect = "base-path"   // puts something in front of every path
	EffectHTTPServer  Effect = "http-server" // serves on an http.Server of the user's own
	EffectContext     Effect = "context"     // puts things into the request context; can't refuse
	EffectMiddleware  Effect = "middleware"  // wraps handlers of tools, prompts or resources
	EffectAuthorizer  Effect = "authorizer"  // puts a check of the user's in front of every request
	EffectFilter      Effect = "filter"      // hides items from lists
	EffectHooks       Effect = "hooks"       // observes requests
	EffectReadOnly    Effect = "read-only"   // marks a tool read-only
	EffectDestructive Effect = "destructive" // marks a tool destructive
	EffectAnnotations Effect = "annotations" // sets all annotations of a tool
	EffectProperty    Effect = "property"    // adds a field to a tool's input that may hold text: Item names it
	EffectInput       Effect = "input"       // says what a tool takes: by Schema, or by its type argument
)

// A Kind is how a transport speaks.
type Kind string

// The kinds of transport.
const (
	KindStreamable Kind = "streamable-http"
	KindSSE        Kind = "sse"
	KindStdio      Kind = "stdio"
	KindInProcess  Kind = "in-process"
	KindSocket     Kind = "socket" // a network protocol other than HTTP
)

// A Site is one place in the user's source that plays a role.
type Site struct {
	Role Role
	Pkg  *load.Package
	File *load.File
	Node ast.Node // *ast.CallExpr; for http.Server{Handler: h} the *ast.CompositeLit
}

// Position returns where the site stands, with the file relative to the module
// root. In a cgo file the line is that of the source, by the cgo tool's line
// directives, and offset and column are not exact.
func (s Site) Position(fset *token.FileSet) token.Position {
	p := fset.PositionFor(s.Node.Pos(), s.File.Cgo)
	p.Filename = s.File.Rel
	return p
}

// ID identifies the site within one version of the program: "main.go:12:3".
func (s Site) ID(fset *token.FileSet) string {
	p := s.Position(fset)
	return fmt.Sprintf("%s:%d:%d", p.Filename, p.Line, p.Column)
}
