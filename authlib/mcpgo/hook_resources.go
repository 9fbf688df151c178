//go:build !authlib_no_resources

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const hasResources = true

// resourcesOf returns the URIs of s's resources in those versions that say them.
func resourcesOf(s *server.MCPServer) (uris []string) {
	if all, ok := any(s).(interface {
		ListResources() map[string]*server.ServerResource
	}); ok {
		for uri := range all.ListResources() {
			uris = append(uris, uri)
		}
	}
	return uris
}

// hookResources checks the reading of resources, templates included.
func (g *Guard) hookResources(s *server.MCPServer) {
	server.WithResourceHandlerMiddleware(func(next server.ResourceHandlerFunc) server.ResourceHandlerFunc {
		return func(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			check := g.check
			if !hasInit { // else that hook has asked what is registered
				check = func(ctx context.Context, op authlib.Operation) (context.Context, error) { return g.checkOn(ctx, s, op) }
			}
			ctx, err := check(ctx, authlib.Operation{Method: "resources/read", Name: r.Params.URI})
			if err != nil {
				return nil, err
			}
			return next(ctx, r)
		}
	})(s)
}
