package gosdk_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

// BenchmarkCall is a call of a tool over loopback, at a bare server and at a guarded
// one in turn, so that both see the same machine. The metric guarded/bare is what
// the guard makes of the whole; the aim is 1.02 at most. Run it with -benchtime 5s.
func BenchmarkCall(b *testing.B) {
	for name, stateless := range map[string]bool{"stateful": false, "stateless": true} {
		b.Run(name, func(b *testing.B) {
			bare := newCaller(b, stateless, false)
			guarded := newCaller(b, stateless, true)
			var took [2]time.Duration
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				for i, c := range []*caller{bare, guarded} {
					start := time.Now()
					c.call(b)
					took[i] += time.Since(start)
				}
			}
			b.ReportMetric(float64(took[0].Nanoseconds())/float64(b.N), "bare-ns")
			b.ReportMetric(float64(took[1].Nanoseconds())/float64(b.N), "guarded-ns")
			b.ReportMetric(float64(took[1])/float64(took[0]), "guarded/bare")
		})
	}
}

type caller struct{ url, session string }

func newCaller(b *testing.B, stateless, guarded bool) *caller {
	b.Helper()
	s := mcp.NewServer(&mcp.Implementation{Name: "app", Version: "1"}, nil)
	mcp.AddTool(s, &mcp.Tool{Name: "who"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "done"}}}, nil, nil
	})
	var h http.Handler = mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s },
		&mcp.StreamableHTTPOptions{Stateless: stateless, JSONResponse: true})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	b.Cleanup(srv.Close)
	if guarded {
		g := gosdk.New(newCoreAt(b, srv.URL+"/mcp"))
		g.Server(s)
		h = g.Handler("/mcp", h)
	}
	c := &caller{url: srv.URL + "/mcp"}
	c.session = c.send(b, initialize).Get("Mcp-Session-Id")
	c.send(b, initialized)
	return c
}

func (c *caller) call(b *testing.B) { c.send(b, req("tools/call", `{"name":"who"}`)) }

func (c *caller) send(b *testing.B, body string) http.Header {
	r, _ := http.NewRequest(http.MethodPost, c.url, strings.NewReader(body))
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"},
		"Authorization": {"Bearer alice"},
	}
	if c.session != "" {
		r.Header.Set("Mcp-Session-Id", c.session)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); err != nil || res.StatusCode > http.StatusAccepted {
		b.Fatalf("%d %s: %v", res.StatusCode, got, err)
	}
	return res.Header
}
