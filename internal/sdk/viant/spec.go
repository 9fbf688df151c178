// Package viant knows the names of github.com/viant/mcp. No adapter guards its
// servers.
package viant

import "github.com/mcp-migrate/mcp-migrate/internal/sdk"

const (
	module    = "github.com/viant/mcp"
	protocol  = "github.com/viant/mcp-protocol"
	pkgServer = module + "/server"
	pkgProto  = protocol + "/server"
	pkgSchema = protocol + "/schema"
)

// Spec returns what viant/mcp's names mean, from v0.8 on. Tools are registered with
// a registry that a session's handler is made of, not with the server.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Name: "viant/mcp", Module: module, Further: []string{protocol}, Types: types(),
		Symbols: append(registrations(), transports()...), Checks: checks(),
		ByHand: "wrap the Handler of the http.Server that its HTTP method returns, before it listens: srv.Handler = guard.Protect(srv.Handler)",
	}
}

func registrations() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgServer, Name: "New", Role: sdk.RoleServer, Options: 1},
		{Pkg: module, Name: "NewServer", Role: sdk.RoleServer, Opaque: true},
		{Pkg: pkgProto, Name: "RegisterTool", Role: sdk.RoleTool, Item: 2, Named: true, Input: 4},
		{Pkg: pkgProto, Recv: "Registry", Name: "RegisterTool", Role: sdk.RoleTool, Item: 1},
		{Pkg: pkgProto, Recv: "Registry", Name: "RegisterToolWithSchema", Role: sdk.RoleTool, Item: 1, Named: true, Schema: 3},
		{Pkg: pkgProto, Recv: "Registry", Name: "RegisterPrompts", Role: sdk.RolePrompt, Item: 1},
		{Pkg: pkgProto, Recv: "Registry", Name: "RegisterResource", Role: sdk.RoleResource, Item: 1},
		{Pkg: pkgProto, Recv: "Registry", Name: "RegisterResourceTemplate", Role: sdk.RoleResource, Item: 1},
		{Pkg: pkgProto, Name: "RegisterResource", Role: sdk.RoleResource, Item: 2},
	}
}

func transports() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgServer, Recv: "Server", Name: "HTTP", Role: sdk.RoleTransport, Kind: sdk.KindStreamable, Server: sdk.Recv, Addr: 2, Listens: true},
		{Pkg: pkgServer, Recv: "Server", Name: "Stdio", Role: sdk.RoleStdio, Kind: sdk.KindStdio, Server: sdk.Recv},
		{Pkg: pkgServer, Recv: "Server", Name: "AsClient", Role: sdk.RoleInProcess, Kind: sdk.KindInProcess, Server: sdk.Recv},
		{Pkg: pkgServer, Name: "WithAuthorizer", Role: sdk.RoleOption, Effect: sdk.EffectAuthorizer},
		{Pkg: pkgServer, Name: "WithJRPCAuthorizer", Role: sdk.RoleOption, Effect: sdk.EffectAuthorizer},
	}
}

// checks is the middleware that WithAuthorizer is given. Read whole in v0.8.2 and
// v0.12.1-0.20260319022137-f7530cb6c395, where server/auth is the same: methods other than
// tools/call and resources/read, and requests other than POST, go through; of those two it
// wants a header that begins with "Bearer ", and looks at nothing behind it.
func checks() []sdk.Check {
	return []sdk.Check{{
		Module: module, From: "v0.8.2", Through: "v0.12.1-0.20260319022137-f7530cb6c395",
		Pkg: pkgServer + "/auth", Recv: "Service", Name: "Middleware",
		LetsIn: "lets everybody list what there is, and call it with any text behind \"Bearer \": it hands the token on and never verifies it",
	}}
}

func types() []sdk.Type {
	return []sdk.Type{
		{Pkg: pkgServer, Name: "Server", Role: sdk.RoleServer},
		{Pkg: pkgProto, Name: "ToolEntry", Role: sdk.RoleTool, Inner: "Metadata"},
		{Pkg: pkgSchema, Name: "Tool", Role: sdk.RoleTool, NameField: "Name", Annotations: "Annotations", Schemas: []string{"InputSchema"}},
		{Pkg: pkgSchema, Name: "ToolAnnotations", Role: sdk.RoleOption, ReadOnly: "ReadOnlyHint", Destructive: "DestructiveHint"},
		{Pkg: pkgSchema, Name: "Prompt", Role: sdk.RolePrompt, NameField: "Name"},
		{Pkg: pkgSchema, Name: "Resource", Role: sdk.RoleResource, NameField: "Uri"},
		{Pkg: pkgSchema, Name: "ResourceTemplate", Role: sdk.RoleResource, NameField: "UriTemplate"},
	}
}
