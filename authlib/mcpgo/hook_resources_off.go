//go:build authlib_no_resources

package mcpgo

import "github.com/mark3labs/mcp-go/server"

const hasResources = false

// resourcesOf returns nothing: this mcp-go version does not say.
func resourcesOf(*server.MCPServer) []string { return nil }

// hookResources does nothing: this mcp-go version has no such hook.
func (g *Guard) hookResources(*server.MCPServer) {}
