//go:build !authlib_no_tools

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const hasTools = true

// hookTools checks tool calls. Task tools do not pass here.
func (g *Guard) hookTools(s *server.MCPServer) {
	server.WithToolHandlerMiddleware(func(next server.ToolHandlerFunc) server.ToolHandlerFunc {
		return func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			ctx, err := g.check(ctx, authlib.Operation{Method: "tools/call", Name: r.Params.Name})
			if err != nil {
				return nil, err
			}
			return next(ctx, r)
		}
	})(s)
}
