//go:build authlib_no_tools

package mcpgo

import "github.com/mark3labs/mcp-go/server"

const hasTools = false

// hookTools does nothing: this mcp-go version has no such hook.
func (g *Guard) hookTools(*server.MCPServer) {}
