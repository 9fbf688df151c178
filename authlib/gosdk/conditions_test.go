package gosdk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

// What a server has registered is asked of the server, past the program's middleware.
// Where that answers with an error, with something else or without an end, nobody knows
// what a URI would be served by: what only a template of the policy names is refused.
func TestServersThatDoNotSayWhatIsRegistered(t *testing.T) {
	var endless atomic.Int64
	for name, answer := range map[string]func(method string) (mcp.Result, error){
		"an error": func(string) (mcp.Result, error) { return nil, errors.New("not now") },
		"no list":  func(string) (mcp.Result, error) { return &mcp.ListPromptsResult{}, nil },
		"no end": func(method string) (mcp.Result, error) {
			if endless.Add(1); method == "resources/list" {
				return &mcp.ListResourcesResult{NextCursor: "more"}, nil
			}
			return &mcp.ListResourceTemplatesResult{NextCursor: "more"}, nil
		},
	} {
		for _, which := range []string{"resources/list", "resources/templates/list"} {
			a := newApp()
			a.s.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
				return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
					if method == which {
						return answer(method)
					}
					return next(ctx, method, r)
				}
			})
			url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, true)) }) + "/mcp"
			if got := post(t, url, "alice", "", req("resources/read", `{"uri":"item://1"}`)); !strings.Contains(got.body, `"error"`) || strings.Contains(got.body, "not now") || a.log() != "" {
				t.Errorf("%s to %s: %d %s, ran %q", name, which, got.status, got.body, a.log())
			}
			if got := post(t, url, "alice", "", req("resources/read", `{"uri":"doc://a"}`)); a.log() != "doc://a" {
				t.Errorf("%s to %s: what the policy names itself: %s, ran %q", name, which, got.body, a.log())
			}
		}
	}
	if n := endless.Load(); n < 10_000 || n > 100_000 {
		t.Errorf("asked %d times for lists without an end", n)
	}
}

// Requests that nothing was decoded into are nobody's, of each kind.
func TestRequireRefusesEmptyRequests(t *testing.T) {
	ran := false
	ctx := context.Background()
	get := gosdk.Require(authlib.Rule{}, func(context.Context, *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		ran = true
		return nil, nil
	})
	read := gosdk.Require(authlib.Rule{}, func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		ran = true
		return nil, nil
	})
	for _, r := range []*mcp.GetPromptRequest{nil, {}} {
		if _, err := get(ctx, r); err == nil || ran {
			t.Errorf("a prompt, %+v: %v, ran %v", r, err, ran)
		}
	}
	for _, r := range []*mcp.ReadResourceRequest{nil, {}} {
		if _, err := read(ctx, r); err == nil || ran {
			t.Errorf("a resource, %+v: %v, ran %v", r, err, ran)
		}
	}
}

// A function that has no server for a request gives none, and every server that it
// has is checked.
func TestServersChecksEachServer(t *testing.T) {
	a := newApp()
	for name, servers := range map[string]func(func(*http.Request) *mcp.Server) func(*http.Request) *mcp.Server{
		"of a guard": gosdk.New(newCore(t)).Servers, "without one": gosdk.CheckServers,
	} {
		get := servers(func(r *http.Request) *mcp.Server {
			if r.URL.Path == "/none" {
				return nil
			}
			return a.s
		})
		open := serve(t, func(*gosdk.Guard) http.Handler {
			return mcp.NewStreamableHTTPHandler(get, &mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true})
		})
		if got := post(t, open+"/none", "alice", "", req("tools/call", `{"name":"who"}`)); got.status != http.StatusBadRequest {
			t.Errorf("%s, no server: %d %s", name, got.status, got.body)
		}
		if got := post(t, open, "alice", "", req("tools/call", `{"name":"who"}`)); !strings.Contains(got.body, `"error"`) || a.log() != "" {
			t.Errorf("%s, past the guard: %d %s, ran %q", name, got.status, got.body, a.log())
		}
	}
}
