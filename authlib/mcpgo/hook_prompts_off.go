//go:build authlib_no_prompts

package mcpgo

import "github.com/mark3labs/mcp-go/server"

const hasPrompts = false

// hookPrompts does nothing: this mcp-go version has no such hook.
func (g *Guard) hookPrompts(*server.MCPServer) {}
