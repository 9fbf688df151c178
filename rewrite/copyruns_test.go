//go:build oldsdks

package rewrite

// serverOf makes a server behind the copied guard, by adapter: with one tool, and a
// resource that the policy does not name below a template that it does.
var serverOf = map[string]string{
	"mcpgo": `
	s := server.NewMCPServer("app", "1")
	s.AddTool(mcp.NewTool("who"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		p, _ := authlib.FromContext(ctx)
		return mcp.NewToolResultText("you are " + p.Subject), nil
	})
	read := func(_ context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: r.Params.URI, Text: "this is " + r.Params.URI}}, nil
	}
	s.AddResourceTemplate(mcp.NewResourceTemplate("item://{id}", "item"), read)
	s.AddResource(mcp.NewResource("item://secret", "secret"), read)
	a := adapter.New(g)
	var opts []server.StreamableHTTPOption
	if stateless { // early versions take false for true
		opts = append(opts, server.WithStateLess(true))
	}
	open = server.NewStreamableHTTPServer(s, opts...)
	guarded = a.Handler("/mcp", server.NewStreamableHTTPServer(a.Server(s), opts...))
`,
	"gosdk": `
	s := mcp.NewServer(&mcp.Implementation{Name: "app", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "who"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		p, _ := authlib.FromContext(ctx)
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "you are " + p.Subject}}}, nil, nil
	})
	read := func(_ context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: r.Params.URI, Text: "this is " + r.Params.URI}}}, nil
	}
	s.AddResourceTemplate(&mcp.ResourceTemplate{Name: "item", URITemplate: "item://{id}"}, read)
	s.AddResource(&mcp.Resource{Name: "secret", URI: "item://secret"}, read)
	a := adapter.New(g)
	a.Server(s)
	h := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, &mcp.StreamableHTTPOptions{Stateless: stateless})
	open = h
	guarded = a.Handler("/mcp", h)
`,
}

var sdkImports = map[string]string{
	"mcpgo": `"github.com/mark3labs/mcp-go/mcp"; "github.com/mark3labs/mcp-go/server"`,
	"gosdk": `"github.com/modelcontextprotocol/go-sdk/mcp"`,
}

// runTest is a test of the copy: strangers are refused at the guard and past it,
// users are served, and nobody gets into another's session.
func runTest(adapter string) string {
	return `package app

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	` + sdkImports[adapter] + `

	"example.test/app/internal/authlib"
	adapter "example.test/app/internal/authlib/` + adapter + `"
)

func serve(t *testing.T, stateless bool) (guarded, open http.Handler) {
	g, err := authlib.New(authlib.Config{
		Resource: "http://localhost/mcp", AuthorizationServers: []string{"https://id"},
		Verifier: authlib.VerifierFunc(func(_ context.Context, token string) (*authlib.Principal, error) {
			if token != "alice" && token != "bob" {
				return nil, authlib.ErrInvalidToken
			}
			return &authlib.Principal{Issuer: "https://id", Subject: token}, nil
		}),
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{"who": {}}, Resources: map[string]authlib.Rule{"item://{id}": {}}},
	})
	if err != nil {
		t.Fatal(err)
	}
` + serverOf[adapter] + `	return guarded, open
}

func send(t *testing.T, h http.Handler, token, session, body string) (int, string, string) {
	srv := httptest.NewServer(h)
	defer srv.Close()
	r, _ := http.NewRequest("POST", srv.URL+"/mcp", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if session != "" {
		r.Header.Set("Mcp-Session-Id", session)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(b), res.Header.Get("Mcp-Session-Id")
}

const (
	initialize = ` + "`" + `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}` + "`" + `
	ready      = ` + "`" + `{"jsonrpc":"2.0","method":"notifications/initialized"}` + "`" + `
	call       = ` + "`" + `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"who","arguments":{}}}` + "`" + `
	item       = ` + "`" + `{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":"item://1"}}` + "`" + `
	secret     = ` + "`" + `{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":"item://secret"}}` + "`" + `
)

func TestGuard(t *testing.T) {
	for _, stateless := range []bool{false, true} {
		guarded, open := serve(t, stateless)
		for _, token := range []string{"", "mallory"} {
			for _, body := range []string{initialize, call} {
				if status, text, _ := send(t, guarded, token, "", body); status != 401 {
					t.Errorf("stranger: %d %s", status, text)
				}
			}
		}
		status, text, session := send(t, guarded, "alice", "", initialize)
		if status != 200 {
			t.Fatalf("initialize: %d %s", status, text)
		}
		send(t, guarded, "alice", session, ready)
		if status, text, _ := send(t, guarded, "alice", session, call); status != 200 || !strings.Contains(text, "you are alice") {
			t.Errorf("stateless %v: user: %d %s", stateless, status, text)
		}
		if status, text, _ := send(t, guarded, "alice", session, item); status != 200 || !strings.Contains(text, "this is item://1") {
			t.Errorf("stateless %v: a resource by its template: %d %s", stateless, status, text)
		}
		if status, text, _ := send(t, guarded, "alice", session, secret); strings.Contains(text, "this is") || !strings.Contains(text, "forbidden") {
			t.Errorf("stateless %v: a resource that only looks so: %d %s", stateless, status, text)
		}
		if session == "" && !stateless {
			t.Error("no session")
		}
		if session != "" {
			if status, text, _ := send(t, guarded, "bob", session, call); status != 404 {
				t.Errorf("another's session: %d %s", status, text)
			}
		}
		if _, text, _ := send(t, open, "", "", call); strings.Contains(text, "you are") {
			t.Errorf("past the guard: %s", text)
		}
	}
}
`
}
