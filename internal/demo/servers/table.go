// Package servers lists the servers of testdata/servers and copies them aside.
// The demo and the end-to-end test read it.
package servers

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// How a server is told where to listen.
type Listen string

// The ways to say where to listen.
const (
	ByFlag     Listen = "flag"     // --addr host:port
	ByPort     Listen = "port"     // $PORT, on localhost
	ByConstant Listen = "constant" // ":8080" in main.go, replaced in the copy
	Nowhere    Listen = "nowhere"  // stdio only
)

// A Server is one folder of testdata/servers.
type Server struct {
	Name     string         // the folder
	Listen   Listen         // how it is told where to listen
	Pkg      string         // the program, such as "./server"; "" where it is the folder itself
	Path     string         // MCP endpoint; "" for stdio
	Args     []string       // arguments that make it serve HTTP, besides the address
	Also     []string       // other paths at which MCP answers
	Mounts   int            // how often it is mounted beyond the first time
	Open     []string       // its own routes, which stay open
	ReadOnly string         // a tool that only reads
	Want     string         // what its result contains; "" when it changes from call to call
	Delete   map[string]any // arguments of delete_note
	Prompts  bool           // it has prompts and resources as well
	Manual   string         // what migrate says when it leaves this one to a person; "" when it doesn't
	Partly   string         // what migrate says of the part that it leaves to a person, while it does the rest
	Further  *Further       // a second server of the module; nil if there is none
	SSE      *SSE           // its older transport; nil if there is none
	Task     string         // a tool that runs as a task; "" if it has none
	Vendored bool           // it is built from a vendor folder, which is made in the copy
	Secret   *Secret        // what its own check demands; nil for a server that anybody can call
}

// A Secret is what the check of a server's own demands of its callers.
type Secret struct {
	Env    string // the variable that tells the server
	Header string // the header that brings it; Authorization has it as a bearer token
}

// A Further is a second server of a module, with a resource of its own.
type Further struct {
	Path     string // its MCP endpoint
	Env      string // the variable with its URL, once it is migrated
	Flag     string // the flag with its address; "" when it shares the first one's
	Pkg      string // the program that it is in; "" when it is in the first one's
	ReadOnly string // a tool that only reads
}

// An SSE is the older transport of a server, HTTP+SSE.
type SSE struct {
	Path string   // where its streams begin
	Env  string   // the variable with its URL, once it is migrated
	Args []string // instead of the server's; nil when both run at the same time
}

var byText = map[string]any{"text": "buy milk"}

// All are the servers, in the order of testdata/servers/README.md.
func All() []Server {
	return []Server{
		{Name: "mcpgo-start", Listen: ByConstant, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-start-options", Listen: ByFlag, Path: "/rpc", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-mux", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz", "/version"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-packages", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-flag", Listen: ByFlag, Path: "/mcp", Args: []string{"-transport", "http"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-full", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "1: buy milk", Delete: map[string]any{"id": "1"}, Prompts: true, Task: "reindex_notes"},
		{Name: "mcpgo-crlf", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-shutdown", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-httpserver", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-spread", Listen: ByFlag, Path: "/notes", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-struct", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-cobra", Listen: ByFlag, Path: "/mcp", Args: []string{"--transport", "http"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-ports", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText,
			Further: &Further{Path: "/admin", Env: "MCP_RESOURCE_URL_ADMIN", Flag: "--admin-addr", ReadOnly: "count_notes"}},
		{Name: "mcpgo-paths", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText,
			Further: &Further{Path: "/admin", Env: "MCP_RESOURCE_URL_ADMIN", ReadOnly: "count_notes"}},
		{Name: "mcpgo-hybrid", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText, Mounts: 2,
			SSE: &SSE{Path: "/sse", Env: "MCP_RESOURCE_URL_SSE"}},
		{Name: "mcpgo-sse", Listen: ByFlag, Path: "/mcp", Args: []string{"-transport", "http"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText,
			SSE: &SSE{Path: "/sse", Env: "MCP_RESOURCE_URL", Args: []string{"-transport", "sse"}}},
		{Name: "mcpgo-work", Listen: ByFlag, Pkg: "./server", Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-tags", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-chi", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-gin", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "mcpgo-fiber", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText, Manual: "main.go:24:2: fiber is not net/http"},
		{Name: "mcpgo-ownkey", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText,
			Secret: &Secret{Env: "NOTES_KEY", Header: "X-API-Key"}},
		{Name: "mcpgo-bearer", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText,
			Secret: &Secret{Env: "NOTES_TOKEN", Header: "Authorization"}},
		{Name: "mcpgo-vendored", Listen: ByPort, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText, Vendored: true},
		{Name: "mcpgo-stdio", Listen: Nowhere, ReadOnly: "get_time"},
		{Name: "gosdk-listen", Listen: ByConstant, Path: "/mcp", Also: []string{"/", "/other"}, ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "gosdk-handle", Listen: ByFlag, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "get_time", Delete: map[string]any{"id": 1}},
		{Name: "gosdk-mux", Listen: ByPort, Path: "/mcp", Also: []string{"/mcp/", "/mcp/x"}, Mounts: 1, Open: []string{"/healthz"}, ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-echo", Listen: ByPort, Path: "/api/mcp", Open: []string{"/healthz"}, ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-routes", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-server", Listen: ByFlag, Path: "/mcp", Also: []string{"/", "/other"}, ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-packages", Listen: ByFlag, Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText},
		{Name: "gosdk-library", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-full", Listen: ByFlag, Path: "/mcp", Open: []string{"/"}, ReadOnly: "list_notes", Want: "1: buy milk", Delete: map[string]any{"id": "1"}, Prompts: true},
		{Name: "gosdk-wrapper", Listen: ByFlag, Path: "/mcp", ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-request", Listen: ByFlag, Path: "/mcp", ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-method", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-mains", Listen: ByFlag, Path: "/mcp", ReadOnly: "get_time", Delete: byText,
			Further: &Further{Path: "/mcp", Env: "MCP_RESOURCE_URL_ADMIN", Flag: "--addr", Pkg: "./programs/admin", ReadOnly: "count_notes"}},
		{Name: "gosdk-work", Listen: ByFlag, Pkg: "./notes", Path: "/mcp", ReadOnly: "list_notes", Want: "buy milk", Delete: byText,
			Further: &Further{Path: "/mcp", Env: "MCP_RESOURCE_URL_STATUS", Flag: "--addr", Pkg: "./status", ReadOnly: "count_notes"}},
		{Name: "gosdk-cgo", Listen: ByFlag, Path: "/mcp", ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-bearer", Listen: ByPort, Path: "/mcp", Open: []string{"/healthz"}, ReadOnly: "get_time", Delete: byText,
			Secret: &Secret{Env: "NOTES_TOKEN", Header: "Authorization"}},
		{Name: "gosdk-hybrid", Listen: ByFlag, Path: "/mcp", Args: []string{"-http"}, Also: []string{"/", "/other"}, ReadOnly: "get_time", Delete: byText},
		{Name: "gosdk-stdio", Listen: Nowhere, ReadOnly: "get_time"},
	}
}

// Find returns the server called name, or an error that lists the names.
func Find(name string) (Server, error) {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	if i := slices.Index(names, name); i >= 0 {
		return All()[i], nil
	}
	return Server{}, fmt.Errorf("no server is called %q; there are %v", name, names)
}

// HTTP reports whether s serves over HTTP.
func (s Server) HTTP() bool { return s.Listen != Nowhere }

// URL returns the MCP endpoint of s on port. It names localhost, as the
// migrated program does by default: the name is part of the resource.
func (s Server) URL(port int) string { return fmt.Sprintf("http://localhost:%d%s", port, s.Path) }

// Client returns a client of url that brings secret; "" is one without.
func (s Secret) Client(url, secret string) *probe.Client {
	switch {
	case secret == "":
		return &probe.Client{URL: url}
	case s.Header == "Authorization":
		return &probe.Client{URL: url, Token: secret}
	}
	return &probe.Client{URL: url, HTTP: &http.Client{Transport: withHeader{s.Header, secret}, Timeout: 15 * time.Second}}
}

// withHeader adds a header to every request.
type withHeader struct{ name, value string }

func (h withHeader) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(h.name, h.value)
	return http.DefaultTransport.RoundTrip(r)
}

// Addr returns where s listens, as host:port.
func (s Server) Addr(port int) string { return fmt.Sprintf("localhost:%d", port) }

// Run returns the arguments and the environment that make s listen on port.
func (s Server) Run(port int) (args, env []string) {
	args = slices.Clone(s.Args)
	switch s.Listen {
	case ByFlag:
		args = append(args, "--addr", s.Addr(port))
	case ByPort:
		env = append(env, fmt.Sprintf("PORT=%d", port))
	}
	return args, env
}
