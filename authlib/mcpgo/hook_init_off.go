//go:build authlib_no_init

package mcpgo

import "github.com/mark3labs/mcp-go/server"

const hasInit = false

// hookInit does nothing: this mcp-go version has no such hook.
func (g *Guard) hookInit(*server.MCPServer) {}
