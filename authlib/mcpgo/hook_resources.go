//go:build !authlib_no_resources

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const hasResources = true

// resourcesOf returns the URIs of s's resources, those of ctx's session included; ok
// is false in versions that do not say.
func resourcesOf(ctx context.Context, s *server.MCPServer) (uris []string, ok bool) {
	all, ok := any(s).(interface {
		ListResources() map[string]*server.ServerResource
	})
	if !ok {
		return nil, false
	}
	for uri := range all.ListResources() {
		uris = append(uris, uri)
	}
	if session, ok := server.ClientSessionFromContext(ctx).(interface {
		GetSessionResources() map[string]server.ServerResource
	}); ok {
		for uri := range session.GetSessionResources() {
			uris = append(uris, uri)
		}
	}
	return uris, true
}

// hookResources checks the reading of resources, templates included.
func (g *Guard) hookResources(s *server.MCPServer) {
	server.WithResourceHandlerMiddleware(func(next server.ResourceHandlerFunc) server.ResourceHandlerFunc {
		return func(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
			op := authlib.Operation{Method: "resources/read", Name: r.Params.URI}
			if !hasInit { // else that hook has asked what is registered
				if err := g.checkOn(ctx, s, op); err != nil {
					return nil, refusal{err}
				}
			}
			ctx, err := g.check(ctx, op)
			if err != nil {
				return nil, err
			}
			return next(ctx, r)
		}
	})(s)
}
