package mcpgo

import "github.com/mcp-migrate/mcp-migrate/internal/sdk"

const (
	module     = "github.com/mark3labs/mcp-go"
	pkgServer  = module + "/server"
	pkgMCP     = module + "/mcp"
	pkgClient  = module + "/client"
	pkgClientT = module + "/client/transport"
)

// Spec returns what mcp-go's names mean, from v0.8 on.
func Spec() *sdk.Spec {
	s := &sdk.Spec{Name: "mcp-go", Module: module, StreamPath: "/mcp", SSEPath: "/sse", Types: types()}
	for _, list := range [][]sdk.Symbol{servers(), registrations(), definitions(), transports(), options()} {
		s.Symbols = append(s.Symbols, list...)
	}
	return s
}

func servers() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgServer, Name: "NewMCPServer", Role: sdk.RoleServer, Options: 3},
		{Pkg: pkgServer, Name: "NewDefaultServer", Role: sdk.RoleServer},
	}
}

// on makes the symbol of a method of the server.
func on(name string, role sdk.Role, item sdk.Arg, variadic bool) sdk.Symbol {
	return sdk.Symbol{Pkg: pkgServer, Recv: "MCPServer", Name: name, Role: role, Server: sdk.Recv, Item: item, Variadic: variadic}
}

func registrations() []sdk.Symbol {
	list := []sdk.Symbol{
		on("AddTool", sdk.RoleTool, 1, false),
		on("AddTools", sdk.RoleTool, 1, true),
		on("SetTools", sdk.RoleTool, 1, true),
		on("AddSessionTool", sdk.RoleTool, 2, false),
		on("AddSessionTools", sdk.RoleTool, 2, true),
		on("AddPrompt", sdk.RolePrompt, 1, false),
		on("AddPrompts", sdk.RolePrompt, 1, true),
		on("SetPrompts", sdk.RolePrompt, 1, true),
		on("AddResource", sdk.RoleResource, 1, false),
		on("AddResources", sdk.RoleResource, 1, true),
		on("SetResources", sdk.RoleResource, 1, true),
		on("AddSessionResource", sdk.RoleResource, 2, false),
		on("AddSessionResources", sdk.RoleResource, 2, true),
		on("AddResourceTemplate", sdk.RoleResource, 1, false),
		on("AddResourceTemplates", sdk.RoleResource, 1, true),
		on("SetResourceTemplates", sdk.RoleResource, 1, true),
		on("AddSessionResourceTemplate", sdk.RoleResource, 2, false),
		on("AddSessionResourceTemplates", sdk.RoleResource, 2, true),
		on("Use", sdk.RoleMiddleware, 1, true),
		{Pkg: pkgServer, Recv: "MCPServer", Name: "HandleCallTool", Role: sdk.RoleTool, Server: sdk.Recv, Item: 1, Named: true}, // up to v0.4: it is given the name
	}
	for i := range list {
		if list[i].Role == sdk.RoleMiddleware {
			list[i].Defines = sdk.RoleTool
		}
		if list[i].Name == "AddTool" || list[i].Name == "AddSessionTool" {
			list[i].Handler = list[i].Item + 1
		}
	}
	for name, role := range map[string]sdk.Role{"Tools": sdk.RoleTool, "Resources": sdk.RoleResource, "ResourceTemplates": sdk.RoleResource} {
		list = append(list, sdk.Symbol{Pkg: pkgServer, Recv: "SessionWith" + name, Name: "SetSession" + name, Role: role, Item: 1, Many: true})
	}
	for _, name := range []string{"AddTaskTool", "AddTaskTools"} {
		s := on(name, sdk.RoleTool, 1, name == "AddTaskTools")
		s.Task = true
		list = append(list, s)
	}
	return list
}

func definitions() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgMCP, Name: "NewTool", Role: sdk.RoleDefine, Defines: sdk.RoleTool, Item: 1, Options: 2},
		{Pkg: pkgMCP, Name: "NewToolWithRawSchema", Role: sdk.RoleDefine, Defines: sdk.RoleTool, Item: 1, Schema: 3},
		{Pkg: pkgMCP, Name: "NewPrompt", Role: sdk.RoleDefine, Defines: sdk.RolePrompt, Item: 1, Options: 2},
		{Pkg: pkgMCP, Name: "NewResource", Role: sdk.RoleDefine, Defines: sdk.RoleResource, Item: 1, Options: 3},
		{Pkg: pkgMCP, Name: "NewResourceTemplate", Role: sdk.RoleDefine, Defines: sdk.RoleResource, Item: 1, Options: 3},
		{Pkg: pkgMCP, Name: "NewToolResultError", Role: sdk.RoleRefuse},
		{Pkg: pkgMCP, Name: "NewToolResultErrorf", Role: sdk.RoleRefuse},
		{Pkg: pkgMCP, Name: "NewToolResultErrorFromErr", Role: sdk.RoleRefuse},
	}
}

func transports() []sdk.Symbol {
	streamable := sdk.Symbol{Pkg: pkgServer, Recv: "StreamableHTTPServer"}
	sse := sdk.Symbol{Pkg: pkgServer, Recv: "SSEServer"}
	list := []sdk.Symbol{
		{Pkg: pkgServer, Name: "NewStreamableHTTPServer", Role: sdk.RoleTransport, Kind: sdk.KindStreamable, Server: 1, Options: 2},
		{Pkg: pkgServer, Name: "NewSSEServer", Role: sdk.RoleTransport, Kind: sdk.KindSSE, Server: 1, Options: 2},
		{Pkg: pkgServer, Name: "NewTestServer", Role: sdk.RoleTransport, Kind: sdk.KindSSE, Server: 1, Options: 2},
		{Pkg: pkgServer, Name: "NewStdioServer", Role: sdk.RoleTransport, Kind: sdk.KindStdio, Server: 1},
		{Pkg: pkgServer, Name: "ServeStdio", Role: sdk.RoleStdio, Kind: sdk.KindStdio, Server: 1, Options: 2},
		{Pkg: pkgServer, Recv: "StdioServer", Name: "Listen", Role: sdk.RoleStart, Transport: sdk.Recv, Stream: 2},
		{Pkg: pkgServer, Recv: "MCPServer", Name: "HandleMessage", Role: sdk.RoleInProcess, Kind: sdk.KindInProcess, Server: sdk.Recv},
		{Pkg: pkgClient, Name: "NewInProcessClient", Role: sdk.RoleInProcess, Kind: sdk.KindInProcess, Server: 1},
		{Pkg: pkgClient, Name: "NewInProcessClientWithOptions", Role: sdk.RoleInProcess, Kind: sdk.KindInProcess, Server: 1},
		{Pkg: pkgClient, Name: "NewInProcessClientWithSamplingHandler", Role: sdk.RoleInProcess, Kind: sdk.KindInProcess, Server: 1},
		{Pkg: pkgClientT, Name: "NewInProcessTransport", Role: sdk.RoleInProcess, Kind: sdk.KindInProcess, Server: 1},
		{Pkg: pkgClientT, Name: "NewInProcessTransportWithOptions", Role: sdk.RoleInProcess, Kind: sdk.KindInProcess, Server: 1},
	}
	for _, t := range []sdk.Symbol{streamable, sse} {
		t.Transport = sdk.Recv
		t.Name, t.Role, t.Addr = "Start", sdk.RoleStart, 1
		list = append(list, t)
		t.Role, t.Addr = sdk.RoleHandlerOf, sdk.None
		for _, name := range []string{"ServeHTTP", "SSEHandler", "MessageHandler", "Handle"} {
			t.Name = name
			list = append(list, t)
		}
	}
	return list
}

func options() []sdk.Symbol {
	list := []sdk.Symbol{
		{Pkg: pkgServer, Name: "WithEndpointPath", Path: 1, Effect: sdk.EffectPath},
		{Pkg: pkgServer, Name: "WithSSEEndpoint", Path: 1, Effect: sdk.EffectPath},
		{Pkg: pkgServer, Name: "WithBasePath", Effect: sdk.EffectBasePath},
		{Pkg: pkgServer, Name: "WithStaticBasePath", Effect: sdk.EffectBasePath},
		{Pkg: pkgServer, Name: "WithDynamicBasePath", Effect: sdk.EffectBasePath},
		{Pkg: pkgServer, Name: "WithStreamableHTTPServer", Effect: sdk.EffectHTTPServer},
		{Pkg: pkgServer, Name: "WithHTTPServer", Effect: sdk.EffectHTTPServer},
		{Pkg: pkgServer, Name: "WithHTTPContextFunc", Effect: sdk.EffectContext},
		{Pkg: pkgServer, Name: "WithSSEContextFunc", Effect: sdk.EffectContext},
		{Pkg: pkgServer, Name: "WithStdioContextFunc", Effect: sdk.EffectContext},
		{Pkg: pkgServer, Name: "WithToolHandlerMiddleware", Effect: sdk.EffectMiddleware, Defines: sdk.RoleTool},
		{Pkg: pkgServer, Name: "WithResourceHandlerMiddleware", Effect: sdk.EffectMiddleware},
		{Pkg: pkgServer, Name: "WithPromptHandlerMiddleware", Effect: sdk.EffectMiddleware},
		{Pkg: pkgServer, Name: "WithToolFilter", Effect: sdk.EffectFilter},
		{Pkg: pkgServer, Name: "WithPromptFilter", Effect: sdk.EffectFilter},
		{Pkg: pkgServer, Name: "WithHooks", Effect: sdk.EffectHooks},
		{Pkg: pkgMCP, Name: "WithReadOnlyHintAnnotation", Item: 1, Effect: sdk.EffectReadOnly},
		{Pkg: pkgMCP, Name: "WithDestructiveHintAnnotation", Item: 1, Effect: sdk.EffectDestructive},
		{Pkg: pkgMCP, Name: "WithToolAnnotation", Item: 1, Effect: sdk.EffectAnnotations},
		{Pkg: pkgMCP, Name: "WithInputSchema", Effect: sdk.EffectInput},
		{Pkg: pkgMCP, Name: "WithRawInputSchema", Schema: 1, Effect: sdk.EffectInput},
	}
	for _, name := range []string{"WithString", "WithObject", "WithArray", "WithAny"} {
		list = append(list, sdk.Symbol{Pkg: pkgMCP, Name: name, Item: 1, Effect: sdk.EffectProperty})
	}
	for i := range list {
		list[i].Role = sdk.RoleOption
	}
	return list
}

func types() []sdk.Type {
	return []sdk.Type{
		{Pkg: pkgServer, Name: "MCPServer", Role: sdk.RoleServer},
		{Pkg: pkgMCP, Name: "Tool", Role: sdk.RoleTool, NameField: "Name", Annotations: "Annotations", Schemas: []string{"InputSchema", "RawInputSchema"}},
		{Pkg: pkgServer, Name: "ServerTool", Role: sdk.RoleTool, Inner: "Tool", HandlerField: "Handler"},
		{Pkg: pkgServer, Name: "ServerTaskTool", Role: sdk.RoleTool, Inner: "Tool"},
		{Pkg: pkgMCP, Name: "Prompt", Role: sdk.RolePrompt, NameField: "Name"},
		{Pkg: pkgServer, Name: "ServerPrompt", Role: sdk.RolePrompt, Inner: "Prompt"},
		{Pkg: pkgMCP, Name: "Resource", Role: sdk.RoleResource, NameField: "URI"},
		{Pkg: pkgServer, Name: "ServerResource", Role: sdk.RoleResource, Inner: "Resource"},
		{Pkg: pkgMCP, Name: "ResourceTemplate", Role: sdk.RoleResource, NameField: "URITemplate"},
		{Pkg: pkgServer, Name: "ServerResourceTemplate", Role: sdk.RoleResource, Inner: "Template"},
		{Pkg: pkgMCP, Name: "ToolAnnotation", Role: sdk.RoleOption, ReadOnly: "ReadOnlyHint", Destructive: "DestructiveHint"},
		{Pkg: pkgServer, Name: "StreamableHTTPServer", Role: sdk.RoleTransport, Kind: sdk.KindStreamable},
		{Pkg: pkgServer, Name: "SSEServer", Role: sdk.RoleTransport, Kind: sdk.KindSSE},
		{Pkg: pkgClient, Name: "Client", Role: sdk.RoleClient},
		{Pkg: pkgMCP, Name: "CallToolResult", Role: sdk.RoleRefuse, NameField: "IsError"},
	}
}
