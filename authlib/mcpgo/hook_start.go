//go:build !authlib_no_start

package mcpgo

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// isStreamable reports whether h is a streamable HTTP transport itself.
func isStreamable(h http.Handler) bool {
	_, ok := h.(*server.StreamableHTTPServer)
	return ok
}

// separate gives a request that has no session one that no other caller's has. A
// stateless transport keeps under the session's id, which would be empty for
// everybody, where a waiting tool's notifications and questions go, log levels, and
// what can be cancelled. Nobody can make up another's, not even at a mount without a
// guard. A transport with sessions refuses this id as it does the empty one.
func separate(r *http.Request, d *authlib.Decision) {
	if len(r.Header[sessionHeader]) > 0 || !idsAreIgnored() {
		return
	}
	if p := d.Principal(); p != nil {
		r.Header.Set(sessionHeader, "caller-"+d.Guard().CallerKey(p))
		return
	}
	var id [sha256.Size]byte
	if _, err := rand.Read(id[:]); err != nil {
		return // then every stranger's is the same
	}
	r.Header.Set(sessionHeader, "caller-"+hex.EncodeToString(id[:]))
}

// idsAreIgnored reports whether stateless transports take any session id. Early
// versions refuse all, but keep nothing between requests.
var idsAreIgnored = sync.OnceValue(func() bool {
	_, err := new(server.StatelessSessionIdManager).Validate("caller")
	return err == nil
})

// At makes Start serve the MCP endpoint at path behind g, with the metadata and
// authorization endpoints next to it. Shutdown keeps working. It sets the
// transport's [http.Server]: a program that passes its own with
// WithStreamableHTTPServer has to wrap that one's Handler with [Guard.Handler]
// instead, because of the two the later option wins. Should that be the other one,
// [Guard.Server] refuses everything that arrives unguarded.
func (g *Guard) At(path string) server.StreamableHTTPOption {
	return func(s *server.StreamableHTTPServer) {
		server.WithStreamableHTTPServer(httpServer(g.Handler(path, s)))(s)
	}
}

// AtSSE is [Guard.At] for the older HTTP+SSE transport (MCP 2024-11-05), at
// whatever paths its other options give it. A stream and the messages that belong
// to it are one caller's. The option that loses against a later one is
// WithHTTPServer.
func (g *Guard) AtSSE() server.SSEOption {
	return func(s *server.SSEServer) {
		server.WithHTTPServer(httpServer(g.Handler("/", s)))(s)
	}
}

// httpServer has no limit on how long an answer takes: streams stay open.
func httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}
