package gosdk_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/beside"
)

// BenchmarkCall is a call of a tool over loopback, at a bare server and at a guarded
// one in turn. The aim for the ratio is 1.02.
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

// BenchmarkOwn is what guard and middleware take in process.
func BenchmarkOwn(b *testing.B) {
	for name, arguments := range beside.Arguments {
		b.Run(name, func(b *testing.B) {
			bare, guarded := within(b, arguments)
			beside.Own(b, bare, guarded)
		})
	}
}

// within returns the same call of a bare and of a guarded server in process.
func within(tb testing.TB, arguments string) (bare, guarded func()) {
	call := func(guarded bool) func() {
		return beside.Within(tb, benchServer(tb, false, guarded), benchURL, "alice", beside.Call("who", arguments))
	}
	return call(false), call(true)
}

const benchURL = "http://127.0.0.1:8080/mcp"

func benchServer(tb testing.TB, stateless, guarded bool) http.Handler {
	tb.Helper()
	s := mcp.NewServer(&mcp.Implementation{Name: "app", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "who"}, func(context.Context, *mcp.CallToolRequest, map[string]any) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "done"}}}, nil, nil
	})
	var h http.Handler = mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s },
		&mcp.StreamableHTTPOptions{Stateless: stateless, JSONResponse: true})
	if !guarded {
		return h
	}
	g := gosdk.New(newCoreAt(tb, benchURL))
	g.Server(s)
	return g.Handler("/mcp", h)
}
