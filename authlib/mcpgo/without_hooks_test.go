//go:build authlib_no_init && authlib_no_filter && authlib_no_prompts

package mcpgo_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// Without hooks that filter lists, strangers get none, and Coverage says what is
// left to the HTTP guard. Run it with the tags of an old SDK:
//
//	go test -tags authlib_no_init,authlib_no_filter,authlib_no_prompts,authlib_no_resources,authlib_no_cache -run WithoutHooks
func TestWithoutHooks(t *testing.T) {
	a := newApp()
	url := serve(t, stateless(a)) + "/mcp"
	for _, method := range []string{"tools/list", "prompts/list", "resources/list", "resources/templates/list"} {
		got := post(t, url, "", "", req(method, `{}`))
		if got.status != 401 || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer resource_metadata=") {
			t.Errorf("%s: a stranger gets %d %s", method, got.status, got.body)
		}
		if got := post(t, url, "alice", "", req(method, `{}`)); got.status != 200 {
			t.Errorf("%s: %d %s", method, got.status, got.body)
		}
	}
	if got := post(t, url, "alice", "", req("tools/call", `{"name":"delete"}`)); got.status != 403 || len(a.ran) != 0 {
		t.Errorf("status %d, ran %v", got.status, a.ran)
	}
	if lines := strings.Join(mcpgo.New(newCore(t, "http://localhost/mcp", true)).Coverage(), "\n"); strings.Count(lines, "only") < 5 {
		t.Errorf("coverage:\n%s", lines)
	}
}

// What is registered decides here too, over HTTP: by all servers of the guard, and
// where it knows none a template opens nothing.
func TestWithoutHooksATemplateOpensNothingElse(t *testing.T) {
	for name, tt := range map[string]struct {
		server func(*mcpgo.Guard, *server.MCPServer) *server.MCPServer
		uri    string
		status int
	}{
		"the template itself":        {(*mcpgo.Guard).Server, "item://1", 200},
		"a resource below it":        {(*mcpgo.Guard).Server, "item://secret", 403},
		"a template below it":        {(*mcpgo.Guard).Server, "item://xabc", 403},
		"a resource that is named":   {(*mcpgo.Guard).Server, "doc://a", 200},
		"nobody knows what there is": {func(_ *mcpgo.Guard, s *server.MCPServer) *server.MCPServer { return mcpgo.Check(s) }, "item://1", 403},
	} {
		a := overlapping()
		url := serve(t, func(g *mcpgo.Guard) http.Handler {
			return g.Handler("/mcp", server.NewStreamableHTTPServer(tt.server(g, a.s), server.WithStateLess(true)))
		})
		got := post(t, url+"/mcp", "alice", "", req("resources/read", `{"uri":"`+tt.uri+`"}`))
		if got.status != tt.status || len(a.ran) > 0 != (tt.status == 200) {
			t.Errorf("%s: %d %s, ran %v", name, got.status, got.body, a.ran)
		}
	}
}
