package mcpgo_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// Without sessions, mcp-go lets all requests that are under way share one while a
// tool waits for its user: callers would get each other's notifications.
func TestStatelessCallersShareNoSession(t *testing.T) {
	a := newApp()
	waits := make(chan struct{})
	var waited atomic.Bool
	a.s.AddTool(mcp.NewTool("who"), func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if r.GetString("do", "") == "ask" {
			close(waits)
			_, _ = a.s.RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{
				Message: "well?", RequestedSchema: map[string]any{"type": "object", "properties": map[string]any{}},
			}})
			waited.Store(true)
			return mcp.NewToolResultText("asked"), nil
		}
		_ = a.s.SendNotificationToClient(ctx, "notifications/message", map[string]any{"level": "info", "data": "of bob"})
		time.Sleep(20 * time.Millisecond)
		return mcp.NewToolResultText(server.ClientSessionFromContext(ctx).SessionID()), nil
	})
	url := serve(t, stateless(a)) + "/mcp"

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	heard := make(chan string, 100)
	go listen(ctx, heard, url, req("tools/call", `{"name":"who","arguments":{"do":"ask"}}`))
	select {
	case <-waits:
	case <-ctx.Done():
		t.Fatal("alice's call did not arrive")
	}
	time.Sleep(50 * time.Millisecond) // newer SDKs put the question on her stream now
	for range 20 {
		if got := post(t, url, "bob", "", req("tools/call", `{"name":"who"}`)); got.status != 200 {
			t.Fatalf("status %d: %s", got.status, got.body)
		}
	}
	if waited.Load() {
		t.Error("alice's call did not wait for her")
	}
	cancel()
	for line := range heard {
		if strings.Contains(line, "of bob") {
			t.Fatal("alice's stream told what bob's call did")
		}
	}
}

// listen sends what alice posts and the lines of the answer, and closes the
// channel at its end. There is no answer at all where the SDK begins none.
func listen(ctx context.Context, lines chan<- string, url, body string) {
	defer close(lines)
	r, _ := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer alice")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer res.Body.Close()
	for s := bufio.NewScanner(res.Body); s.Scan(); {
		lines <- s.Text()
	}
}

// A stream at a mount that nobody guards hears nothing of what the program tells
// everybody; one that is guarded does.
func TestUnguardedStreamsHearNothing(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		tr := server.NewStreamableHTTPServer(g.Server(a.s))
		mux := http.NewServeMux()
		mux.Handle("/open", tr)
		g.Mount(mux, "/mcp", tr)
		return mux
	})
	session := post(t, url+"/mcp", "alice", "", initialize).session
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	heard := map[string]*syncBuffer{"/open": {}, "/mcp": {}}
	for path, to := range heard {
		r, _ := http.NewRequestWithContext(ctx, "GET", url+path, nil)
		if path == "/mcp" {
			r.Header.Set("Authorization", "Bearer alice")
			r.Header.Set("Mcp-Session-Id", session)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		go io.Copy(to, res.Body)
	}
	for i := 0; i < 500 && !strings.Contains(heard["/mcp"].String(), "for everybody"); i++ {
		a.s.SendNotificationToAllClients("notifications/message", map[string]any{"level": "info", "data": "for everybody"})
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond)
	if !strings.Contains(heard["/mcp"].String(), "for everybody") {
		t.Error("the guarded stream heard nothing")
	}
	if strings.Contains(heard["/open"].String(), "for everybody") {
		t.Error("the open stream heard it")
	}
}
