//go:build authlib_no_resources

package mcpgo

import (
	"context"

	"github.com/mark3labs/mcp-go/server"
)

const hasResources = false

// resourcesOf returns nothing: this mcp-go version does not say.
func resourcesOf(context.Context, *server.MCPServer) ([]string, bool) { return nil, false }

// hookResources does nothing: this mcp-go version has no such hook.
func (g *Guard) hookResources(*server.MCPServer) {}
