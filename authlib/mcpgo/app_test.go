package mcpgo_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// people verifies tokens that are names; "admin" has the scope write as well.
var people = authlib.VerifierFunc(func(_ context.Context, token string) (*authlib.Principal, error) {
	switch token {
	case "alice", "bob":
		return &authlib.Principal{Issuer: "https://id", Subject: token, Scopes: []string{"read"}}, nil
	case "admin":
		return &authlib.Principal{Issuer: "https://id", Subject: token, Scopes: []string{"read", "write"}}, nil
	}
	return nil, authlib.ErrInvalidToken
})

// servers is where people would get their tokens.
var servers = []string{"https://id.example.com"}

func policy() authlib.Policy {
	write := authlib.Rule{AllScopes: []string{"write"}}
	return authlib.Policy{
		Base:      authlib.Rule{AllScopes: []string{"read"}},
		Tools:     map[string]authlib.Rule{"who": {}, "hello": {Public: true}, "delete": write, "job": write},
		Prompts:   map[string]authlib.Rule{"greet": {}, "hidden": write},
		Resources: map[string]authlib.Rule{"doc://a": {}, "doc://b": write, "item://{id}": {}, "raw://{id}": write},
	}
}

// An app is a program as a user would have it: a server, ran remembers what ran.
type app struct {
	s   *server.MCPServer
	ran []string
}

func newApp(opts ...server.ServerOption) *app {
	a := &app{}
	a.s = server.NewMCPServer("app", "1", append(opts, server.WithTaskCapabilities(true, true, true), server.WithCompletions())...)
	tool := func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		a.ran = append(a.ran, r.Params.Name)
		name := "nobody"
		if p, ok := authlib.FromContext(ctx); ok {
			name = p.Subject
		}
		return mcp.NewToolResultText(name), nil
	}
	for _, name := range []string{"who", "hello", "delete", "other"} {
		a.s.AddTool(mcp.NewTool(name), tool)
	}
	a.s.AddTaskTool(mcp.NewTool("job", mcp.WithTaskSupport(mcp.TaskSupportRequired)),
		func(context.Context, mcp.CallToolRequest) (*mcp.CreateTaskResult, error) {
			a.ran = append(a.ran, "job")
			return &mcp.CreateTaskResult{}, nil
		})
	for _, name := range []string{"greet", "hidden"} {
		a.s.AddPrompt(mcp.NewPrompt(name), func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			a.ran = append(a.ran, name)
			return &mcp.GetPromptResult{}, nil
		})
	}
	read := func(_ context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		a.ran = append(a.ran, r.Params.URI)
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: r.Params.URI, Text: "x"}}, nil
	}
	a.s.AddResource(mcp.NewResource("doc://a", "a"), read)
	a.s.AddResource(mcp.NewResource("doc://b", "b"), read)
	a.s.AddResourceTemplate(mcp.NewResourceTemplate("item://{id}", "item"), read)
	a.s.AddResourceTemplate(mcp.NewResourceTemplate("raw://{id}", "raw"), read)
	return a
}

// overlapping is an app whose policy names "item://{id}", and that has registered
// more than that below it.
func overlapping(opts ...server.ServerOption) *app {
	a := newApp(append(opts, server.WithResourceCapabilities(true, true))...)
	read := func(_ context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		a.ran = append(a.ran, "unlisted "+r.Params.URI)
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: r.Params.URI, Text: "x"}}, nil
	}
	for i := range 2 { // of one name, across the end of a page of four
		a.s.AddResource(mcp.NewResource(fmt.Sprintf("more://%d", i), "more"), read)
	}
	a.s.AddResource(mcp.NewResource("item://secret", "more"), read)
	a.s.AddResourceTemplate(mcp.NewResourceTemplate("item://x{id}", "unlisted"), read)
	return a
}

// serve starts a server whose handler is made from the guard of its own URL.
func serve(t *testing.T, handler func(*mcpgo.Guard) http.Handler) (url string) {
	t.Helper()
	return serveWith(t, true, handler)
}

func serveWith(t *testing.T, strangers bool, handler func(*mcpgo.Guard) http.Handler) (url string) {
	t.Helper()
	var h http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	h = handler(mcpgo.New(newCore(t, srv.URL+"/mcp", strangers)))
	return srv.URL
}

func newCore(t testing.TB, resource string, strangers bool) *authlib.Guard {
	t.Helper()
	p := policy()
	if !strangers {
		delete(p.Tools, "hello")
	}
	core, err := authlib.New(authlib.Config{Resource: resource, Verifier: people, AuthorizationServers: servers, Policy: p, AllowAnonymous: strangers})
	if err != nil {
		t.Fatal(err)
	}
	return core
}

type answer struct {
	status  int
	header  http.Header
	body    string
	session string
}

func post(t *testing.T, url, token, session, body string) answer {
	t.Helper()
	return do(t, http.MethodPost, url, token, session, body)
}

func do(t *testing.T, method, url, token, session, body string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
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
	return answer{res.StatusCode, res.Header, string(b), res.Header.Get("Mcp-Session-Id")}
}

func req(method, params string) string {
	return `{"jsonrpc":"2.0","id":7,"method":"` + method + `","params":` + params + `}`
}

const initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`

func guarded(a *app) func(*mcpgo.Guard) http.Handler {
	return func(g *mcpgo.Guard) http.Handler {
		return g.Handler("/mcp", server.NewStreamableHTTPServer(g.Server(a.s)))
	}
}

func stateless(a *app) func(*mcpgo.Guard) http.Handler {
	return func(g *mcpgo.Guard) http.Handler {
		return g.Handler("/mcp", server.NewStreamableHTTPServer(g.Server(a.s), server.WithStateLess(true)))
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
