// Package foxy knows the names of github.com/strowk/foxy-contexts. No adapter
// guards its servers.
package foxy

import "github.com/mcp-migrate/mcp-migrate/internal/sdk"

const (
	module    = "github.com/strowk/foxy-contexts"
	pkgApp    = module + "/pkg/app"
	pkgFx     = module + "/pkg/fxctx"
	pkgMCP    = module + "/pkg/mcp"
	pkgStdio  = module + "/pkg/stdio"
	pkgSSE    = module + "/pkg/sse"
	pkgStream = module + "/pkg/streamable_http"
)

// Spec returns what foxy-contexts' names mean, as of v0.1.
func Spec() *sdk.Spec {
	s := &sdk.Spec{
		Name: "foxy-contexts", Module: module, Types: types(),
		ByHand: "leave its port on the local machine, with a program in front that checks who is calling and passes on what it let through: " +
			"foxy-contexts makes the http.Server itself, and nothing of the program's can stand in front of that",
	}
	s.Symbols = append(append(builder(), options()...), transports()...)
	return s
}

// on makes the symbol of a method of the builder, all of which give it back.
func on(name string, role sdk.Role) sdk.Symbol {
	return sdk.Symbol{Pkg: pkgApp, Recv: "Builder", Name: name, Role: role, Server: sdk.Recv, Chained: true}
}

func builder() []sdk.Symbol {
	list := []sdk.Symbol{{Pkg: pkgApp, Name: "NewBuilder", Role: sdk.RoleServer}}
	for name, role := range map[string]sdk.Role{
		"WithTool": sdk.RoleTool, "WithPrompt": sdk.RolePrompt,
		"WithResource": sdk.RoleResource, "WithResourceProvider": sdk.RoleResource,
	} {
		s := on(name, role)
		s.Item = 1
		list = append(list, s)
	}
	for _, name := range []string{"WithServerCapabilities", "WithFxOptions", "WithName", "WithVersion", "WithExtraServerOptions"} {
		list = append(list, on(name, sdk.RoleOption))
	}
	connect := on("WithTransport", sdk.RoleConnect)
	connect.Transport = 1
	return append(list, connect)
}

// options are the definitions, and what hands them to the container of fx: by then
// no server is at hand.
func options() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgFx, Name: "NewTool", Role: sdk.RoleDefine, Defines: sdk.RoleTool, Item: 1},
		{Pkg: pkgFx, Name: "NewPrompt", Role: sdk.RoleDefine, Defines: sdk.RolePrompt, Item: 1},
		{Pkg: pkgFx, Recv: "Prompt", Name: "WithCompleter", Role: sdk.RoleDefine, Defines: sdk.RolePrompt, Item: sdk.Recv},
		{Pkg: pkgFx, Name: "NewResource", Role: sdk.RoleDefine, Defines: sdk.RoleResource, Item: 1},
		{Pkg: pkgFx, Name: "AsTool", Role: sdk.RoleTool, Item: 1},
		{Pkg: pkgFx, Name: "AsPrompt", Role: sdk.RolePrompt, Item: 1},
		{Pkg: pkgFx, Name: "AsResource", Role: sdk.RoleResource, Item: 1},
		{Pkg: pkgFx, Name: "AsResourceProvider", Role: sdk.RoleResource, Item: 1},
	}
}

func transports() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgStdio, Name: "NewTransport", Role: sdk.RoleTransport, Kind: sdk.KindStdio},
		{Pkg: pkgSSE, Name: "NewTransport", Role: sdk.RoleTransport, Kind: sdk.KindSSE, Listens: true},
		{Pkg: pkgStream, Name: "NewTransport", Role: sdk.RoleTransport, Kind: sdk.KindStreamable, Listens: true},
	}
}

func types() []sdk.Type {
	return []sdk.Type{
		{Pkg: pkgApp, Name: "Builder", Role: sdk.RoleServer},
		{Pkg: pkgMCP, Name: "Tool", Role: sdk.RoleTool, NameField: "Name", Schemas: []string{"InputSchema"}},
		{Pkg: pkgMCP, Name: "Prompt", Role: sdk.RolePrompt, NameField: "Name"},
		{Pkg: pkgMCP, Name: "Resource", Role: sdk.RoleResource, NameField: "Uri"},
	}
}
