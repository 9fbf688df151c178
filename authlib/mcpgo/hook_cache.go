//go:build !authlib_no_cache

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// hookCache keeps caches from serving one caller's result to another (MCP
// 2026-07-28, Caching, Security), whatever hints the program has set. How long a
// result may be kept goes with them: what a caller may see can change at any time.
func (g *Guard) hookCache(s *server.MCPServer) {
	for _, m := range []mcp.MCPMethod{
		mcp.MethodToolsList, mcp.MethodPromptsList, mcp.MethodResourcesList, mcp.MethodResourcesTemplatesList, mcp.MethodResourcesRead,
	} {
		server.WithMethodCacheHints(m, 0, mcp.CacheScopePrivate)(s)
	}
	// A hook of the program's may have set them on the result itself.
	h := s.GetHooks()
	h.AddAfterListTools(func(_ context.Context, _ any, _ *mcp.ListToolsRequest, r *mcp.ListToolsResult) {
		private(&r.CacheableResult)
	})
	h.AddAfterListPrompts(func(_ context.Context, _ any, _ *mcp.ListPromptsRequest, r *mcp.ListPromptsResult) {
		private(&r.CacheableResult)
	})
	h.AddAfterListResources(func(_ context.Context, _ any, _ *mcp.ListResourcesRequest, r *mcp.ListResourcesResult) {
		private(&r.CacheableResult)
	})
	h.AddAfterListResourceTemplates(func(_ context.Context, _ any, _ *mcp.ListResourceTemplatesRequest, r *mcp.ListResourceTemplatesResult) {
		private(&r.CacheableResult)
	})
	h.AddAfterReadResource(func(_ context.Context, _ any, _ *mcp.ReadResourceRequest, r *mcp.ReadResourceResult) {
		private(&r.CacheableResult)
	})
}

// private changes hints that are there: older protocol versions have none.
func private(r *mcp.CacheableResult) {
	if _, set := r.TTL(); set || r.CacheScope != "" {
		r.SetCacheHints(0, mcp.CacheScopePrivate)
	}
}
