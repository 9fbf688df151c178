package gosdk

import "github.com/mcp-migrate/mcp-migrate/internal/sdk"

const (
	module  = "github.com/modelcontextprotocol/go-sdk"
	pkgMCP  = module + "/mcp"
	pkgAuth = module + "/auth"
)

// Spec returns what go-sdk's names mean, from v0.2 on.
func Spec() *sdk.Spec {
	s := &sdk.Spec{Name: "go-sdk", Module: module, Types: types()}
	for _, list := range [][]sdk.Symbol{registrations(), transports()} {
		s.Symbols = append(s.Symbols, list...)
	}
	return s
}

// on makes the symbol of a method of the server.
func on(name string, role sdk.Role, variadic bool) sdk.Symbol {
	return sdk.Symbol{Pkg: pkgMCP, Recv: "Server", Name: name, Role: role, Server: sdk.Recv, Item: 1, Variadic: variadic}
}

func registrations() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgMCP, Name: "NewServer", Role: sdk.RoleServer, Options: 2},
		{Pkg: pkgMCP, Name: "AddTool", Role: sdk.RoleTool, Server: 1, Item: 2, Input: 3, Handler: 3},
		{Pkg: pkgMCP, Recv: "Server", Name: "AddTool", Role: sdk.RoleTool, Server: sdk.Recv, Item: 1, Handler: 2},
		on("AddTools", sdk.RoleTool, true),
		on("AddPrompt", sdk.RolePrompt, false),
		on("AddPrompts", sdk.RolePrompt, true),
		on("AddResource", sdk.RoleResource, false),
		on("AddResources", sdk.RoleResource, true),
		on("AddResourceTemplate", sdk.RoleResource, false),
		on("AddResourceTemplates", sdk.RoleResource, true),
		on("AddReceivingMiddleware", sdk.RoleMiddleware, true),
		{Pkg: pkgMCP, Name: "NewServerTool", Role: sdk.RoleDefine, Defines: sdk.RoleTool, Item: 1, Input: 3},
	}
}

func transports() []sdk.Symbol {
	list := []sdk.Symbol{
		{Pkg: pkgMCP, Name: "NewStreamableHTTPHandler", Role: sdk.RoleTransport, Kind: sdk.KindStreamable, Server: 1, Options: 2},
		{Pkg: pkgMCP, Name: "NewSSEHandler", Role: sdk.RoleTransport, Kind: sdk.KindSSE, Server: 1, Options: 2},
		{Pkg: pkgMCP, Recv: "StreamableHTTPHandler", Name: "ServeHTTP", Role: sdk.RoleHandlerOf, Transport: sdk.Recv},
		{Pkg: pkgMCP, Recv: "SSEHandler", Name: "ServeHTTP", Role: sdk.RoleHandlerOf, Transport: sdk.Recv},
		{Pkg: pkgMCP, Recv: "Server", Name: "Run", Role: sdk.RoleStdio, Server: sdk.Recv, Transport: 2},
		{Pkg: pkgMCP, Recv: "Server", Name: "Connect", Role: sdk.RoleStdio, Server: sdk.Recv, Transport: 2},
		{Pkg: pkgMCP, Name: "NewStdioTransport", Role: sdk.RoleTransport, Kind: sdk.KindStdio},
		{Pkg: pkgMCP, Name: "NewInMemoryTransports", Role: sdk.RoleTransport, Kind: sdk.KindInProcess},
		{Pkg: pkgAuth, Name: "RequireBearerToken", Role: sdk.RoleGuard, Verifier: 1},
		{Pkg: pkgAuth, Name: "TokenInfoFromContext", Role: sdk.RoleCaller},
	}
	return list
}

func types() []sdk.Type {
	return []sdk.Type{
		{Pkg: pkgMCP, Name: "Server", Role: sdk.RoleServer},
		{Pkg: pkgMCP, Name: "Tool", Role: sdk.RoleTool, NameField: "Name", Annotations: "Annotations", Schemas: []string{"InputSchema"}},
		{Pkg: pkgMCP, Name: "ServerTool", Role: sdk.RoleTool, Inner: "Tool"},
		{Pkg: pkgMCP, Name: "Prompt", Role: sdk.RolePrompt, NameField: "Name"},
		{Pkg: pkgMCP, Name: "ServerPrompt", Role: sdk.RolePrompt, Inner: "Prompt"},
		{Pkg: pkgMCP, Name: "Resource", Role: sdk.RoleResource, NameField: "URI"},
		{Pkg: pkgMCP, Name: "ServerResource", Role: sdk.RoleResource, Inner: "Resource"},
		{Pkg: pkgMCP, Name: "ResourceTemplate", Role: sdk.RoleResource, NameField: "URITemplate"},
		{Pkg: pkgMCP, Name: "ToolAnnotations", Role: sdk.RoleOption, ReadOnly: "ReadOnlyHint", Destructive: "DestructiveHint"},
		{Pkg: pkgMCP, Name: "StreamableHTTPHandler", Role: sdk.RoleTransport, Kind: sdk.KindStreamable},
		{Pkg: pkgMCP, Name: "SSEHandler", Role: sdk.RoleTransport, Kind: sdk.KindSSE},
		{Pkg: pkgMCP, Name: "Transport", Role: sdk.RoleTransport},
		{Pkg: pkgMCP, Name: "StdioTransport", Role: sdk.RoleTransport, Kind: sdk.KindStdio},
		{Pkg: pkgMCP, Name: "IOTransport", Role: sdk.RoleTransport, Kind: sdk.KindStdio, Stream: "Reader"},
		{Pkg: pkgMCP, Name: "InMemoryTransport", Role: sdk.RoleTransport, Kind: sdk.KindInProcess},
		{Pkg: pkgMCP, Name: "LoggingTransport", Role: sdk.RoleTransport, Inner: "Transport"},
		{Pkg: pkgMCP, Name: "StreamableServerTransport", Role: sdk.RoleTransport, Kind: sdk.KindStreamable},
		{Pkg: pkgMCP, Name: "SSEServerTransport", Role: sdk.RoleTransport, Kind: sdk.KindSSE},
		{Pkg: pkgMCP, Name: "ClientSession", Role: sdk.RoleClient},
		{Pkg: pkgMCP, Name: "RequestExtra", Role: sdk.RoleCaller, NameField: "TokenInfo"},
		{Pkg: pkgMCP, Name: "CallToolResult", Role: sdk.RoleRefuse, NameField: "IsError"},
	}
}
