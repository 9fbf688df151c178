//go:build authlib_no_start

package mcpgo

import (
	"net/http"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// This mcp-go version can't be given an http.Server, so there is no At or AtSSE: mount the
// transport on a server of your own with [Guard.Mount].

// isStreamable reports false: this mcp-go version has no such transport, or one
// that keeps nothing between requests.
func isStreamable(http.Handler) bool { return false }

// separate does nothing: such a transport keeps nothing between requests.
func separate(*http.Request, *authlib.Decision) {}
