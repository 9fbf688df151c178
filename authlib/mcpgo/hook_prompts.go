//go:build !authlib_no_prompts

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const hasPrompts = true

// hookPrompts checks prompts and lists what the caller may get.
func (g *Guard) hookPrompts(s *server.MCPServer) {
	server.WithPromptHandlerMiddleware(func(next server.PromptHandlerFunc) server.PromptHandlerFunc {
		return func(ctx context.Context, r mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			ctx, err := g.check(ctx, authlib.Operation{Method: "prompts/get", Name: r.Params.Name})
			if err != nil {
				return nil, err
			}
			return next(ctx, r)
		}
	})(s)
	server.WithPromptFilter(func(ctx context.Context, prompts []mcp.Prompt) []mcp.Prompt {
		return keep(ctx, g, "prompts/get", prompts, func(p mcp.Prompt) string { return p.Name })
	})(s)
}
