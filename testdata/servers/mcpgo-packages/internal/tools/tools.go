// Package tools holds the note tools.
package tools

import (
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// Names of the tools.
const (
	ListName   = "list_notes"
	DeleteName = "delete_note"
)

// Register adds every tool to s.
func Register(s *server.MCPServer) {
	n := &notes{items: []string{"buy milk", "call Ada"}}
	for _, t := range n.all() {
		s.AddTool(t.Tool, t.Handler)
	}
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
