package mcpgo_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// That a resource has changed is told only to who may read it, whatever streams the
// program sends it down.
func TestChangesAreToldToWhoMayRead(t *testing.T) {
	for transport, path := range map[string]string{"streamable": "/mcp", "sse": "/mcp/sse"} {
		a := newApp(server.WithResourceCapabilities(true, true))
		url := serve(t, func(g *mcpgo.Guard) http.Handler {
			g.Server(a.s)
			if transport == "sse" {
				return g.Protect(server.NewSSEServer(a.s, server.WithStaticBasePath("/mcp")))
			}
			return g.Handler("/mcp", server.NewStreamableHTTPServer(a.s))
		})
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		heard := map[string]*syncBuffer{"alice": {}, "admin": {}}
		for token, to := range heard {
			r, _ := http.NewRequestWithContext(ctx, "GET", url+path, nil)
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Accept", "text/event-stream")
			if transport == "streamable" {
				r.Header.Set("Mcp-Session-Id", post(t, url+"/mcp", token, "", initialize).session)
			}
			res, err := http.DefaultClient.Do(r)
			if err != nil || res.StatusCode != 200 {
				t.Fatalf("%s: %v, %v", transport, res, err)
			}
			defer res.Body.Close()
			go io.Copy(to, res.Body)
			if transport == "sse" {
				greet(t, url, token, to)
			}
		}
		for i := 0; i < 500 && !(strings.Contains(heard["alice"].String(), "doc://a") && strings.Contains(heard["admin"].String(), "doc://a")); i++ {
			a.s.SendNotificationToAllClients(mcp.MethodNotificationResourceUpdated, map[string]any{"uri": "doc://b"})
			a.s.SendNotificationToAllClients(mcp.MethodNotificationResourceUpdated, map[string]any{"uri": "doc://a"})
			time.Sleep(10 * time.Millisecond)
		}
		if got := heard["admin"].String(); !strings.Contains(got, "doc://a") || !strings.Contains(got, "doc://b") {
			t.Errorf("%s: admin heard %s", transport, got)
		}
		if got := heard["alice"].String(); !strings.Contains(got, "doc://a") || strings.Contains(got, "doc://b") {
			t.Errorf("%s: alice heard %s", transport, got)
		}
	}
}

// greet opens the session of an SSE stream, whose first event says where.
func greet(t *testing.T, url, token string, stream *syncBuffer) {
	t.Helper()
	for i := 0; i < 500 && !strings.Contains(stream.String(), "\n\r\n"); i++ {
		time.Sleep(10 * time.Millisecond)
	}
	_, endpoint, _ := strings.Cut(stream.String(), "data: ")
	endpoint, _, _ = strings.Cut(endpoint, "\r")
	for _, message := range []string{initialize, `{"jsonrpc":"2.0","method":"notifications/initialized"}`} {
		if got := post(t, url+endpoint, token, "", message); got.status != 202 {
			t.Fatalf("%s: %d %s", endpoint, got.status, got.body)
		}
	}
}
