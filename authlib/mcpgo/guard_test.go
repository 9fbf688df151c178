package mcpgo_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
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

	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

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
	got := overStdio(context.Background(), s, initialize, req("tools/call", `{"name":"delete"}`))
	if !strings.Contains(got, `"nobody"`) {
		t.Errorf("stdio answered %s", got)
	}
}

// overStdio sends lines to s over stdio and returns what it answers. The input
// stays open until there is an answer to each: at its end mcp-go drops the calls
// that have not begun.
func overStdio(ctx context.Context, s *server.MCPServer, lines ...string) string {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	in, feed := io.Pipe()
	out, done := &syncBuffer{}, make(chan struct{})
	go func() {
		defer close(done)
		_ = server.NewStdioServer(s).Listen(ctx, in, out)
	}()
	go io.WriteString(feed, strings.Join(lines, "\n")+"\n")
	for ctx.Err() == nil && strings.Count(out.String(), "\n") < len(lines) {
		time.Sleep(5 * time.Millisecond)
	}
	feed.Close()
	<-done
	return out.String()
}

// With a credential from the environment, stdio has a caller like any other.
func TestStdioWithACredential(t *testing.T) {
	a := newApp()
	core := newCore(t, "http://localhost/mcp", true)
	s := mcpgo.New(core).Server(a.s)
	ctx := context.Background()
	if _, err := core.AuthenticateStdio(ctx, "who"); err == nil {
		t.Error("an unknown credential was accepted")
	}
	ctx, err := core.AuthenticateStdio(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	got := overStdio(ctx, s, initialize, req("tools/call", `{"name":"delete"}`), req("tools/call", `{"name":"who"}`), req("tools/list", `{}`))
	if !slices.Equal(a.ran, []string{"who"}) || !strings.Contains(got, `"alice"`) || strings.Contains(got, `"job"`) {
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

// InProcessSession is a session of the program's own that has the name of the SDK's.
type InProcessSession struct{ *server.InProcessSession }

// Who is trusted like the process itself is told by the SDK's own types: a name is
// nothing.
func TestSessionsOfTheSDKsNamesAreNotTrusted(t *testing.T) {
	a := newApp()
	s := mcpgo.New(newCore(t, "http://localhost/mcp", true)).Server(a.s)
	for name, session := range map[string]server.ClientSession{
		"a pointer": &InProcessSession{server.NewInProcessSession(s.GenerateInProcessSessionID(), nil)},
		"a value":   InProcessSession{server.NewInProcessSession(s.GenerateInProcessSessionID(), nil)},
	} {
		ctx := s.WithContext(context.Background(), session)
		if _, ok := s.HandleMessage(ctx, json.RawMessage(req("tools/call", `{"name":"delete"}`))).(mcp.JSONRPCError); !ok || len(a.ran) != 0 {
			t.Errorf("%s: served, ran %v", name, a.ran)
		}
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
		if strings.Contains(line, "only") && !strings.HasPrefix(line, "notifications and answers of clients: ") {
			t.Errorf("the newest SDK has every hook, but: %s", line)
		}
	}
}
