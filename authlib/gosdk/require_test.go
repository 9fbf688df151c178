package gosdk_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

var write = authlib.Rule{AllScopes: []string{"write"}}

// forgetful is a policy that says nothing of what the handlers demand.
func forgetful() authlib.Policy {
	return authlib.Policy{
		Tools: map[string]authlib.Rule{
			"write": {}, "typed": {}, "permission": {}, "issuer": {}, "broken": {}, "alias": {}, "anyone": {Public: true}, "both": {AnyRole: []string{"ops"}},
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

type text struct {
	Text string `json:"text,omitempty"`
}

// newDemanding returns a program whose handlers have rules of their own.
func newDemanding() *app {
	a := &app{s: mcp.NewServer(&mcp.Implementation{Name: "app", Version: "1"}, nil)}
	tool := func(_ context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		a.note("tool " + r.Params.Name)
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "ran"}}}, nil
	}
	add := func(name string, h mcp.ToolHandler) {
		a.s.AddTool(&mcp.Tool{Name: name, InputSchema: map[string]any{"type": "object"}}, h)
	}
	for name, rule := range map[string]authlib.Rule{
		"write": write, "anyone": {}, "both": write, "permission": {AnyPermission: []string{"notes:read"}},
		"issuer": {AnyIssuer: []string{"https://other"}}, "broken": {Public: true},
	} {
		add(name, gosdk.Require(rule, tool))
	}
	mcp.AddTool(a.s, &mcp.Tool{Name: "typed"}, gosdk.RequireFor(write, func(_ context.Context, _ *mcp.CallToolRequest, in text) (*mcp.CallToolResult, text, error) {
		a.note("typed " + in.Text)
		return nil, in, nil
	}))
	inner := gosdk.Require(authlib.Rule{}, tool)
	add("alias", func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		other := *r
		other.Params = &mcp.CallToolParamsRaw{Name: "both"}
		return inner(ctx, &other)
	})
	a.s.AddPrompt(&mcp.Prompt{Name: "write"}, gosdk.Require(write, func(context.Context, *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		a.note("prompt")
		return &mcp.GetPromptResult{}, nil
	}))
	read := gosdk.Require(write, func(_ context.Context, r *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		a.note(r.Params.URI)
		return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: r.Params.URI, Text: "x"}}}, nil
	})
	a.s.AddResource(&mcp.Resource{Name: "r", URI: "doc://write"}, read)
	a.s.AddResourceTemplate(&mcp.ResourceTemplate{Name: "t", URITemplate: "item://{id}"}, read)
	return a
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

// A required call is one of a handler with a rule; ran is what has to run.
type required struct{ name, token, method, target, ran string }

func (r required) body() string {
	if r.method == "resources/read" {
		return req(r.method, `{"uri":"`+r.target+`"}`)
	}
	args := ""
	if r.method == "tools/call" {
		args = `,"arguments":{"text":"hi"}`
	}
	return req(r.method, `{"name":"`+r.target+`"`+args+`}`)
}

var requiredCalls = []required{
	{"the policy forgets it", "ada", "tools/call", "write", ""},
	{"with the scope", "ada/write", "tools/call", "write", "tool write"},
	{"with a broader scope", "ada/admin", "tools/call", "write", "tool write"},
	{"typed, refused", "ada", "tools/call", "typed", ""},
	{"typed", "ada/write", "tools/call", "typed", "typed hi"},
	{"a permission, refused", "ada/ops", "tools/call", "permission", ""},
	{"a permission", "ada/editor", "tools/call", "permission", "tool permission"},
	{"an issuer", "ada/editor/write/ops", "tools/call", "issuer", ""},
	{"signed in", "ada", "tools/call", "anyone", "tool anyone"},
	{"the policy's alone", "ada/ops", "tools/call", "both", ""},
	{"the handler's alone", "ada/write", "tools/call", "both", ""},
	{"the policy's and the handler's", "ada/ops/write", "tools/call", "both", "tool both"},
	{"a rule that opens", "ada/write/ops", "tools/call", "broken", ""},
	{"called by another handler", "ada/ops/write", "tools/call", "alias", ""},
	{"prompt, refused", "ada", "prompts/get", "write", ""},
	{"prompt", "ada/write", "prompts/get", "write", "prompt"},
	{"resource, refused", "ada", "resources/read", "doc://write", ""},
	{"resource", "ada/write", "resources/read", "doc://write", "doc://write"},
	{"template, refused", "ada", "resources/read", "item://1", ""},
	{"template", "ada/write", "resources/read", "item://1", "item://1"},
}

// The rule of a handler holds whatever the policy says of it, and can only take
// something away from that.
func TestRequireOverHTTP(t *testing.T) {
	for _, stateless := range []bool{true, false} {
		// With the checks inside the SDK, and with those of HTTP alone.
		for _, hooks := range []bool{true, false} {
			for _, tt := range append(requiredCalls, required{"a stranger", "", "tools/call", "anyone", ""}) {
				if !hooks && tt.target == "item://1" { // which nobody asks the server for
					continue
				}
				a := newDemanding()
				url := requireServer(t, func(g *gosdk.Guard) http.Handler {
					if hooks {
						g.Server(a.s)
					}
					return g.Handler("/mcp", streamable(a, stateless))
				})
				got := callRequired(t, url, stateless, tt)
				if refused := strings.Contains(strings.ToLower(got.body), "error"); a.log() != tt.ran || refused != (tt.ran == "") {
					t.Errorf("%s, stateless %v, hooks %v: ran %q, want %q: %d %s", tt.name, stateless, hooks, a.log(), tt.ran, got.status, got.body)
				}
			}
		}
	}
}

func streamable(a *app, stateless bool) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return a.s }, &mcp.StreamableHTTPOptions{Stateless: stateless, JSONResponse: true})
}

func callRequired(t *testing.T, url string, stateless bool, tt required) answer {
	t.Helper()
	if stateless {
		return post(t, url, tt.token, "", tt.body())
	}
	session := post(t, url, tt.token, "", initialize).session
	post(t, url, tt.token, session, initialized)
	return post(t, url, tt.token, session, tt.body())
}

func requireServer(t *testing.T, handler func(*gosdk.Guard) http.Handler) (url string) {
	t.Helper()
	var h http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	h = handler(gosdk.New(demandingCore(t, srv.URL+"/mcp", nil)))
	return srv.URL + "/mcp"
}

func callLocally(t *testing.T, s *mcp.Server, tt required) error {
	t.Helper()
	c, ctx := local(t, s), context.Background()
	switch tt.method {
	case "tools/call":
		res, err := c.CallTool(ctx, &mcp.CallToolParams{Name: tt.target, Arguments: text{"hi"}})
		if err == nil && res.IsError {
			err = fmt.Errorf("%+v", res.Content)
		}
		return err
	case "prompts/get":
		_, err := c.GetPrompt(ctx, &mcp.GetPromptParams{Name: tt.target})
		return err
	}
	_, err := c.ReadResource(ctx, &mcp.ReadResourceParams{URI: tt.target})
	return err
}

func TestRequireOverStdio(t *testing.T) {
	for _, tt := range requiredCalls {
		a := newDemanding()
		g, err := gosdk.New(demandingCore(t, "http://localhost/mcp", nil)).Stdio(context.Background(), tt.token)
		if err != nil {
			t.Fatal(err)
		}
		// Over stdio a call of another handler is the same caller's, whom the policy is
		// asked about anew.
		if tt.name == "called by another handler" {
			tt.ran = "tool both"
		}
		if err := callLocally(t, g.Server(a.s), tt); a.log() != tt.ran || (err == nil) != (tt.ran != "") {
			t.Errorf("%s: ran %q, want %q: %v", tt.name, a.log(), tt.ran, err)
		}
	}
}

// Where nobody has decided who is calling, nothing runs.
func TestRequireWithoutAGuardRefuses(t *testing.T) {
	for _, tt := range requiredCalls {
		for _, stateless := range []bool{true, false} {
			a := newDemanding()
			srv := httptest.NewServer(streamable(a, stateless))
			got := callRequired(t, srv.URL, stateless, tt)
			srv.Close()
			if a.log() != "" || !strings.Contains(got.body, `"error"`) {
				t.Errorf("%s, stateless %v: ran %q: %s", tt.name, stateless, a.log(), got.body)
			}
		}
		a := newDemanding()
		if err := callLocally(t, a.s, tt); err == nil || a.log() != "" {
			t.Errorf("%s without HTTP: %v, ran %q", tt.name, err, a.log())
		}
	}
}

// On a session the caller is the request's own, not the one of the first request.
func TestRequireAsksWhoSentTheRequest(t *testing.T) {
	a := newDemanding()
	url := requireServer(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", streamable(a, false)) })
	session := post(t, url, "ada/write", "", initialize).session
	post(t, url, "ada/write", session, initialized)
	got := post(t, url, "ada", session, requiredCalls[0].body())
	if a.log() != "" || !strings.Contains(got.body, "insufficient scope") {
		t.Errorf("ran %q: %d %s", a.log(), got.status, got.body)
	}
}

// What the program puts into the context, or makes up as a request, is nobody's
// decision.
func TestRequireTakesNobodysWordForIt(t *testing.T) {
	ran := false
	h := gosdk.Require(authlib.Rule{}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		ran = true
		return nil, nil
	})
	ctx := authlib.NewContext(context.Background(), &authlib.Principal{Issuer: "i", Subject: "root", Scopes: []string{"write"}})
	for _, r := range []*mcp.CallToolRequest{nil, {}, {Params: &mcp.CallToolParamsRaw{Name: "write"}}, {Params: &mcp.CallToolParamsRaw{Name: "write"}, Extra: &mcp.RequestExtra{}}} {
		if _, err := h(ctx, r); err == nil || ran {
			t.Errorf("%+v: %v, ran %v", r, err, ran)
		}
	}
	// Neither is the credential of stdio for what came over HTTP.
	asked, err := demandingCore(t, "http://localhost/mcp", nil).AuthenticateStdio(context.WithValue(context.Background(), http.ServerContextKey, &http.Server{}), "ada")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h(asked, &mcp.CallToolRequest{Params: &mcp.CallToolParamsRaw{Name: "write"}}); err == nil || ran {
		t.Errorf("stdio's, over HTTP: %v, ran %v", err, ran)
	}
}

// Refusals are recorded, and say what is wrong with a rule; the caller is not told.
func TestRequireIsAudited(t *testing.T) {
	var log bytes.Buffer
	a := newDemanding()
	g, err := gosdk.New(demandingCore(t, "http://localhost/mcp", slog.New(slog.NewTextHandler(&log, nil)))).Stdio(context.Background(), "ada")
	if err != nil {
		t.Fatal(err)
	}
	g.Server(a.s)
	for _, name := range []string{"write", "broken"} {
		if err := callLocally(t, a.s, required{"", "ada", "tools/call", name, ""}); err == nil || strings.Contains(err.Error(), "restrict") {
			t.Errorf("the caller of %s is told: %v", name, err)
		}
	}
	for _, want := range []string{"access_denied", `name="\"write\""`, "insufficient scope", "can only restrict"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not recorded: %s", want, log.String())
		}
	}
}
