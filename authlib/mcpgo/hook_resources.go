//go:build !authlib_no_resources

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const hasResources = true

// hookResources checks the reading of resources, templates included.
func (g *Guard) hookResources(s *server.MCPServer) {
	server.WithResourceHandlerMiddleware(func(next server.ResourceHandlerFunc) server.ResourceHandlerFunc {
		return func(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			ctx, err := g.check(ctx, authlib.Operation{Method: "resources/read", Name: r.Params.URI})
			if err != nil {
				return nil, err
			}
			return next(ctx, r)
		}
	})(s)
}
