package gosdk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

// A server is guarded in three places: the guard is made, the server gets the check
// inside the SDK, and the transport is mounted behind the guard. The verifier people
// stands for that of package jwtauth, apikey or broker.
func Example() {
	s := mcp.NewServer(&mcp.Implementation{Name: "notes", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "read"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		caller, _ := authlib.FromContext(ctx)
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "the notes of " + caller.Subject}}}, nil, nil
	})

	core, err := authlib.New(authlib.Config{
		Resource: "https://mcp.example.com/mcp", Verifier: people, AuthorizationServers: []string{"https://id.example.com"},
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{"read": {AllScopes: []string{"read"}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	guard := gosdk.New(core)
	transport := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return guard.Server(s) }, &mcp.StreamableHTTPOptions{Stateless: true})
	mux := http.NewServeMux() // http.ListenAndServe(":8080", mux)
	guard.Mount(mux, "/mcp", transport)

	for _, token := range []string{"", "alice"} {
		r := httptest.NewRequest(http.MethodPost, "https://mcp.example.com/mcp",
			strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{}}}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
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

// Over stdio the caller is whom the credential in the environment belongs to. A program
// without one does not start.
func ExampleGuard_Stdio() {
	core, err := authlib.New(authlib.Config{
		Resource: "http://localhost/mcp", Verifier: people, AuthorizationServers: []string{"https://id.example.com"},
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{"read": {AllScopes: []string{"read"}}}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	_, err = gosdk.New(core).Stdio(ctx, "") // os.Getenv("MCP_ACCESS_TOKEN")
	fmt.Println(err)
	guard, err := gosdk.New(core).Stdio(ctx, "alice")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := mcp.NewServer(&mcp.Implementation{Name: "notes", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "read"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		caller, _ := authlib.FromContext(ctx)
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "the notes of " + caller.Subject}}}, nil, nil
	})

	// In a program: guard.Server(s).Run(ctx, &mcp.StdioTransport{})
	ours, theirs := mcp.NewInMemoryTransports()
	if _, err := guard.Server(s).Connect(ctx, ours, nil); err != nil {
		fmt.Println(err)
		return
	}
	client, err := mcp.NewClient(&mcp.Implementation{Name: "client", Version: "1"}, nil).Connect(ctx, theirs, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	res, err := client.CallTool(ctx, &mcp.CallToolParams{Name: "read"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Content[0].(*mcp.TextContent).Text)
	// Output:
	// authlib: the stdio credential is empty: authlib: no credentials
	// the notes of alice
}
