// Command mcpgo-vendored keeps notes and sends each one that goes to a backup. It is
// built from its vendor folder, which go mod vendor makes.
package main

import (
	"cmp"
	"context"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

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
	s.AddTool(mcp.NewTool("list_notes",
		mcp.WithDescription("List all notes"),
		mcp.WithReadOnlyHintAnnotation(true),
	), listNotes)
	s.AddTool(mcp.NewTool("delete_note",
		mcp.WithDescription("Delete the notes with this text"),
		mcp.WithString("text", mcp.Required()),
	), deleteNote)

	mux := http.NewServeMux()
	mux.Handle("/mcp", server.NewStreamableHTTPServer(s))
	log.Fatal(http.ListenAndServe("localhost:"+cmp.Or(os.Getenv("PORT"), "8080"), mux))
}

func listNotes(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	mu.Lock()
	defer mu.Unlock()
	return mcp.NewToolResultText(strings.Join(notes, "\n")), nil
}

func deleteNote(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text := req.GetString("text", "")
	if err := backUp(ctx, text); err != nil {
		return mcp.NewToolResultErrorFromErr("no backup, so the note stays", err), nil
	}
	mu.Lock()
	defer mu.Unlock()
	notes = slices.DeleteFunc(notes, func(n string) bool { return n == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
