//go:build !authlib_no_filter

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

const hasFilter = true

// hookFilter lists what the caller may call. From v0.55.0 the SDK asks the filter
// at each call too, task tools included.
func (g *Guard) hookFilter(s *server.MCPServer) {
	server.WithToolFilter(func(ctx context.Context, tools []mcp.Tool) []mcp.Tool {
		return keep(ctx, g, "tools/call", tools, func(t mcp.Tool) string { return t.Name })
	})(s)
}
