// Package thinkin knows the names of github.com/ThinkInAIXYZ/go-mcp. No adapter
// guards its servers.
package thinkin

import "github.com/mcp-migrate/mcp-migrate/internal/sdk"

const (
	module       = "github.com/ThinkInAIXYZ/go-mcp"
	pkgServer    = module + "/server"
	pkgTransport = module + "/transport"
	pkgProtocol  = module + "/protocol"
)

// Spec returns what the names of ThinkInAIXYZ/go-mcp mean, from v0.1 on.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Name: "go-mcp", Module: module, Symbols: append(registrations(), transports()...), Types: types(),
		ByHand: "make the transport with NewStreamableHTTPServerTransportAndHandler or NewSSEServerTransportAndHandler, " +
			"and mount what its handler gives behind Guard.Handler of authlib: the other transports make an http.Server of their own, " +
			"in front of which nothing of the program's can stand",
	}
}

func on(name string, role sdk.Role) sdk.Symbol {
	return sdk.Symbol{Pkg: pkgServer, Recv: "Server", Name: name, Role: role, Server: sdk.Recv, Item: 1}
}

func registrations() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgServer, Name: "NewServer", Role: sdk.RoleServer, Transport: 1, Options: 2},
		on("RegisterTool", sdk.RoleTool),
		on("RegisterPrompt", sdk.RolePrompt),
		on("RegisterResource", sdk.RoleResource),
		on("RegisterResourceTemplate", sdk.RoleResource),
		on("Use", sdk.RoleMiddleware),
		{Pkg: pkgProtocol, Name: "NewTool", Role: sdk.RoleDefine, Defines: sdk.RoleTool, Item: 1, Input: 3},
		{Pkg: pkgProtocol, Name: "NewToolWithRawSchema", Role: sdk.RoleDefine, Defines: sdk.RoleTool, Item: 1, Schema: 3},
	}
}

func transports() []sdk.Symbol {
	list := []sdk.Symbol{
		{Pkg: pkgTransport, Name: "NewStdioServerTransport", Role: sdk.RoleTransport, Kind: sdk.KindStdio},
		{Pkg: pkgTransport, Name: "NewSSEServerTransport", Role: sdk.RoleTransport, Kind: sdk.KindSSE, Addr: 1, Listens: true},
		{Pkg: pkgTransport, Name: "NewStreamableHTTPServerTransport", Role: sdk.RoleTransport, Kind: sdk.KindStreamable, Addr: 1, Listens: true},
		{Pkg: pkgTransport, Name: "NewSSEServerTransportAndHandler", Role: sdk.RoleTransport, Kind: sdk.KindSSE},
		{Pkg: pkgTransport, Name: "NewStreamableHTTPServerTransportAndHandler", Role: sdk.RoleTransport, Kind: sdk.KindStreamable},
		{Pkg: pkgTransport, Name: "NewMockServerTransport", Role: sdk.RoleTransport, Kind: sdk.KindInProcess},
	}
	for recv, names := range map[string][]string{
		"SSEHandler":            {"HandleSSE", "HandleMessage"},
		"StreamableHTTPHandler": {"HandleMCP"},
	} {
		for _, name := range names {
			list = append(list, sdk.Symbol{Pkg: pkgTransport, Recv: recv, Name: name, Role: sdk.RoleHandlerOf, Transport: sdk.Recv})
		}
	}
	return list
}

func types() []sdk.Type {
	return []sdk.Type{
		{Pkg: pkgServer, Name: "Server", Role: sdk.RoleServer},
		{Pkg: pkgProtocol, Name: "Tool", Role: sdk.RoleTool, NameField: "Name", Annotations: "Annotations", Schemas: []string{"InputSchema", "RawInputSchema"}},
		{Pkg: pkgProtocol, Name: "ToolAnnotations", Role: sdk.RoleOption, ReadOnly: "ReadOnlyHint", Destructive: "DestructiveHint"},
		{Pkg: pkgProtocol, Name: "Prompt", Role: sdk.RolePrompt, NameField: "Name"},
		{Pkg: pkgProtocol, Name: "Resource", Role: sdk.RoleResource, NameField: "URI"},
		{Pkg: pkgProtocol, Name: "ResourceTemplate", Role: sdk.RoleResource, NameField: "URITemplate"},
	}
}
