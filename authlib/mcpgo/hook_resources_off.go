//go:build authlib_no_resources

package mcpgo

import "github.com/mark3labs/mcp-go/server"

const hasResources = false

// hookResources does nothing: this mcp-go version has no such hook.
func (g *Guard) hookResources(*server.MCPServer) {}
