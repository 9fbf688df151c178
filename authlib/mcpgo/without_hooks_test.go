//go:build authlib_no_init && authlib_no_filter && authlib_no_prompts

package mcpgo_test

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// Without hooks that filter lists, strangers get none, and Coverage says what is
// left to the HTTP guard. Run it with the tags of an old SDK:
//
//	go test -tags authlib_no_init,authlib_no_filter,authlib_no_prompts,authlib_no_resources -run WithoutHooks
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
