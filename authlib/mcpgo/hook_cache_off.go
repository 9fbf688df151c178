//go:build authlib_no_cache

package mcpgo

import "github.com/mark3labs/mcp-go/server"

// hookCache does nothing: this mcp-go version sends no cache hints.
func (g *Guard) hookCache(*server.MCPServer) {}
