//go:build authlib_no_filter

package mcpgo

import "github.com/mark3labs/mcp-go/server"

const hasFilter = false

// hookFilter does nothing: this mcp-go version has no such hook.
func (g *Guard) hookFilter(*server.MCPServer) {}
