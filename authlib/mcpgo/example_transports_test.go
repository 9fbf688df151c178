//go:build !authlib_no_start

package mcpgo_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// A server over the older HTTP+SSE transport: strangers get no stream, and so no
// address to post to.
func ExampleGuard_AtSSE() {
	core, err := authlib.New(authlib.Config{Resource: "http://localhost:8080/sse", Verifier: people, AuthorizationServers: []string{"https://id.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard := mcpgo.New(core)
	s := server.NewSSEServer(guard.Server(server.NewMCPServer("notes", "1")), guard.AtSSE()) // s.Start(":8080")

	w := httptest.NewRecorder()
	guard.Handler("/sse", s).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:8080/sse", nil))
	fmt.Println(w.Code, w.Header().Get("Www-Authenticate"))
	// Output: 401 Bearer resource_metadata="http://localhost:8080/.well-known/oauth-protected-resource/sse"
}

// A server that Start serves: the guard goes in as an option.
func ExampleGuard_At() {
	core, err := authlib.New(authlib.Config{Resource: "http://localhost:8080/mcp", Verifier: people, AuthorizationServers: []string{"https://id.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard := mcpgo.New(core)
	s := server.NewStreamableHTTPServer(guard.Server(server.NewMCPServer("notes", "1")), guard.At("/mcp"))
	fmt.Println(s != nil, core.MetadataPath()) // then s.Start(":8080")
	// Output: true /.well-known/oauth-protected-resource/mcp
}
