package mcpgo_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/beside"
	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// BenchmarkCall is a call of a tool over loopback, at a bare server and at a guarded
// one in turn. The aim for the ratio is 1.10.
func BenchmarkCall(b *testing.B) {
	for name, stateless := range map[string]bool{"stateful": false, "stateless": true} {
		b.Run(name, func(b *testing.B) {
			call := func(guarded bool) func() {
				srv := httptest.NewServer(benchServer(b, stateless, guarded))
				b.Cleanup(srv.Close)
				return beside.Over(b, srv.URL+"/mcp", "alice", beside.Call("who", beside.Arguments["small"]))
			}
			beside.Compare(b, call(false), call(true))
		})
	}
}

// BenchmarkOwn is what guard and hooks take in process.
func BenchmarkOwn(b *testing.B) {
	for name, arguments := range beside.Arguments {
		b.Run(name, func(b *testing.B) {
			bare, guarded := within(b, false, arguments)
			beside.Own(b, bare, guarded)
		})
	}
}

// within returns the same call of a bare and of a guarded server in process.
func within(tb testing.TB, stateless bool, arguments string) (bare, guarded func()) {
	call := func(guarded bool) func() {
		return beside.Within(tb, benchServer(tb, stateless, guarded), benchURL, "alice", beside.Call("who", arguments))
	}
	return call(false), call(true)
}

const benchURL = "http://127.0.0.1:8080/mcp"

func benchServer(tb testing.TB, stateless, guarded bool) http.Handler {
	tb.Helper()
	s := server.NewMCPServer("app", "1")
	s.AddTool(mcp.NewTool("who"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("done"), nil
	})
	var h http.Handler = server.NewStreamableHTTPServer(s, server.WithStateLess(stateless))
	if guarded {
		g := mcpgo.New(newCore(tb, benchURL, true))
		g.Server(s)
		h = g.Handler("/mcp", h)
	}
	return h
}
