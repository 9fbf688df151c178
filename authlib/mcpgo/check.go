package mcpgo

import (
	"github.com/mark3labs/mcp-go/server"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// Check is [Guard.Server] where no Guard is at hand: s refuses every request that
// did not pass a guard, and decides by the guard that the request passed. It is
// for servers whose transport is made in another function than the one that
// serves it.
func Check(s *server.MCPServer) *server.MCPServer {
	return New(nil).Server(s)
}

// decider returns the guard to decide by: the Guard's own or, for [Check] and for
// what [Guard.Stdio] returned, the one that let the request through. nil refuses.
func (g *Guard) decider(d *authlib.Decision) *authlib.Guard {
	if g.core != nil && g.caller == nil || d == nil {
		return g.core
	}
	return d.Guard()
}
