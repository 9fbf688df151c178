// Command mcpgo-start keeps a few notes and offers them over MCP, the way
// mcp-go's quick start shows it: one server, Start on a fixed address.
package main

import (
	"context"
	"log"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// notes is the whole database.
var (
	mu    sync.Mutex
	notes = []string{"buy milk", "call Ada"}
)

func main() {
	s := server.NewMCPServer("Notes", "1.0.0")

	// Anybody may look.
	s.AddTool(mcp.NewTool("list_notes",
		mcp.WithDescription("List all notes"),
		mcp.WithReadOnlyHintAnnotation(true),
	), listNotes)
	s.AddTool(mcp.NewTool("get_time",
		mcp.WithDescription("The server's time"),
		mcp.WithReadOnlyHintAnnotation(true),
	), getTime)

	// Gone is gone: there is no undo.
	s.AddTool(mcp.NewTool("delete_note",
		mcp.WithDescription("Delete the notes with this text"),
		mcp.WithDestructiveHintAnnotation(true),
		mcp.WithString("text", mcp.Required(), mcp.Description("the note's text")),
	), deleteNote)

	log.Fatal(server.NewStreamableHTTPServer(s).Start(":8080"))
}

func listNotes(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	mu.Lock()
	defer mu.Unlock()
	return mcp.NewToolResultText(strings.Join(notes, "\n")), nil
}

func getTime(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText(time.Now().UTC().Format(time.RFC3339)), nil
}

func deleteNote(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text, err := req.RequireString("text")
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	mu.Lock()
	defer mu.Unlock()
	notes = slices.DeleteFunc(notes, func(n string) bool { return n == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
