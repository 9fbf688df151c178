package mcpgo_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib/mcpgo"
)

// The SDK keeps 10 KB for every initialize, for ever. However many strangers come,
// it keeps them for a thousand, and users are served all the while.
func TestStrangersSessionsAreBounded(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *mcpgo.Guard) http.Handler {
		return g.Handler("/mcp", server.NewStreamableHTTPServer(g.Server(a.s)))
	}) + "/mcp"
	begin := func(n int) {
		for range n {
			r, _ := http.NewRequest(http.MethodPost, url, strings.NewReader(initialize))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", "application/json, text/event-stream")
			// With this a client could begin a session, and not end it.
			r.Header.Set("Mcp-Protocol-Version", "1999-01-01")
			res, err := http.DefaultClient.Do(r)
			if err != nil || res.StatusCode != http.StatusOK || res.Header.Get("Mcp-Session-Id") == "" {
				t.Fatal(res, err)
			}
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
		}
	}
	kept := func() (bytes uint64, goroutines int) {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	begin(1000)
	alice := post(t, url, "alice", "", initialize).session
	heap, goroutines := kept()
	begin(2000)
	heapAfter, goroutinesAfter := kept()
	if goroutinesAfter > goroutines+10 {
		t.Errorf("%d goroutines became %d", goroutines, goroutinesAfter)
	}
	const each = 1000 // bytes, which would be ten times as many
	if heapAfter > heap+2000*each {
		t.Errorf("%d bytes became %d", heap, heapAfter)
	}
	if got := post(t, url, "alice", alice, req("tools/call", `{"name":"who"}`)); got.status != http.StatusOK {
		t.Errorf("a user who was here: %d %s", got.status, got.body)
	}
	t.Logf("2000 sessions more: %d bytes, %d goroutines", int64(heapAfter)-int64(heap), goroutinesAfter-goroutines)
}
