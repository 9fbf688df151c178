package gosdk

import (
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A server is set up once, and remembering which ones were is bounded.
func TestServersAreRememberedUpToALimit(t *testing.T) {
	g := New(nil)
	servers := make([]*mcp.Server, maxServers+1)
	for i := range servers {
		servers[i] = mcp.NewServer(&mcp.Implementation{Name: "s", Version: "1"}, nil)
		if !g.first(servers[i]) {
			t.Fatalf("server %d is new", i)
		}
		if g.first(servers[i]) {
			t.Fatalf("server %d was set up already", i)
		}
	}
	if len(g.done) != maxServers || len(g.order) != maxServers {
		t.Errorf("%d servers remembered, want %d", len(g.done), maxServers)
	}
	if g.first(servers[maxServers]) || !g.first(servers[0]) {
		t.Error("the newest has to be remembered, the oldest forgotten")
	}
}
