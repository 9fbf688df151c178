// Package gomcp knows the names of github.com/localrivet/gomcp. No adapter guards
// its servers.
package gomcp

import "github.com/mcp-migrate/mcp-migrate/internal/sdk"

const (
	module    = "github.com/localrivet/gomcp"
	pkgServer = module + "/server"
)

// Spec returns what gomcp's names mean, from v1.0 on.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Name: "gomcp", Module: module, Symbols: append(registrations(), transports()...),
		Types: []sdk.Type{{Pkg: pkgServer, Name: "Server", Role: sdk.RoleServer}},
		ByHand: "serve it on 127.0.0.1 alone, with a program in front that checks who is calling and passes on what it let through: " +
			"gomcp makes the http.Server itself, and nothing of the program's can stand in front of that",
	}
}

// on makes the symbol of a method of the server, all of which give it back.
func on(name string, role sdk.Role) sdk.Symbol {
	return sdk.Symbol{Pkg: pkgServer, Recv: "Server", Name: name, Role: role, Server: sdk.Recv, Chained: true}
}

func registrations() []sdk.Symbol {
	list := []sdk.Symbol{{Pkg: pkgServer, Name: "NewServer", Role: sdk.RoleServer, Options: 2}}
	for _, item := range []struct {
		name string
		role sdk.Role
	}{{"Tool", sdk.RoleTool}, {"Prompt", sdk.RolePrompt}, {"Resource", sdk.RoleResource}} {
		s := on(item.name, item.role)
		s.Item, s.Named = 1, true
		if item.role == sdk.RoleTool {
			s.Input = 3
		}
		list = append(list, s)
	}
	for _, name := range []string{"WithAnnotations", "Root", "WithSamplingConfig", "WithSamplingController"} {
		list = append(list, on(name, sdk.RoleOption))
	}
	return list
}

func transports() []sdk.Symbol {
	stdio := on("AsStdio", sdk.RoleStdio)
	stdio.Kind = sdk.KindStdio
	list := []sdk.Symbol{stdio}
	for kind, names := range map[sdk.Kind][]string{
		sdk.KindStreamable: {"AsHTTP", "AsHTTPWithPaths"},
		sdk.KindSSE:        {"AsSSE", "AsSSEWithPaths"},
		sdk.KindSocket: {
			"AsWebsocket", "AsWebsocketWithPaths", "AsUnixSocket", "AsUDP", "AsGRPC",
			"AsMQTT", "AsMQTTWithClientID", "AsMQTTWithTLS", "AsNATS", "AsNATSWithClientID", "AsNATSWithToken",
		},
	} {
		for _, name := range names {
			s := on(name, sdk.RoleTransport)
			s.Kind, s.Addr, s.Listens = kind, 1, true
			list = append(list, s)
		}
	}
	return list
}
