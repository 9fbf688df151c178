package gosdk_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

// people verifies tokens that are names, with scopes after a "+".
var people = authlib.VerifierFunc(func(_ context.Context, token string) (*authlib.Principal, error) {
	name, extra, _ := strings.Cut(token, "+")
	if !slices.Contains([]string{"alice", "bob"}, name) {
		return nil, authlib.ErrInvalidToken
	}
	p := &authlib.Principal{Issuer: "https://id", Subject: name, Scopes: []string{"read"}}
	if extra != "" {
		p.Scopes = append(p.Scopes, extra)
	}
	return p, nil
})

// servers is where people would get their tokens.
var servers = []string{"https://id.example.com"}

func policy() authlib.Policy {
	write := authlib.Rule{AllScopes: []string{"write"}}
	return authlib.Policy{
		Base:      authlib.Rule{AllScopes: []string{"read"}},
		Tools:     map[string]authlib.Rule{"who": {}, "hello": {Public: true}, "delete": write},
		Prompts:   map[string]authlib.Rule{"greet": {}, "hidden": write},
		Resources: map[string]authlib.Rule{"doc://a": {}, "doc://b": write, "item://{id}": {}, "raw://{id}": write},
	}
}

// An app is a program as a user would have it; ran is what ran, and for whom.
type app struct {
	s   *mcp.Server
	mu  sync.Mutex
	ran []string
}

func (a *app) note(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ran = append(a.ran, what)
}

func (a *app) log() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.ran, ",")
}

func newApp() *app {
	a := &app{s: mcp.NewServer(&mcp.Implementation{Name: "app", Version: "1"}, nil)}
	for _, name := range []string{"who", "hello", "delete", "other"} {
		mcp.AddTool(a.s, &mcp.Tool{Name: name}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
			who := "nobody"
			if p, ok := authlib.FromContext(ctx); ok {
				who = strings.Join(append([]string{p.Subject}, p.Scopes[1:]...), "+")
			}
			a.note(name + ":" + who)
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: who}}}, nil, nil
		})
	}
	for _, name := range []string{"greet", "hidden"} {
		a.s.AddPrompt(&mcp.Prompt{Name: name}, func(context.Context, *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			a.note(name)
			return &mcp.GetPromptResult{}, nil
		})
	}
	read := func(_ context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		a.note(r.Params.URI)
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: r.Params.URI, Text: "x"}}}, nil
	}
	a.s.AddResource(&mcp.Resource{Name: "a", URI: "doc://a"}, read)
	a.s.AddResource(&mcp.Resource{Name: "b", URI: "doc://b"}, read)
	a.s.AddResourceTemplate(&mcp.ResourceTemplate{Name: "item", URITemplate: "item://{id}"}, read)
	a.s.AddResourceTemplate(&mcp.ResourceTemplate{Name: "raw", URITemplate: "raw://{id}"}, read)
	return a
}

// overlapping is an app whose policy names "item://{id}", and that has registered
// more than that below it.
func overlapping(opts *mcp.ServerOptions) *app {
	a := newApp()
	a.s = mcp.NewServer(&mcp.Implementation{Name: "app", Version: "1"}, opts)
	read := func(_ context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		a.note(r.Params.URI)
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: r.Params.URI, Text: "x"}}}, nil
	}
	for _, uri := range []string{"a://1", "a://2", "a://3", "doc://a", "item://secret"} { // more than a page
		a.s.AddResource(&mcp.Resource{Name: "more", URI: uri}, read)
	}
	for _, uri := range []string{"a://{x}", "b://{x}", "item://x{id}", "item://{id}"} {
		a.s.AddResourceTemplate(&mcp.ResourceTemplate{Name: "more", URITemplate: uri}, read)
	}
	return a
}

func (a *app) transport(g *gosdk.Guard, stateless bool) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return g.Server(a.s) },
		&mcp.StreamableHTTPOptions{Stateless: stateless, JSONResponse: true})
}

// serve starts a server whose handler is made from the guard of its own URL.
func serve(t *testing.T, handler func(*gosdk.Guard) http.Handler) (url string) {
	t.Helper()
	var h http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	core, err := authlib.New(authlib.Config{Resource: srv.URL + "/mcp", Verifier: people, AuthorizationServers: servers, Policy: policy(), AllowAnonymous: true})
	if err != nil {
		t.Fatal(err)
	}
	h = handler(gosdk.New(core))
	return srv.URL
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

const (
	initialize  = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`
	initialized = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
)
