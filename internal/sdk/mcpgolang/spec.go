// Package mcpgolang knows the names of github.com/metoro-io/mcp-golang. No
// adapter guards its servers.
package mcpgolang

import "github.com/mcp-migrate/mcp-migrate/internal/sdk"

const (
	module   = "github.com/metoro-io/mcp-golang"
	pkgHTTP  = module + "/transport/http"
	pkgStdio = module + "/transport/stdio"
)

// Spec returns what mcp-golang's names mean, from v0.7 on.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Name: "mcp-golang", Module: module, Symbols: append(registrations(), transports()...),
		Types: []sdk.Type{
			{Pkg: module, Name: "Server", Role: sdk.RoleServer},
			{Pkg: pkgHTTP, Name: "HTTPTransport", Role: sdk.RoleTransport, Kind: sdk.KindStreamable},
			{Pkg: pkgHTTP, Name: "GinTransport", Role: sdk.RoleTransport, Kind: sdk.KindStreamable},
		},
		ByHand: "serve it through NewGinTransport on a gin.Engine, and let net/http serve that engine, which is an http.Handler, behind Guard.Handler of authlib: " +
			"HTTPTransport makes an http.Server of its own, in front of which nothing of the program's can stand",
	}
}

// on makes the symbol of a method that registers something by its name.
func on(name string, role sdk.Role) sdk.Symbol {
	return sdk.Symbol{Pkg: module, Recv: "Server", Name: name, Role: role, Server: sdk.Recv, Item: 1, Named: true}
}

func registrations() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: module, Name: "NewServer", Role: sdk.RoleServer, Transport: 1, Options: 2},
		{Pkg: module, Recv: "Server", Name: "RegisterTool", Role: sdk.RoleTool, Server: sdk.Recv, Item: 1, Named: true, Input: 3},
		on("RegisterPrompt", sdk.RolePrompt),
		on("RegisterResource", sdk.RoleResource),
		on("RegisterResourceTemplate", sdk.RoleResource),
	}
}

func transports() []sdk.Symbol {
	return []sdk.Symbol{
		{Pkg: pkgHTTP, Name: "NewHTTPTransport", Role: sdk.RoleTransport, Kind: sdk.KindStreamable, Path: 1, Listens: true},
		{Pkg: pkgHTTP, Recv: "HTTPTransport", Name: "WithAddr", Role: sdk.RoleTransport, Kind: sdk.KindStreamable, Transport: sdk.Recv, Addr: 1, Listens: true},
		{Pkg: pkgHTTP, Name: "NewGinTransport", Role: sdk.RoleTransport, Kind: sdk.KindStreamable},
		{Pkg: pkgHTTP, Recv: "GinTransport", Name: "Handler", Role: sdk.RoleHandlerOf, Transport: sdk.Recv},
		{Pkg: pkgStdio, Name: "NewStdioServerTransport", Role: sdk.RoleTransport, Kind: sdk.KindStdio},
		{Pkg: pkgStdio, Name: "NewStdioServerTransportWithIO", Role: sdk.RoleTransport, Kind: sdk.KindStdio, Stream: 1},
	}
}
