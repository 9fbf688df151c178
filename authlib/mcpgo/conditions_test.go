//go:build !authlib_no_init && !authlib_no_start

package mcpgo_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// What the program's own context function says of the caller is not what handlers are
// told.
func TestAContextFunctionMakesNobodyTheCaller(t *testing.T) {
	a := newApp()
	root := func(ctx context.Context, _ *http.Request) context.Context {
		return authlib.NewContext(ctx, &authlib.Principal{Issuer: "https://id", Subject: "root", Scopes: []string{"read", "write"}})
	}
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		return g.Handler("/mcp", server.NewStreamableHTTPServer(g.Server(a.s), server.WithStateLess(true), server.WithHTTPContextFunc(root)))
	}) + "/mcp"
	if got := post(t, url, "alice", "", req("tools/call", `{"name":"who"}`)); !strings.Contains(got.body, `"alice"`) || strings.Contains(got.body, "root") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := post(t, url, "alice", "", req("tools/call", `{"name":"delete"}`)); got.status != http.StatusForbidden {
		t.Errorf("%d %s", got.status, got.body)
	}
}

// Strangers at a transport without sessions share none with each other either.
func TestStatelessStrangersShareNoSession(t *testing.T) {
	a := newApp()
	a.s.AddTool(mcp.NewTool("hello"), func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(server.ClientSessionFromContext(ctx).SessionID()), nil
	})
	url := serve(t, stateless(a)) + "/mcp"
	seen := map[string]bool{}
	for range 3 {
		got := post(t, url, "", "", req("tools/call", `{"name":"hello"}`))
		if got.status != http.StatusOK || seen[got.body] || !strings.Contains(got.body, "caller-") {
			t.Errorf("%d %s", got.status, got.body)
		}
		seen[got.body] = true
	}
}
