package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// notebook keeps notes.
type notebook struct {
	mu    sync.Mutex
	notes []string
}

func (b *notebook) tools() []server.ServerTool {
	return []server.ServerTool{
		{
			Tool:    mcp.NewTool("list_notes", mcp.WithDescription("List all notes"), mcp.WithReadOnlyHintAnnotation(true)),
			Handler: b.list,
		},
		{
			Tool: mcp.NewTool("delete_note", mcp.WithDescription("Delete the notes with this text"),
				mcp.WithDestructiveHintAnnotation(true), mcp.WithString("text", mcp.Required())),
			Handler: b.delete,
		},
	}
}

func (b *notebook) list(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return mcp.NewToolResultText(strings.Join(b.notes, "\n")), nil
}

func (b *notebook) delete(_ context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text := req.GetString("text", "")
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = slices.DeleteFunc(b.notes, func(n string) bool { return n == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
