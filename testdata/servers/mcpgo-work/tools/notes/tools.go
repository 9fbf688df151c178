// Package notes makes the server of the notes and holds its tools.
package notes

import (
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// Names of the tools.
const (
	ListName   = "list_notes"
	DeleteName = "delete_note"
)

// NewServer returns a server with every tool.
func NewServer(version string) *server.MCPServer {
	s := server.NewMCPServer("Notes", version, server.WithToolCapabilities(true))
	n := &notes{items: []string{"buy milk", "call Ada"}}
	for _, t := range n.all() {
		s.AddTool(t.Tool, t.Handler)
	}
	return s
}

func (n *notes) all() []server.ServerTool {
	return []server.ServerTool{
		{Tool: listTool(), Handler: n.list},
		{Tool: deleteTool(), Handler: n.delete},
	}
}

func listTool() mcp.Tool {
	return mcp.NewTool(ListName,
		mcp.WithDescription("List all notes"),
		mcp.WithReadOnlyHintAnnotation(true),
	)
}

func deleteTool() mcp.Tool {
	return mcp.NewTool(DeleteName,
		mcp.WithDescription("Delete the notes with this text"),
		mcp.WithDestructiveHintAnnotation(true),
		mcp.WithString("text", mcp.Required()),
	)
}
