package gosdk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

func TestCalls(t *testing.T) {
	tests := []struct {
		name, token, body string
		status            int
		ran               string
		challenge         string
	}{
		{"own", "alice", req("tools/call", `{"name":"who"}`), 200, "who:alice", ""},
		{"stranger, public", "", req("tools/call", `{"name":"hello"}`), 200, "hello:nobody", ""},
		{"stranger", "", req("tools/call", `{"name":"who"}`), 401, "", `scope="read"`},
		{"step up", "alice", req("tools/call", `{"name":"delete"}`), 403, "", `error="insufficient_scope"`},
		{"stepped up", "alice+write", req("tools/call", `{"name":"delete"}`), 200, "delete:alice+write", ""},
		{"unlisted", "alice+write", req("tools/call", `{"name":"other"}`), 403, "", ""},
		{"prompt", "alice", req("prompts/get", `{"name":"greet"}`), 200, "greet", ""},
		{"prompt refused", "alice", req("prompts/get", `{"name":"hidden"}`), 403, "", "insufficient_scope"},
		{"resource", "alice", req("resources/read", `{"uri":"doc://a"}`), 200, "doc://a", ""},
		{"resource refused", "alice", req("resources/read", `{"uri":"doc://b"}`), 403, "", "insufficient_scope"},
		{"template", "alice", req("resources/read", `{"uri":"item://1"}`), 200, "item://1", ""},
		{"template refused", "alice", req("resources/read", `{"uri":"raw://1"}`), 403, "", "insufficient_scope"},
		{"second method", "alice", `{"jsonrpc":"2.0","id":1,"Method":"ping","method":"tools/call","params":{"name":"delete"}}`, 400, "", ""},
		{"second params", "alice", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete"},"Params":{"name":"who"}}`, 400, "", ""},
		{"key twice", "alice", req("tools/call", `{"name":"delete","name":"who"}`), 400, "", ""},
		{"batch", "alice", "[" + req("tools/call", `{"name":"who"}`) + "," + req("tools/call", `{"name":"delete"}`) + "]", 403, "", "insufficient_scope"},
		{"batch allowed", "alice", "[" + req("tools/call", `{"name":"who"}`) + "]", 200, "who:alice", ""},
	}
	for _, stateless := range []bool{true, false} {
		for _, tt := range tests {
			a := newApp()
			url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, stateless)) }) + "/mcp"
			session := start(t, url, tt.token)
			got := post(t, url, tt.token, session, tt.body)
			if got.status != tt.status || a.log() != tt.ran {
				t.Errorf("%s, stateless %v: status %d, ran %q; want %d, %q: %s", tt.name, stateless, got.status, a.log(), tt.status, tt.ran, got.body)
			}
			if c := got.header.Get("WWW-Authenticate"); !strings.Contains(c, tt.challenge) || (c == "") != (tt.challenge == "") {
				t.Errorf("%s: challenge %q, want %q", tt.name, c, tt.challenge)
			}
		}
	}
}

func start(t *testing.T, url, token string) (session string) {
	t.Helper()
	session = post(t, url, token, "", initialize).session
	post(t, url, token, session, initialized)
	return session
}

// On a session the SDK's context is the first request's: what counts is the
// credential of the request itself.
func TestScopesAreThoseOfEachRequest(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	session := start(t, url, "alice+write")
	call := req("tools/call", `{"name":"delete"}`)
	for _, tt := range []struct {
		token  string
		status int
	}{{"alice", 403}, {"alice+write", 200}, {"alice", 403}} {
		if got := post(t, url, tt.token, session, call); got.status != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.token, got.status, tt.status, got.body)
		}
	}
	post(t, url, "alice", session, req("tools/call", `{"name":"who"}`))
	if a.log() != "delete:alice+write,who:alice" {
		t.Errorf("ran %s", a.log())
	}
}

// So does what handlers are told of the decision: who has lost a scope since the
// session began does not get it back.
func TestTheDecisionIsThatOfEachRequest(t *testing.T) {
	a := newApp()
	mcp.AddTool(a.s, &mcp.Tool{Name: "who"}, func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		d, ok := authlib.Decided(ctx)
		p, _ := authlib.FromContext(ctx)
		if !ok || d.Principal() != p || !d.Allows(authlib.Operation{Method: "tools/call", Name: "who"}) {
			t.Errorf("decided %v on %v; the caller is %v", d.Principal(), d.Operations(), p)
		}
		a.note(strings.Join(d.Principal().Scopes, "+"))
		return &mcp.CallToolResult{}, nil, nil
	})
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	session := start(t, url, "alice+write")
	for _, token := range []string{"alice", "alice+write", "alice"} {
		post(t, url, token, session, req("tools/call", `{"name":"who"}`))
	}
	if a.log() != "read,read+write,read" {
		t.Errorf("scopes %s", a.log())
	}
}

func TestSessionBelongsToItsCaller(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	alices, strangers := start(t, url, "alice"), start(t, url, "")
	if alices == "" || strangers == "" {
		t.Fatal("no session")
	}
	call := req("tools/call", `{"name":"hello"}`)
	for _, tt := range []struct {
		name, method, token, session string
		status                       int
	}{
		{"his", "POST", "bob", alices, 404}, {"his stream", "GET", "bob", alices, 404}, {"his end", "DELETE", "bob", alices, 404},
		{"nobody's", "POST", "", alices, 404}, {"born anonymous", "POST", "alice", strangers, 404},
		{"the stranger's", "POST", "", strangers, 200}, {"hers", "POST", "alice", alices, 200}, {"her end", "DELETE", "alice", alices, 204},
	} {
		if got := do(t, tt.method, url, tt.token, tt.session, call); got.status != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.name, got.status, tt.status, got.body)
		}
	}
}

func TestUnguardedWaysInAreClosed(t *testing.T) {
	a := newApp()
	mux := http.NewServeMux()
	url := serve(t, func(g *gosdk.Guard) http.Handler {
		g.Mount(mux, "/mcp", a.transport(g, true))
		mux.Handle("/open", a.transport(g, true))
		return mux
	})
	for _, body := range []string{
		req("tools/call", `{"name":"hello"}`), req("prompts/get", `{"name":"greet"}`), req("resources/read", `{"uri":"doc://a"}`),
		req("tools/list", `{}`), req("logging/setLevel", `{"level":"debug"}`), initialize,
	} {
		if got := post(t, url+"/open", "alice+write", "", body); !strings.Contains(got.body, `"error"`) {
			t.Errorf("the open mount answers %s", got.body)
		}
	}
	if a.log() != "" {
		t.Errorf("ran %v", a.log())
	}
	if got := post(t, url+"/mcp", "alice", "", req("tools/call", `{"name":"who"}`)); got.status != 200 || a.log() != "who:alice" {
		t.Errorf("the guarded mount answers %d: %s", got.status, got.body)
	}
}

// An SSE handler is refused where it is mounted, and by the server where it isn't.
func TestSSEIsRefused(t *testing.T) {
	a := newApp()
	mux := http.NewServeMux()
	url := serve(t, func(g *gosdk.Guard) http.Handler {
		sse := mcp.NewSSEHandler(func(*http.Request) *mcp.Server { return g.Server(a.s) }, nil)
		g.Mount(mux, "/mcp", sse)
		mux.Handle("/open", sse)
		return mux
	})
	if got := do(t, "GET", url+"/mcp", "alice", "", ""); got.status != 501 {
		t.Errorf("guarded: status %d", got.status)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c := mcp.NewClient(&mcp.Implementation{Name: "c", Version: "1"}, nil)
	if _, err := c.Connect(ctx, &mcp.SSEClientTransport{Endpoint: url + "/open"}, nil); err == nil {
		t.Error("unguarded: connected")
	}
}

func TestInMemoryStaysOpen(t *testing.T) {
	a := newApp()
	core, err := authlib.New(authlib.Config{Resource: "http://localhost/mcp", Verifier: people, AuthorizationServers: servers})
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := mcp.NewInMemoryTransports()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := gosdk.New(core).Server(a.s).Connect(ctx, ours, nil); err != nil {
		t.Fatal(err)
	}
	c, err := mcp.NewClient(&mcp.Implementation{Name: "c", Version: "1"}, nil).Connect(ctx, theirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "delete"}); err != nil || a.log() != "delete:nobody" {
		t.Errorf("in memory: %v, ran %s", err, a.log())
	}
}

// With a credential from the environment, a local transport has a caller like any
// other.
func TestInMemoryWithACredential(t *testing.T) {
	a := newApp()
	core, err := authlib.New(authlib.Config{Resource: "http://localhost/mcp", Verifier: people, AuthorizationServers: servers, Policy: policy(), AllowAnonymous: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	local, err := core.AuthenticateStdio(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := mcp.NewInMemoryTransports()
	if _, err := gosdk.New(core).Server(a.s).Connect(local, ours, nil); err != nil {
		t.Fatal(err)
	}
	c, err := mcp.NewClient(&mcp.Implementation{Name: "c", Version: "1"}, nil).Connect(ctx, theirs, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, denied := c.CallTool(ctx, &mcp.CallToolParams{Name: "delete"})
	_, allowed := c.CallTool(ctx, &mcp.CallToolParams{Name: "who"})
	var rpc *jsonrpc.Error
	if !errors.As(denied, &rpc) || rpc.Code != -32011 || allowed != nil || a.log() != "who:alice" {
		t.Errorf("denied %v, allowed %v, ran %s", denied, allowed, a.log())
	}
	if got := strings.Join(listed(t, c), " "); got != "hello who doc://a greet item://{id}" {
		t.Errorf("lists %s", got)
	}
}

type withToken string

func (tok withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if tok != "" {
		r.Header.Set("Authorization", "Bearer "+string(tok))
	}
	return http.DefaultTransport.RoundTrip(r)
}

func connect(t *testing.T, url, token string) *mcp.ClientSession {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	c, err := mcp.NewClient(&mcp.Implementation{Name: "c", Version: "1"}, nil).Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: url, HTTPClient: &http.Client{Transport: withToken(token)}, MaxRetries: -1,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestRealClientSeesWhatItCanUse(t *testing.T) {
	for _, stateless := range []bool{true, false} {
		a := newApp()
		url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, stateless)) }) + "/mcp"
		for token, want := range map[string]string{
			"":            "hello",
			"alice":       "hello who doc://a greet item://{id}",
			"alice+write": "delete hello who doc://a doc://b greet hidden item://{id} raw://{id}",
		} {
			if got := strings.Join(listed(t, connect(t, url, token)), " "); got != want {
				t.Errorf("stateless %v, %q sees %s, want %s", stateless, token, got, want)
			}
		}
	}
}

func listed(t *testing.T, c *mcp.ClientSession) (names []string) {
	t.Helper()
	ctx := context.Background()
	tools, err1 := c.ListTools(ctx, nil)
	resources, err2 := c.ListResources(ctx, nil)
	prompts, err3 := c.ListPrompts(ctx, nil)
	templates, err4 := c.ListResourceTemplates(ctx, nil)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	for _, x := range tools.Tools {
		names = append(names, x.Name)
	}
	for _, x := range resources.Resources {
		names = append(names, x.URI)
	}
	for _, x := range prompts.Prompts {
		names = append(names, x.Name)
	}
	for _, x := range templates.ResourceTemplates {
		names = append(names, x.URITemplate)
	}
	return names
}

func TestListsAreNotCachedAsPublic(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, true)) }) + "/mcp"
	for _, body := range []string{req("tools/list", `{}`), req("prompts/list", `{}`), req("resources/list", `{}`), req("resources/templates/list", `{}`), req("resources/read", `{"uri":"doc://a"}`)} {
		if got := post(t, url, "alice", "", body); strings.Contains(got.body, "public") {
			t.Errorf("%s", got.body)
		}
	}
}

// What the SDK sends for a refusal is an exact *jsonrpc.Error, so that it becomes
// a protocol error and not a tool result.
func TestRefusalInsideTheSDK(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *gosdk.Guard) http.Handler { return a.transport(g, true) })
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := mcp.NewClient(&mcp.Implementation{Name: "c", Version: "1"}, nil).Connect(ctx, &mcp.StreamableClientTransport{Endpoint: url, MaxRetries: -1}, nil)
	var rpc *jsonrpc.Error
	if !errors.As(err, &rpc) || rpc.Code != -32011 || rpc.Message != "forbidden" {
		t.Errorf("got %v", err)
	}
}
