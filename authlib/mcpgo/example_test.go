package mcpgo_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// A server is guarded in three places: the guard is made, the server gets the check
// inside the SDK, and the transport is mounted behind the guard. The verifier people
// stands for that of package jwtauth, apikey or broker.
func Example() {
	s := server.NewMCPServer("notes", "1")
	s.AddTool(mcp.NewTool("read"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		caller, _ := authlib.FromContext(ctx)
		return mcp.NewToolResultText("the notes of " + caller.Subject), nil
	})

	core, err := authlib.New(authlib.Config{
		Resource: "https://mcp.example.com/mcp", Verifier: people, AuthorizationServers: []string{"https://id.example.com"},
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{"read": {AllScopes: []string{"read"}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard := mcpgo.New(core)
	mux := http.NewServeMux() // http.ListenAndServe(":8080", mux)
	guard.Mount(mux, "/mcp", server.NewStreamableHTTPServer(guard.Server(s), server.WithStateLess(true)))

	for _, token := range []string{"", "alice"} {
		r := httptest.NewRequest(http.MethodPost, "https://mcp.example.com/mcp",
			strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read"}}`))
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, strings.Contains(w.Body.String(), "the notes of alice"))
	}
	// Output:
	// 401 false
	// 200 true
}

// Over stdio the caller is whom the credential in the environment belongs to.
func ExampleGuard_Stdio() {
	core, err := authlib.New(authlib.Config{Resource: "http://localhost/mcp", Verifier: people, AuthorizationServers: []string{"https://id.example.com"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard, err := mcpgo.New(core).Stdio(context.Background(), os.Getenv("NO_SUCH_TOKEN"))
	fmt.Println(guard == nil, err) // then server.ServeStdio(guard.Server(s))
	// Output: true authlib: the stdio credential is empty: authlib: no credentials
}
