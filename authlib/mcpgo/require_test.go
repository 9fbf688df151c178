package mcpgo_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

var write = authlib.Rule{AllScopes: []string{"write"}}

// forgetful is a policy that says nothing of what the handlers demand.
func forgetful() authlib.Policy {
	return authlib.Policy{
		Tools: map[string]authlib.Rule{
			"write": {}, "typed": {}, "job": {}, "permission": {}, "broken": {}, "alias": {}, "anyone": {Public: true}, "both": {AnyRole: []string{"ops"}},
		},
		Prompts:         map[string]authlib.Rule{"write": {}},
		Resources:       map[string]authlib.Rule{"doc://write": {}, "item://{id}": {}},
		Implies:         map[string][]string{"admin": {"write"}},
		RolePermissions: map[string][]string{"editor": {"notes:*"}, "ops": {"deploy"}},
	}
}

// callers are whoever a token says: a name, then scopes and roles.
var callers = authlib.VerifierFunc(func(_ context.Context, token string) (*authlib.Principal, error) {
	words := strings.Split(token, "/")
	return &authlib.Principal{Issuer: "https://id", Subject: words[0], Scopes: words[1:], Roles: words[1:]}, nil
})

// A demanding program has handlers with rules of their own. ran is what ran.
type demanding struct {
	s   *server.MCPServer
	ran syncBuffer
}

func (d *demanding) tool(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	_, _ = d.ran.Write([]byte("tool " + r.Params.Name + ";"))
	return mcp.NewToolResultText("ran"), nil
}

func newDemanding() *demanding {
	d := &demanding{s: server.NewMCPServer("app", "1", server.WithTaskCapabilities(true, true, true))}
	for name, rule := range map[string]authlib.Rule{
		"write": write, "anyone": {}, "both": write, "permission": {AnyPermission: []string{"notes:read"}}, "broken": {Public: true},
	} {
		d.s.AddTool(mcp.NewTool(name), mcpgo.Require(rule, d.tool))
	}
	type args struct {
		Text string `json:"text"`
	}
	d.s.AddTool(mcp.NewTool("typed"), mcpgo.Require(write, mcp.NewTypedToolHandler(func(ctx context.Context, r mcp.CallToolRequest, a args) (*mcp.CallToolResult, error) {
		_, _ = d.ran.Write([]byte(a.Text + " "))
		return d.tool(ctx, r)
	})))
	// A handler that calls another one, for which nobody has decided.
	inner := mcpgo.Require(authlib.Rule{}, d.tool)
	d.s.AddTool(mcp.NewTool("alias"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r.Params.Name = "both"
		return inner(ctx, r)
	})
	d.s.AddTaskTool(mcp.NewTool("job", mcp.WithTaskSupport(mcp.TaskSupportRequired)), mcpgo.Require(write, func(context.Context, mcp.CallToolRequest) (*mcp.CreateTaskResult, error) {
		_, _ = d.ran.Write([]byte("job;"))
		return &mcp.CreateTaskResult{}, nil
	}))
	d.s.AddPrompt(mcp.NewPrompt("write"), mcpgo.Require(write, func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		_, _ = d.ran.Write([]byte("prompt;"))
		return &mcp.GetPromptResult{}, nil
	}))
	read := mcpgo.Require(write, func(_ context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		_, _ = d.ran.Write([]byte(r.Params.URI + ";"))
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: r.Params.URI, Text: "x"}}, nil
	})
	d.s.AddResource(mcp.NewResource("doc://write", "r"), read)
	d.s.AddResourceTemplate(mcp.NewResourceTemplate("item://{id}", "t"), server.ResourceTemplateHandlerFunc(read))
	return d
}

func demandingCore(t *testing.T, resource string, log *slog.Logger) *authlib.Guard {
	t.Helper()
	core, err := authlib.New(authlib.Config{
		Resource: resource, Verifier: callers, AuthorizationServers: servers, Policy: forgetful(), AllowAnonymous: true, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	return core
}

type required struct{ name, token, body, ran string }

func requiredCalls() []required {
	tool := func(name string) string { return req("tools/call", `{"name":"`+name+`","arguments":{"text":"hi"}}`) }
	return []required{
		{"the policy forgets it", "ada", tool("write"), ""},
		{"with the scope", "ada/write", tool("write"), "tool write;"},
		{"with a broader scope", "ada/admin", tool("write"), "tool write;"},
		{"typed, refused", "ada", tool("typed"), ""},
		{"typed", "ada/write", tool("typed"), "hi tool typed;"},
		{"a permission, refused", "ada/ops", tool("permission"), ""},
		{"a permission", "ada/editor", tool("permission"), "tool permission;"},
		{"signed in", "ada", tool("anyone"), "tool anyone;"},
		{"the policy's alone", "ada/ops", tool("both"), ""},
		{"the handler's alone", "ada/write", tool("both"), ""},
		{"the policy's and the handler's", "ada/ops/write", tool("both"), "tool both;"},
		{"a rule that opens", "ada/write/ops", tool("broken"), ""},
		{"called by another handler", "ada/ops/write", tool("alias"), ""},
		{"prompt, refused", "ada", req("prompts/get", `{"name":"write"}`), ""},
		{"prompt", "ada/write", req("prompts/get", `{"name":"write"}`), "prompt;"},
		{"resource, refused", "ada", req("resources/read", `{"uri":"doc://write"}`), ""},
		{"resource", "ada/write", req("resources/read", `{"uri":"doc://write"}`), "doc://write;"},
		{"template, refused", "ada", req("resources/read", `{"uri":"item://1"}`), ""},
		{"template", "ada/write", req("resources/read", `{"uri":"item://1"}`), "item://1;"},
	}
}

// The rule of a handler holds whatever the policy says of it, and can only take
// something away from that.
func TestRequireOverHTTP(t *testing.T) {
	for name, opts := range map[string][]server.StreamableHTTPOption{"stateful": nil, "stateless": {server.WithStateLess(true)}} {
		// With the checks inside the SDK, and with those of HTTP alone.
		for _, hooks := range []bool{true, false} {
			for _, tt := range append(requiredCalls(), required{"a stranger", "", req("tools/call", `{"name":"anyone"}`), ""}) {
				d := newDemanding()
				url := requireServer(t, func(g *mcpgo.Guard) http.Handler {
					if hooks {
						g.Server(d.s)
					}
					return g.Handler("/mcp", server.NewStreamableHTTPServer(d.s, opts...))
				})
				if !hooks && strings.Contains(tt.body, "item://") { // which nobody knows to be registered
					continue
				}
				session := post(t, url, tt.token, "", initialize).session
				if got := post(t, url, tt.token, session, tt.body); d.ran.String() != tt.ran {
					t.Errorf("%s, %s, hooks %v: ran %q, want %q: %d %s", tt.name, name, hooks, d.ran.String(), tt.ran, got.status, got.body)
				}
			}
		}
	}
}

func requireServer(t *testing.T, handler func(*mcpgo.Guard) http.Handler) (url string) {
	t.Helper()
	var h http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	h = handler(mcpgo.New(demandingCore(t, srv.URL+"/mcp", nil)))
	return srv.URL + "/mcp"
}

func TestRequireOverStdio(t *testing.T) {
	for _, tt := range requiredCalls() {
		d := newDemanding()
		g, err := mcpgo.New(demandingCore(t, "http://localhost/mcp", nil)).Stdio(context.Background(), tt.token)
		if err != nil {
			t.Fatal(err)
		}
		// Over stdio a call of another handler is the same caller's, whom the policy is
		// asked about anew.
		if tt.name == "called by another handler" {
			tt.ran = "tool both;"
		}
		if got := overStdio(context.Background(), g.Server(d.s), initialize, tt.body); d.ran.String() != tt.ran {
			t.Errorf("%s: ran %q, want %q: %s", tt.name, d.ran.String(), tt.ran, got)
		}
	}
}

// Where nobody has decided who is calling, nothing runs.
func TestRequireWithoutAGuardRefuses(t *testing.T) {
	for name, opts := range map[string][]server.StreamableHTTPOption{"stateful": nil, "stateless": {server.WithStateLess(true)}} {
		for _, tt := range requiredCalls() {
			d := newDemanding()
			srv := httptest.NewServer(server.NewStreamableHTTPServer(d.s, opts...))
			session := post(t, srv.URL, tt.token, "", initialize).session
			got := post(t, srv.URL, tt.token, session, tt.body)
			srv.Close()
			if d.ran.String() != "" || !strings.Contains(got.body, `"error"`) {
				t.Errorf("%s, %s: ran %q: %s", tt.name, name, d.ran.String(), got.body)
			}
		}
	}
	for _, tt := range requiredCalls() {
		d := newDemanding()
		got := overStdio(context.Background(), d.s, initialize, tt.body)
		if d.ran.String() != "" || !strings.Contains(got, `"error"`) {
			t.Errorf("%s over open stdio: ran %q: %s", tt.name, d.ran.String(), got)
		}
	}
}

// A principal that the program puts into the context is nobody's decision, and
// neither is the credential of stdio for what came another way.
func TestRequireTakesNobodysWordForIt(t *testing.T) {
	asked, err := demandingCore(t, "http://localhost/mcp", nil).AuthenticateStdio(context.Background(), "ada/write")
	if err != nil {
		t.Fatal(err)
	}
	d := newDemanding()
	r := mcp.CallToolRequest{}
	r.Params.Name = "write"
	for name, ctx := range map[string]context.Context{
		"a principal":         authlib.NewContext(context.Background(), &authlib.Principal{Issuer: "i", Subject: "root", Scopes: []string{"write"}}),
		"stdio's, over HTTP":  asked,
		"nothing of the kind": context.Background(),
	} {
		if _, err := mcpgo.Require(write, d.tool)(ctx, r); err == nil || d.ran.String() != "" {
			t.Errorf("%s: %v, ran %q", name, err, d.ran.String())
		}
	}
}

// Task tools pass no tool middleware; their handler's rule holds all the same.
func TestRequireOfATaskTool(t *testing.T) {
	for token, want := range map[string]string{"ada": "", "ada/write": "job;"} {
		d := newDemanding()
		var log syncBuffer
		core := demandingCore(t, "http://localhost/mcp", slog.New(slog.NewTextHandler(&log, nil)))
		g := mcpgo.New(core)
		h := g.Protect(server.NewStreamableHTTPServer(g.Server(d.s)))
		send := func(session, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, "http://localhost/mcp", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+token)
			if session != "" {
				r.Header.Set("Mcp-Session-Id", session)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		session := send("", initialize).Header().Get("Mcp-Session-Id")
		w := send(session, req("tools/call", `{"name":"job","task":{}}`))
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end) && d.ran.String() == "" && !strings.Contains(log.String(), "access_denied"); {
			time.Sleep(time.Millisecond)
		}
		if d.ran.String() != want || strings.Contains(log.String(), "access_denied") != (want == "") {
			t.Errorf("%s: ran %q: %d %s\n%s", token, d.ran.String(), w.Code, w.Body, log.String())
		}
	}
}

// Over stdio a task tool's context is the one that is served with, for want of a hook.
func TestRequireOfATaskToolOverStdio(t *testing.T) {
	core := demandingCore(t, "http://localhost/mcp", nil)
	asked, err := core.AuthenticateStdio(context.Background(), "ada/write")
	if err != nil {
		t.Fatal(err)
	}
	stdio, err := mcpgo.New(core).Stdio(context.Background(), "ada/write")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, want string
		ctx        context.Context
		g          *mcpgo.Guard
	}{{"Guard.Stdio", "", context.Background(), stdio}, {"AuthenticateStdio", "job;", asked, mcpgo.New(core)}} {
		d := newDemanding()
		var done atomic.Bool
		h := &server.TaskHooks{}
		h.AddOnTaskCompleted(func(context.Context, server.TaskMetrics) { done.Store(true) })
		h.AddOnTaskFailed(func(context.Context, server.TaskMetrics) { done.Store(true) })
		server.WithTaskHooks(h)(d.s)
		overStdio(tt.ctx, tt.g.Server(d.s), initialize, req("tools/call", `{"name":"job","task":{}}`))
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end) && !done.Load(); {
			time.Sleep(time.Millisecond)
		}
		if !done.Load() || d.ran.String() != tt.want {
			t.Errorf("%s: ended %v, ran %q, want %q", tt.name, done.Load(), d.ran.String(), tt.want)
		}
	}
}

// Refusals are recorded, and say what is wrong with a rule.
func TestRequireIsAudited(t *testing.T) {
	var log bytes.Buffer
	d := newDemanding()
	g, err := mcpgo.New(demandingCore(t, "http://localhost/mcp", slog.New(slog.NewTextHandler(&log, nil)))).Stdio(context.Background(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	got := overStdio(context.Background(), g.Server(d.s), initialize, req("tools/call", `{"name":"write"}`), req("tools/call", `{"name":"broken"}`))
	for _, want := range []string{"access_denied", `name="\"write\""`, "insufficient scope", "can only restrict"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not recorded: %s", want, log.String())
		}
	}
	if strings.Contains(got, "restrict") || strings.Contains(got, `"write"`) {
		t.Errorf("the caller is told: %s", got)
	}
}
