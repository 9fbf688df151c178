package gosdk

import (
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Servers is [Guard.Server] for a function that gives a transport its servers, such
// as one that makes a new one for each session: each server that get returns is
// checked. A nil server stays nil, which the SDK answers with 400.
func (g *Guard) Servers(get func(*http.Request) *mcp.Server) func(*http.Request) *mcp.Server {
	return func(r *http.Request) *mcp.Server { return g.Server(get(r)) }
}

// CheckServers is [Guard.Servers] where no Guard is at hand; see [Check].
func CheckServers(get func(*http.Request) *mcp.Server) func(*http.Request) *mcp.Server {
	return New(nil).Servers(get)
}
