package mcpgo_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

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
	_, err = mcpgo.New(core).Stdio(ctx, "") // os.Getenv("MCP_ACCESS_TOKEN")
	fmt.Println(err)
	guard, err := mcpgo.New(core).Stdio(ctx, "alice")
	if err != nil {
		fmt.Println(err)
		return
	}
	s := server.NewMCPServer("notes", "1")
	s.AddTool(mcp.NewTool("read"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		caller, _ := authlib.FromContext(ctx)
		return mcp.NewToolResultText("the notes of " + caller.Subject), nil
	})

	// server.ServeStdio(guard.Server(s)) serves os.Stdin; this is a client in its place.
	out, err := callOverStdio(ctx, guard.Server(s), "read")
	fmt.Println(out, err)
	// Output:
	// authlib: the stdio credential is empty: authlib: no credentials
	// the notes of alice <nil>
}

// callOverStdio calls a tool of a server that is served over pipes.
func callOverStdio(ctx context.Context, s *server.MCPServer, tool string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	go func() {
		_ = server.NewStdioServer(s).Listen(ctx, in, out)
		out.Close()
	}()
	defer requests.Close()
	lines := bufio.NewScanner(answers)
	for _, r := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`,
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"` + tool + `"}}`,
	} {
		if _, err := io.WriteString(requests, r+"\n"); err != nil || !lines.Scan() {
			return "", errors.Join(err, lines.Err(), errors.New("the server ended"))
		}
	}
	var answer struct {
		Result struct{ Content []struct{ Text string } }
	}
	if err := json.Unmarshal(lines.Bytes(), &answer); err != nil || len(answer.Result.Content) != 1 {
		return "", fmt.Errorf("%s: %w", lines.Bytes(), err)
	}
	return answer.Result.Content[0].Text, nil
}
