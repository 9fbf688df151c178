//go:build !authlib_no_start

package mcpgo_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

func TestStartAndShutdown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	a := newApp()
	g := mcpgo.New(newCore(t, "http://"+addr+"/mcp", false))
	tr := server.NewStreamableHTTPServer(g.Server(a.s), g.At("/mcp"), server.WithStateLess(true))
	done := make(chan error, 1)
	go func() { done <- tr.Start(addr) }()
	waitFor(t, addr)
	if got := post(t, "http://"+addr+"/mcp", "", "", initialize); got.status != 401 {
		t.Errorf("stranger: %d", got.status)
	}
	if got := post(t, "http://"+addr+"/mcp", "alice", "", req("tools/call", `{"name":"who"}`)); !strings.Contains(got.body, `"alice"`) {
		t.Errorf("alice: %d %s", got.status, got.body)
	}
	for _, path := range []string{"/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"} {
		if got := do(t, "GET", "http://"+addr+path, "", "", ""); !strings.Contains(got.body, `"resource":"http://`+addr+`/mcp"`) {
			t.Errorf("metadata at %s: %d %s", path, got.status, got.body)
		}
	}
	if err := tr.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != http.ErrServerClosed {
		t.Errorf("Start returned %v", err)
	}
}

func waitFor(t *testing.T, addr string) {
	t.Helper()
	for range 200 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server does not listen")
}

// The older transport starts behind the guard in the same way.
func TestStartAndShutdownOverSSE(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	a := newApp()
	g := mcpgo.New(newCore(t, "http://"+addr+"/sse", false))
	tr := server.NewSSEServer(g.Server(a.s), g.AtSSE())
	done := make(chan error, 1)
	go func() { done <- tr.Start(addr) }()
	waitFor(t, addr)
	for _, path := range []string{"/sse", "/message?sessionId=x"} {
		if got := do(t, "GET", "http://"+addr+path, "", "", ""); got.status != 401 {
			t.Errorf("stranger at %s: %d", path, got.status)
		}
	}
	if got := do(t, "GET", "http://"+addr+"/.well-known/oauth-protected-resource/sse", "", "", ""); !strings.Contains(got.body, `"resource":"http://`+addr+`/sse"`) {
		t.Errorf("metadata: %d %s", got.status, got.body)
	}
	if err := tr.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != http.ErrServerClosed {
		t.Errorf("Start returned %v", err)
	}
}

// The public endpoints, for a program that has a mux of its own, are the metadata and
// nothing that leads to the server.
func TestPublic(t *testing.T) {
	n := 0
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		mux := http.NewServeMux()
		g.Public(func(path string, h http.Handler) { mux.Handle(path, h); n++ })
		return mux
	})
	for _, path := range []string{"/.well-known/oauth-protected-resource/mcp", "/mcp", "/"} {
		got := do(t, "GET", url+path, "", "", "")
		if want := strings.HasPrefix(path, "/.well-known"); (got.status == 200) != want || n != 2 {
			t.Errorf("%s: %d, of %d endpoints", path, got.status, n)
		}
	}
}
