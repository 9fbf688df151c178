// Package gosdk guards servers built with github.com/modelcontextprotocol/go-sdk. It
// checks each HTTP request before the SDK reads it, and what the SDK is about to run
// inside the SDK again. It does not guard the SDK's older SSE handler, which it refuses
// to serve.
//
// The HTTP guard ([Guard.Mount], [Guard.Handler], [Guard.Protect]) authenticates
// and decides, and tells the SDK who the caller is. [Guard.Server] adds the same
// check inside the SDK, so that a way into the server that goes past the HTTP
// guard leads nowhere.
//
// # What it does not do
//
// Servers behind the SDK's older SSE handler are not served at all; see [Guard.Protect].
// Other transports that the program connects (stdio, in memory, its own) stay open unless
// [Guard.Stdio] is used. Log messages are not filtered by caller. Notifications that a
// change happened are filtered on HTTP streams behind the guard only. What a handler does
// with other people's data is the handler's.
package gosdk

import (
	"context"
	"net/http"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// A Guard guards go-sdk servers. Its methods may be called concurrently.
type Guard struct {
	core   *authlib.Guard
	caller context.Context // of Stdio: the caller of everything local; else nil

	mu    sync.Mutex
	done  map[*mcp.Server]bool
	order []*mcp.Server // of done, oldest first
}

// String keeps the keys of the core guard out of logs.
func (g *Guard) String() string { return "gosdk.Guard(" + g.core.Resource() + ")" }

// GoString is String, for %#v.
func (g *Guard) GoString() string { return g.String() }

// New returns a Guard that decides by g.
func New(g *authlib.Guard) *Guard {
	if g != nil { // as it is for Check
		g.DeferResources()
	}
	return &Guard{core: g, done: map[*mcp.Server]bool{}}
}

// maxServers bounds how many servers are remembered as set up. A program that
// makes one per session would keep them all alive otherwise; setting up one that
// was forgotten checks twice, which changes nothing.
const maxServers = 1024

// Server adds the check to s, after the program's own middleware so that it is
// the outermost, and returns s. A second call for the same server does nothing,
// so it may stand in the function that gives the transport its server.
//
// From then on s refuses every request that came over the SDK's HTTP transports
// without having passed g. Other transports (stdio, in memory, the program's own)
// lead to callers that share the process's
// own trust, and stay open unless their context is one of
// [authlib.Guard.AuthenticateStdio]: the MCP specification keeps stdio outside of
// OAuth (Authorization, Protocol Requirements). A server belongs to one Guard.
//
// Where the policy names a resource by a template only, s is asked for its lists of
// resources and templates first, to see what it would serve (see [authlib.Policy]);
// the program's own middleware sees these requests.
func (g *Guard) Server(s *mcp.Server) *mcp.Server {
	if s != nil && g.first(s) {
		s.AddReceivingMiddleware(g.middleware)
	}
	return s
}

func (g *Guard) first(s *mcp.Server) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.done[s] {
		return false
	}
	if len(g.order) == maxServers {
		delete(g.done, g.order[0])
		g.order = g.order[1:]
	}
	g.done[s], g.order = true, append(g.order, s)
	return true
}

// Protect is [authlib.Guard.Protect] for a go-sdk handler, to which it hands the
// caller as well. An SSE handler ([mcp.NewSSEHandler]) is never served: the SDK
// runs messages that anybody posts to an SSE session as the one who opened it.
// Requests to one are answered 501; serve [mcp.NewStreamableHTTPHandler] instead.
func (g *Guard) Protect(h http.Handler) http.Handler { return g.core.Protect(g.bind(h)) }

// Handler is [authlib.Guard.Handler] for a go-sdk handler; see [Guard.Protect].
func (g *Guard) Handler(path string, h http.Handler) http.Handler {
	return g.core.Handler(path, g.bind(h))
}

// Public is [authlib.Guard.Public].
func (g *Guard) Public(handle func(path string, h http.Handler)) { g.core.Public(handle) }

// Mount is [authlib.Guard.Mount] for a go-sdk handler; see [Guard.Protect].
func (g *Guard) Mount(mux *http.ServeMux, pattern string, h http.Handler) {
	g.core.Mount(mux, pattern, g.bind(h))
}

// Coverage says in sentences, one for each kind of operation, whether it is
// checked inside the SDK as well or by the HTTP guard only.
func (g *Guard) Coverage() []string {
	session := "sessions: bound to their caller by the HTTP guard and by the SDK"
	if !hasUserID {
		session = "sessions: bound to their caller by the HTTP guard only; this go-sdk version does not do it"
	}
	return []string{
		"requests and notifications: checked by the HTTP guard and inside the SDK",
		"lists: filtered inside the SDK",
		session,
	}
}
