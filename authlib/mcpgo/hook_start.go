//go:build !authlib_no_start

package mcpgo

import (
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

// isStreamable reports whether h is a streamable HTTP transport itself.
func isStreamable(h http.Handler) bool {
	_, ok := h.(*server.StreamableHTTPServer)
	return ok
}

// At makes Start serve the MCP endpoint at path behind g, with the metadata and
// authorization endpoints next to it. Shutdown keeps working. It sets the
// transport's [http.Server]: a program that passes its own with
// WithStreamableHTTPServer has to wrap that one's Handler with [Guard.Handler]
// instead, because of the two the later option wins. Should that be the other one,
// [Guard.Server] refuses everything that arrives unguarded.
func (g *Guard) At(path string) server.StreamableHTTPOption {
	return func(s *server.StreamableHTTPServer) {
		server.WithStreamableHTTPServer(&http.Server{
			Handler:           g.Handler(path, s),
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    64 << 10,
		})(s)
	}
}
