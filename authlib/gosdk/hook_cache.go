//go:build !authlib_no_cache

package gosdk

import "github.com/modelcontextprotocol/go-sdk/mcp"

// private keeps caches from serving one caller's result to another (MCP
// 2026-07-28, Caching, Security): the SDK's default is "public".
func private(res mcp.Result) {
	switch r := res.(type) {
	case *mcp.ListToolsResult:
		r.CacheScope = "private"
	case *mcp.ListPromptsResult:
		r.CacheScope = "private"
	case *mcp.ListResourcesResult:
		r.CacheScope = "private"
	case *mcp.ListResourceTemplatesResult:
		r.CacheScope = "private"
	case *mcp.ReadResourceResult:
		r.CacheScope = "private"
	}
}
