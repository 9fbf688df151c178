package mcpgo_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
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

func newCore(t *testing.T, resource string, strangers bool) *authlib.Guard {
	t.Helper()
	p := policy()
	if !strangers {
		delete(p.Tools, "hello")
	}
	core, err := authlib.New(authlib.Config{Resource: resource, Verifier: people, Policy: p, AllowAnonymous: strangers})
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

func TestCalls(t *testing.T) {
	tests := []struct {
		name, token, body string
		status            int
		ran               string
		challenge         string
	}{
		{"own", "alice", req("tools/call", `{"name":"who"}`), 200, "who", ""},
		{"stranger, public", "", req("tools/call", `{"name":"hello"}`), 200, "hello", ""},
		{"stranger", "", req("tools/call", `{"name":"who"}`), 401, "", `scope="read"`},
		{"step up", "alice", req("tools/call", `{"name":"delete"}`), 403, "", `error="insufficient_scope", error_description="insufficient scope", resource_metadata=`},
		{"stepped up", "admin", req("tools/call", `{"name":"delete"}`), 200, "delete", ""},
		{"unlisted", "admin", req("tools/call", `{"name":"other"}`), 403, "", ""},
		{"task tool", "alice", req("tools/call", `{"name":"job","task":{}}`), 403, "", "insufficient_scope"},
		{"prompt", "alice", req("prompts/get", `{"name":"greet"}`), 200, "greet", ""},
		{"prompt refused", "alice", req("prompts/get", `{"name":"hidden"}`), 403, "", "insufficient_scope"},
		{"resource", "alice", req("resources/read", `{"uri":"doc://a"}`), 200, "doc://a", ""},
		{"resource refused", "alice", req("resources/read", `{"uri":"doc://b"}`), 403, "", "insufficient_scope"},
		{"template", "alice", req("resources/read", `{"uri":"item://1"}`), 200, "item://1", ""},
		{"template refused", "alice", req("resources/read", `{"uri":"raw://1"}`), 403, "", "insufficient_scope"},
		{"key in capitals", "alice", req("tools/call", `{"name":"who","Name":"delete"}`), 400, "", ""},
		{"key with a long s", "alice", `{"jsonrpc":"2.0","id":1,"method":"tools/call","paramſ":{"name":"delete"},"params":{"name":"who"}}`, 400, "", ""},
		{"key with a Kelvin sign", "alice", req("tools/call", `{"name":"who","taſ\u212a":{}}`), 400, "", ""},
		{"key twice", "alice", req("tools/call", `{"name":"who","name":"delete"}`), 400, "", ""},
		{"key twice, escaped", "alice", req("tools/call", `{"name":"who","n\u0061me":"delete"}`), 400, "", ""},
		{"second method", "alice", `{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call","params":{"name":"delete"}}`, 400, "", ""},
		{"batch", "alice", "[" + req("tools/call", `{"name":"who"}`) + "," + req("tools/call", `{"name":"delete"}`) + "]", 403, "", "insufficient_scope"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newApp()
			url := serve(t, guarded(a)) + "/mcp"
			session := post(t, url, tt.token, "", initialize).session
			got := post(t, url, tt.token, session, tt.body)
			if got.status != tt.status || strings.Join(a.ran, ",") != tt.ran {
				t.Fatalf("status %d, ran %v; want %d, %q: %s", got.status, a.ran, tt.status, tt.ran, got.body)
			}
			if c := got.header.Get("WWW-Authenticate"); !strings.Contains(c, tt.challenge) || (c == "") != (tt.challenge == "") {
				t.Errorf("challenge %q, want %q", c, tt.challenge)
			}
			if tt.name == "step up" && !strings.Contains(got.header.Get("WWW-Authenticate"), `scope="read write"`) {
				t.Errorf("the challenge does not ask for all scopes: %q", got.header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestSessionBelongsToItsCaller(t *testing.T) {
	a := newApp()
	url := serve(t, guarded(a)) + "/mcp"
	alices := post(t, url, "alice", "", initialize).session
	strangers := post(t, url, "", "", initialize).session
	if alices == "" || strangers == "" {
		t.Fatal("no session")
	}
	call := req("tools/call", `{"name":"who"}`)
	for _, tt := range []struct {
		name, method, token, session string
		status                       int
	}{
		{"hers", "POST", "alice", alices, 200},
		{"his", "POST", "bob", alices, 404},
		{"his stream", "GET", "bob", alices, 404},
		{"his end", "DELETE", "bob", alices, 404},
		{"nobody's", "POST", "", alices, 404},
		{"born anonymous", "POST", "alice", strangers, 404},
		{"unsealed", "POST", "alice", alices[:strings.LastIndex(alices, ".")], 404},
		{"other seal", "POST", "alice", alices[:len(alices)-2] + "AA", 404},
	} {
		if got := do(t, tt.method, url, tt.token, tt.session, call); got.status != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.name, got.status, tt.status, got.body)
		}
	}
}

func TestUnguardedWaysInAreClosed(t *testing.T) {
	a := newApp()
	mux := http.NewServeMux()
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		tr := server.NewStreamableHTTPServer(g.Server(a.s), server.WithStateLess(true))
		g.Mount(mux, "/mcp", tr)
		mux.Handle("/open", tr)
		mux.HandleFunc("/own", func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			_ = json.NewEncoder(w).Encode(a.s.HandleMessage(r.Context(), b))
		})
		return mux
	})
	for _, path := range []string{"/open", "/own"} {
		for _, body := range []string{
			req("tools/call", `{"name":"hello"}`), req("tools/call", `{"name":"job","task":{}}`), req("prompts/get", `{"name":"greet"}`),
			req("resources/read", `{"uri":"doc://a"}`), req("tools/list", `{}`), req("tasks/list", `{}`), req("logging/setLevel", `{"level":"debug"}`), initialize,
		} {
			got := post(t, url+path, "admin", "", body)
			if !strings.Contains(got.body, `"error"`) {
				t.Errorf("%s answers %s", path, got.body)
			}
		}
	}
	if len(a.ran) > 0 {
		t.Errorf("ran %v", a.ran)
	}
	if got := post(t, url+"/mcp", "alice", "", req("tools/call", `{"name":"who"}`)); got.status != 200 {
		t.Errorf("the guarded mount answers %d: %s", got.status, got.body)
	}
}

// A decision lets nothing through but what was decided on.
func TestDecisionIsForOneOperation(t *testing.T) {
	a := newApp()
	core := newCore(t, "http://localhost/mcp", true)
	s := mcpgo.New(core).Server(a.s)
	var ctx context.Context
	h := core.Protect(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() }))
	r := httptest.NewRequest("POST", "http://localhost/mcp", strings.NewReader(req("tools/call", `{"name":"who"}`)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer admin")
	h.ServeHTTP(httptest.NewRecorder(), r)
	for body, ok := range map[string]bool{
		req("tools/call", `{"name":"who"}`):    true,
		req("tools/call", `{"name":"delete"}`): false,
		req("tools/list", `{}`):                false,
		req("tasks/list", `{}`):                false,
		req("prompts/get", `{"name":"greet"}`): false,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"who","Name":"delete"}}`: false,
	} {
		_, failed := s.HandleMessage(ctx, json.RawMessage(body)).(mcp.JSONRPCError)
		if failed == ok {
			t.Errorf("%s: failed %v", body, failed)
		}
	}
	if !slices.Equal(a.ran, []string{"who"}) {
		t.Errorf("ran %v", a.ran)
	}
}

func TestListsShowWhatCanBeUsed(t *testing.T) {
	a := newApp()
	url := serve(t, stateless(a)) + "/mcp"
	for _, tt := range []struct{ token, method, want, not string }{
		{"", "tools/list", "hello", "who"}, {"", "prompts/list", "prompts", "greet"}, {"", "resources/list", "resources", "doc://a"},
		{"alice", "tools/list", "who", "delete"}, {"alice", "tools/list", "hello", "other"}, {"alice", "tools/list", "hello", "job"},
		{"alice", "prompts/list", "greet", "hidden"}, {"alice", "resources/list", "doc://a", "doc://b"},
		{"alice", "resources/templates/list", "item://", "raw://"},
		{"admin", "tools/list", "job", "other"}, {"admin", "resources/templates/list", "raw://", "other"},
	} {
		got := post(t, url, tt.token, "", req(tt.method, `{}`))
		if got.status != 200 || !strings.Contains(got.body, tt.want) || strings.Contains(got.body, `"`+tt.not) {
			t.Errorf("%s as %q: %d %s; want %s, not %s", tt.method, tt.token, got.status, got.body, tt.want, tt.not)
		}
	}
}

func TestStdioStaysOpen(t *testing.T) {
	a := newApp()
	s := mcpgo.New(newCore(t, "http://localhost/mcp", true)).Server(a.s)
	in, out := strings.NewReader(initialize+"\n"+req("tools/call", `{"name":"delete"}`)+"\n"), &syncBuffer{}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = server.NewStdioServer(s).Listen(ctx, in, out)
	for range 100 {
		if strings.Contains(out.String(), `"nobody"`) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("stdio answered %s", out.String())
}

// With a credential from the environment, stdio has a caller like any other.
func TestStdioWithACredential(t *testing.T) {
	a := newApp()
	core := newCore(t, "http://localhost/mcp", true)
	s := mcpgo.New(core).Server(a.s)
	in := strings.NewReader(strings.Join([]string{
		initialize, req("tools/call", `{"name":"delete"}`), req("tools/call", `{"name":"who"}`), req("tools/list", `{}`),
	}, "\n") + "\n")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := core.AuthenticateStdio(ctx, "who"); err == nil {
		t.Error("an unknown credential was accepted")
	}
	ctx, err := core.AuthenticateStdio(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	out := &syncBuffer{}
	_ = server.NewStdioServer(s).Listen(ctx, in, out)
	for range 100 {
		if strings.Count(out.String(), "\n") == 4 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if got := out.String(); !slices.Equal(a.ran, []string{"who"}) || !strings.Contains(got, `"alice"`) || strings.Contains(got, `"job"`) {
		t.Errorf("ran %v: %s", a.ran, got)
	}
}

// Streams without a session would be one and the same for every caller.
func TestStreamNeedsASession(t *testing.T) {
	a := newApp()
	url := serve(t, stateless(a)) + "/mcp"
	if got := do(t, "GET", url, "alice", "", ""); got.status != 405 {
		t.Errorf("status %d", got.status)
	}
}

func TestInProcessStaysOpen(t *testing.T) {
	a := newApp()
	s := mcpgo.New(newCore(t, "http://localhost/mcp", true)).Server(a.s)
	session := server.NewInProcessSession(s.GenerateInProcessSessionID(), nil)
	ctx := s.WithContext(context.Background(), session)
	if res, ok := s.HandleMessage(ctx, json.RawMessage(req("tools/call", `{"name":"delete"}`))).(mcp.JSONRPCError); ok {
		t.Errorf("in process: %v", res.Error)
	}
	if _, ok := s.HandleMessage(context.Background(), json.RawMessage(req("tools/call", `{"name":"delete"}`))).(mcp.JSONRPCError); !ok {
		t.Error("a message of no session was served")
	}
}

// The HTTP+SSE transport binds its session to the caller as well.
func TestSSE(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		mux := http.NewServeMux()
		sse := server.NewSSEServer(g.Server(a.s))
		g.Mount(mux, "/sse", sse)
		g.Mount(mux, "/message", sse)
		return mux
	})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "GET", url+"/sse", nil)
	r.Header.Set("Authorization", "Bearer alice")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewReader(res.Body)
	endpoint := url + dataLine(t, lines)
	for _, token := range []string{"bob", ""} {
		if got := post(t, endpoint, token, "", req("tools/call", `{"name":"who"}`)); got.status != 404 {
			t.Errorf("%q: status %d, want 404", token, got.status)
		}
	}
	if len(a.ran) != 0 {
		t.Fatalf("ran %v", a.ran)
	}
	if got := post(t, endpoint, "alice", "", req("tools/call", `{"name":"who"}`)); got.status != 202 {
		t.Fatalf("status %d: %s", got.status, got.body)
	}
	if got := dataLine(t, lines); !strings.Contains(got, `"alice"`) {
		t.Errorf("answer %s", got)
	}
}

func dataLine(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := strings.CutPrefix(line, "data:"); ok {
			return strings.TrimSpace(data)
		}
	}
}

// The program's own options stay in force, and are set only once.
func TestServerKeepsWhatTheProgramSet(t *testing.T) {
	var before, middle int
	hooks := &server.Hooks{}
	hooks.AddBeforeAny(func(context.Context, any, mcp.MCPMethod, any) { before++ })
	a := newApp(server.WithHooks(hooks), server.WithToolHandlerMiddleware(func(next server.ToolHandlerFunc) server.ToolHandlerFunc {
		return func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			middle++
			return next(ctx, r)
		}
	}))
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		for range 3 {
			g.Server(a.s)
		}
		return stateless(a)(g)
	})
	if n := len(a.s.GetHooks().OnRequestInitialization); n != 1 {
		t.Errorf("the check was added %d times", n)
	}
	post(t, url+"/mcp", "alice", "", req("tools/call", `{"name":"who"}`))
	if before != 1 || middle != 1 || len(a.ran) != 1 {
		t.Errorf("hook %d, middleware %d, tool %v", before, middle, a.ran)
	}
}

func TestStartAndShutdown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	a := newApp()
	g := mcpgo.New(newCore(t, "http://"+addr+"/mcp", false))
	tr := server.NewStreamableHTTPServer(g.Server(a.s), g.At("/mcp"), server.WithStateLess(true))
	done := make(chan error, 1)
	go func() { done <- tr.Start(addr) }()
	waitFor(t, addr)
	if got := post(t, "http://"+addr+"/mcp", "", "", initialize); got.status != 401 {
		t.Errorf("stranger: %d", got.status)
	}
	if got := post(t, "http://"+addr+"/mcp", "alice", "", req("tools/call", `{"name":"who"}`)); !strings.Contains(got.body, `"alice"`) {
		t.Errorf("alice: %d %s", got.status, got.body)
	}
	for _, path := range []string{"/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"} {
		if got := do(t, "GET", "http://"+addr+path, "", "", ""); !strings.Contains(got.body, `"resource":"http://`+addr+`/mcp"`) {
			t.Errorf("metadata at %s: %d %s", path, got.status, got.body)
		}
	}
	if err := tr.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != http.ErrServerClosed {
		t.Errorf("Start returned %v", err)
	}
}

func waitFor(t *testing.T, addr string) {
	t.Helper()
	for range 200 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server does not listen")
}

func TestRealClient(t *testing.T) {
	a := newApp()
	url := serve(t, guarded(a)) + "/mcp"
	c, err := client.NewStreamableHttpClient(url, transport.WithHTTPHeaders(map[string]string{"Authorization": "Bearer alice"}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.Start(ctx); err != nil {
		t.Fatal(err)
	}
	var in mcp.InitializeRequest
	in.Params.ProtocolVersion, in.Params.ClientInfo = "2025-06-18", mcp.Implementation{Name: "c", Version: "1"}
	if _, err := c.Initialize(ctx, in); err != nil {
		t.Fatal(err)
	}
	tools, err := c.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil || len(tools.Tools) != 2 {
		t.Fatalf("tools %v, %v", tools, err)
	}
	var call mcp.CallToolRequest
	call.Params.Name = "who"
	res, err := c.CallTool(ctx, call)
	if err != nil || res.Content[0].(mcp.TextContent).Text != "alice" {
		t.Errorf("who: %v, %v", res, err)
	}
	call.Params.Name = "delete"
	if res, err := c.CallTool(ctx, call); err == nil {
		t.Errorf("delete: %v", res)
	}
}

func TestCoverage(t *testing.T) {
	for _, line := range mcpgo.New(newCore(t, "http://localhost/mcp", true)).Coverage() {
		if strings.Contains(line, "only") {
			t.Errorf("the newest SDK has every hook, but: %s", line)
		}
	}
}
