package peers

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	mcpgosdk "github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/broker"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
)

const code = "peers-code"

// life is short, and long enough to make a call in.
const life = 3 * time.Second

// seen is what the tool whoami knows of its caller.
func seen(ctx context.Context) string {
	p, ok := authlib.FromContext(ctx)
	if !ok {
		return "nobody"
	}
	return p.Subject + " " + strings.Join(p.Scopes, " ")
}

// sdks are servers that keep sessions, made with each SDK and wired as migrated
// programs are. whoami needs notes:read, delete_note notes:write as well.
var sdks = map[string]func(core *authlib.Guard) http.Handler{
	"mcp-go": func(core *authlib.Guard) http.Handler {
		s := server.NewMCPServer("peers", "1")
		tool := func(ctx context.Context, _ mcpgosdk.CallToolRequest) (*mcpgosdk.CallToolResult, error) {
			return mcpgosdk.NewToolResultText(seen(ctx)), nil
		}
		s.AddTool(mcpgosdk.NewTool("whoami"), tool)
		s.AddTool(mcpgosdk.NewTool("delete_note"), tool)
		g := mcpgo.New(core)
		return g.Handler("/mcp", server.NewStreamableHTTPServer(g.Server(s)))
	},
	"go-sdk": func(core *authlib.Guard) http.Handler {
		s := mcp.NewServer(&mcp.Implementation{Name: "peers", Version: "1"}, nil)
		tool := func(ctx context.Context, _ *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: seen(ctx)}}}, nil, nil
		}
		mcp.AddTool(s, &mcp.Tool{Name: "whoami"}, tool)
		mcp.AddTool(s, &mcp.Tool{Name: "delete_note"}, tool)
		g := gosdk.New(core)
		g.Server(s)
		return g.Handler("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil))
	},
}

// start starts a server whose users sign in on the local page, with change made to
// its broker, and returns the MCP endpoint.
func start(t *testing.T, sdk string, change func(*broker.Config)) string {
	t.Helper()
	return serve(t, sdks[sdk], change)
}

func serve(t *testing.T, program func(*authlib.Guard) http.Handler, change func(*broker.Config)) string {
	t.Helper()
	var handler atomic.Pointer[http.Handler]
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	resource := srv.URL + "/mcp"
	page, err := dev.New(dev.Config{Resource: resource, Code: code, Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	config := broker.Config{
		Resource: resource, Providers: []provider.Provider{page}, Scopes: []string{"notes:read", "notes:write"},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&config)
	}
	b, err := broker.New(config)
	if err != nil {
		t.Fatal(err)
	}
	core, err := authlib.New(authlib.Config{Resource: resource, Verifier: b, AuthServer: b, Policy: policy()})
	if err != nil {
		t.Fatal(err)
	}
	h := program(core)
	handler.Store(&h)
	return resource
}

func policy() authlib.Policy {
	return authlib.Policy{
		Base:  authlib.Rule{AllScopes: []string{"notes:read"}},
		Tools: map[string]authlib.Rule{"whoami": {}, "delete_note": {AllScopes: []string{"notes:write"}}},
	}
}

func newSite(t *testing.T, sdk string) Site {
	return Site{
		URL: start(t, sdk, nil), Short: start(t, sdk, func(c *broker.Config) { c.AccessTTL = life }), Life: life,
		Answers: answers(), Read: "whoami", Write: "delete_note", Scopes: []string{"notes:read", "notes:write"},
	}
}

func answers() map[string]string { return map[string]string{"user": "ada", "code": code} }

// connected returns a client that is signed in.
func connected(t *testing.T, make Maker, o Options) Peer {
	t.Helper()
	if o.Answers == nil {
		o.Answers = answers()
	}
	p, err := make(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	if err := p.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

func mustCall(t *testing.T, p Peer, tool, want string) {
	t.Helper()
	if got, err := p.Call(t.Context(), tool, nil); err != nil || got != want {
		t.Errorf("%s = %q, %v; want %q", tool, got, err, want)
	}
}
