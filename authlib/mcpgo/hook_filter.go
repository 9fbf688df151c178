//go:build !authlib_no_filter

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const hasFilter = true

// hookFilter lists what the caller may call. From v0.55.0 the SDK asks the filter
// at each call too, task tools included.
func (g *Guard) hookFilter(s *server.MCPServer) {
	server.WithToolFilter(func(ctx context.Context, tools []mcp.Tool) []mcp.Tool {
		out := make([]mcp.Tool, 0, len(tools))
		for _, t := range tools {
			if g.usable(ctx, authlib.Operation{Method: "tools/call", Name: t.Name}) {
				out = append(out, t)
			}
		}
		return out
	})(s)
}
