// Package trpc knows the names of trpc.group/trpc-go/trpc-mcp-go. No adapter guards
// its servers.
package trpc

import "github.com/mcp-migrate/mcp-migrate/internal/sdk"

const module = "trpc.group/trpc-go/trpc-mcp-go"

// Spec returns what trpc-mcp-go's names mean, as of v0.0.20. Its servers are their
// own transports.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Name: "trpc-mcp-go", Module: module, StreamPath: "/mcp", SSEPath: "/sse", Types: types(),
		Symbols: append(append(servers(), registrations()...), options()...),
		ByHand:  "serve what its Handler (of a server for SSE: the server itself) gives with net/http, behind Guard.Handler of authlib, in place of Start",
	}
}

func servers() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: module, Name: "NewServer", Role: sdk.RoleServer, Kind: sdk.KindStreamable, Options: 3},
		{Pkg: module, Name: "NewSSEServer", Role: sdk.RoleServer, Kind: sdk.KindSSE, Options: 3},
		{Pkg: module, Name: "NewStdioServer", Role: sdk.RoleServer, Options: 3},
		{Pkg: module, Recv: "Server", Name: "Start", Role: sdk.RoleStart, Transport: sdk.Recv},
		{Pkg: module, Recv: "SSEServer", Name: "Start", Role: sdk.RoleStart, Transport: sdk.Recv, Addr: 1},
		{Pkg: module, Recv: "Server", Name: "Handler", Role: sdk.RoleHandlerOf, Transport: sdk.Recv},
		{Pkg: module, Recv: "Server", Name: "HTTPHandler", Role: sdk.RoleHandlerOf, Transport: sdk.Recv},
		{Pkg: module, Recv: "SSEServer", Name: "ServeHTTP", Role: sdk.RoleHandlerOf, Transport: sdk.Recv},
		{Pkg: module, Recv: "StdioServer", Name: "Start", Role: sdk.RoleStdio, Kind: sdk.KindStdio, Server: sdk.Recv},
		{Pkg: module, Recv: "StdioServer", Name: "StartWithContext", Role: sdk.RoleStdio, Kind: sdk.KindStdio, Server: sdk.Recv},
	}
}

func registrations() []sdk.Symbol {
	list := []sdk.Symbol{
		{Pkg: module, Name: "NewTool", Role: sdk.RoleDefine, Defines: sdk.RoleTool, Item: 1, Options: 2},
		{Pkg: module, Name: "NewResourceTemplate", Role: sdk.RoleDefine, Defines: sdk.RoleResource, Item: 1},
	}
	for _, recv := range []string{"Server", "SSEServer", "StdioServer"} {
		for name, role := range map[string]sdk.Role{
			"RegisterTool": sdk.RoleTool, "RegisterPrompt": sdk.RolePrompt, "RegisterResource": sdk.RoleResource,
			"RegisterResources": sdk.RoleResource, "RegisterResourceTemplate": sdk.RoleResource,
		} {
			list = append(list, sdk.Symbol{Pkg: module, Recv: recv, Name: name, Role: role, Server: sdk.Recv, Item: 1})
		}
	}
	return list
}

func options() []sdk.Symbol {
	list := []sdk.Symbol{
		{Pkg: module, Name: "WithServerPath", Path: 1, Effect: sdk.EffectPath},
		{Pkg: module, Name: "WithSSEEndpoint", Path: 1, Effect: sdk.EffectPath},
		{Pkg: module, Name: "WithBasePath", Effect: sdk.EffectBasePath},
		{Pkg: module, Name: "WithHTTPContextFunc", Effect: sdk.EffectContext},
		{Pkg: module, Name: "WithSSEContextFunc", Effect: sdk.EffectContext},
		{Pkg: module, Name: "WithMiddleware", Effect: sdk.EffectMiddleware},
		{Pkg: module, Name: "WithSSEMiddleware", Effect: sdk.EffectMiddleware},
		{Pkg: module, Name: "WithToolListFilter", Effect: sdk.EffectFilter},
		{Pkg: module, Name: "WithSSEToolListFilter", Effect: sdk.EffectFilter},
		{Pkg: module, Name: "WithToolAnnotations", Item: 1, Effect: sdk.EffectAnnotations},
		{Pkg: module, Name: "WithInputSchema", Schema: 1, Effect: sdk.EffectInput},
		{Pkg: module, Name: "WithInputStruct", Effect: sdk.EffectInput},
	}
	for _, name := range []string{"WithString", "WithObject", "WithArray"} {
		list = append(list, sdk.Symbol{Pkg: module, Name: name, Item: 1, Effect: sdk.EffectProperty})
	}
	for i := range list {
		list[i].Role = sdk.RoleOption
	}
	return list
}

func types() []sdk.Type {
	return []sdk.Type{
		{Pkg: module, Name: "Server", Role: sdk.RoleServer},
		{Pkg: module, Name: "SSEServer", Role: sdk.RoleServer},
		{Pkg: module, Name: "StdioServer", Role: sdk.RoleServer},
		{Pkg: module, Name: "Tool", Role: sdk.RoleTool, NameField: "Name", Annotations: "Annotations", Schemas: []string{"InputSchema"}},
		{Pkg: module, Name: "ToolAnnotations", Role: sdk.RoleOption, ReadOnly: "ReadOnlyHint", Destructive: "DestructiveHint"},
		{Pkg: module, Name: "Prompt", Role: sdk.RolePrompt, NameField: "Name"},
		{Pkg: module, Name: "Resource", Role: sdk.RoleResource, NameField: "URI"},
		{Pkg: module, Name: "ResourceTemplate", Role: sdk.RoleResource, NameField: "Name"},
	}
}
