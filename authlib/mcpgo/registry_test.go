//go:build !authlib_no_init

package mcpgo_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// What the program registers below a template of the policy has to be named itself.
func TestATemplateOpensNothingElse(t *testing.T) {
	for name, opts := range map[string][]server.ServerOption{"whole lists": nil, "in pages": {server.WithPaginationLimit(4)}} {
		a := overlapping(opts...)
		url := serve(t, guarded(a)) + "/mcp"
		session := post(t, url, "alice", "", initialize).session
		for _, uri := range []string{"item://secret", "item://xabc"} {
			for _, r := range []string{
				req("resources/read", `{"uri":"`+uri+`"}`),
				req("resources/subscribe", `{"uri":"`+uri+`"}`),
				req("completion/complete", `{"ref":{"type":"ref/resource","uri":"`+uri+`"},"argument":{"name":"id","value":"a"}}`),
			} {
				if got := post(t, url, "alice", session, r); !strings.Contains(got.body, `"message":"forbidden"`) {
					t.Errorf("%s: %s: %d %s", name, r, got.status, got.body)
				}
			}
		}
		if got := post(t, url, "alice", session, req("resources/read", `{"uri":"item://1"}`)); !strings.Contains(got.body, `"text":"x"`) {
			t.Errorf("%s: the template itself: %s", name, got.body)
		}
		if !slices.Equal(a.ran, []string{"item://1"}) {
			t.Errorf("%s: ran %v", name, a.ran)
		}
		for _, method := range []string{"resources/list", "resources/templates/list"} {
			if got := post(t, url, "alice", session, req(method, `{}`)).body; strings.Contains(got, "item://secret") || strings.Contains(got, "item://x{id}") {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}

// Over stdio with a credential it is the same.
func TestATemplateOpensNothingElseOverStdio(t *testing.T) {
	a := overlapping()
	core := newCore(t, "http://localhost/mcp", true)
	mcpgo.New(core).Server(a.s)
	ctx, err := core.AuthenticateStdio(context.Background(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	in := strings.NewReader(initialize + "\n" + req("resources/read", `{"uri":"item://secret"}`) + "\n" + req("resources/read", `{"uri":"item://1"}`) + "\n" +
		req("resources/list", `{}`) + "\n" + req("resources/templates/list", `{}`) + "\n")
	out := &syncBuffer{}
	_ = server.NewStdioServer(a.s).Listen(ctx, in, out) // ends with the input
	if !slices.Equal(a.ran, []string{"item://1"}) {
		t.Errorf("ran %v: %s", a.ran, out)
	}
	if got := out.String(); !strings.Contains(got, "doc://a") || strings.Contains(got, `"uri":"item://secret"`) || strings.Contains(got, "item://x{id}") {
		t.Errorf("lists %s", got)
	}
}

// The program's hooks do not decide what is registered.
func TestHooksDoNotHideWhatIsRegistered(t *testing.T) {
	hooks := &server.Hooks{}
	hooks.AddAfterListResources(func(_ context.Context, _ any, _ *mcp.ListResourcesRequest, r *mcp.ListResourcesResult) {
		r.Resources = nil
	})
	hooks.AddAfterListResourceTemplates(func(_ context.Context, _ any, _ *mcp.ListResourceTemplatesRequest, r *mcp.ListResourceTemplatesResult) {
		r.ResourceTemplates = r.ResourceTemplates[:0]
	})
	a := overlapping(server.WithHooks(hooks))
	url := serve(t, guarded(a)) + "/mcp"
	session := post(t, url, "alice", "", initialize).session
	for _, uri := range []string{"item://secret", "item://xabc"} {
		if got := post(t, url, "alice", session, req("resources/read", `{"uri":"`+uri+`"}`)); len(a.ran) > 0 {
			t.Errorf("%s was read: %s", uri, got.body)
		}
	}
	if got := post(t, url, "alice", session, req("resources/read", `{"uri":"item://1"}`)); !strings.Contains(got.body, `"text":"x"`) {
		t.Errorf("the template itself: %s", got.body)
	}
}

// What a session has for itself counts there.
func TestResourcesOfASessionAreRegistered(t *testing.T) {
	a := overlapping()
	var err error
	a.s.AddTool(mcp.NewTool("who"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		err = a.s.AddSessionResource(server.ClientSessionFromContext(ctx).SessionID(), mcp.NewResource("item://mine", "mine"),
			func(_ context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
				a.ran = append(a.ran, "of the session")
				return nil, nil
			})
		return mcp.NewToolResultText(""), nil
	})
	url := serve(t, guarded(a)) + "/mcp"
	hers, another := post(t, url, "alice", "", initialize).session, post(t, url, "alice", "", initialize).session
	if post(t, url, "alice", hers, req("tools/call", `{"name":"who"}`)); err != nil {
		t.Fatal(err)
	}
	for _, session := range []string{hers, another} {
		post(t, url, "alice", session, req("resources/read", `{"uri":"item://mine"}`))
	}
	if !slices.Equal(a.ran, []string{"item://mine"}) {
		t.Errorf("ran %v; want the template in the other session only", a.ran)
	}
}

// mcp-go pages a list by the names in it. Of templates that share one, none is
// overlooked where a page ends between them.
func TestWhatSharesANameIsRegistered(t *testing.T) {
	a := newApp(server.WithPaginationLimit(4))
	read := func(_ context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		a.ran = append(a.ran, r.Params.URI)
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: r.Params.URI, Text: "x"}}, nil
	}
	for _, text := range []string{"a://{id}", "b://{id}"} {
		a.s.AddResourceTemplate(mcp.NewResourceTemplate(text, text), read)
	}
	for _, text := range []string{"item://x{id}", "item://y{id}"} { // beside item://{id}, which the policy names
		a.s.AddResourceTemplate(mcp.NewResourceTemplate(text, "item"), read)
	}
	url := serve(t, guarded(a)) + "/mcp"
	session := post(t, url, "alice", "", initialize).session
	for _, uri := range []string{"item://x1", "item://y1"} {
		if got := post(t, url, "alice", session, req("resources/read", `{"uri":"`+uri+`"}`)); len(a.ran) > 0 {
			t.Errorf("%s was read: %s", uri, got.body)
		}
	}
	if got := post(t, url, "alice", session, req("resources/read", `{"uri":"item://1"}`)); !strings.Contains(got.body, `"text":"x"`) {
		t.Errorf("the template itself: %s", got.body)
	}
}
