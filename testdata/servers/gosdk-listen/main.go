// Command gosdk-listen keeps a few notes and hands the SDK's handler straight
// to http.ListenAndServe, so that MCP answers on every path.
package main

import (
	"context"
	"log"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var (
	mu    sync.Mutex
	notes = []string{"buy milk", "call Ada"}
)

type noArgs struct{}

type deleteArgs struct {
	Text string `json:"text" jsonschema:"the note's text"`
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, nil)
	readOnly := &mcp.ToolAnnotations{ReadOnlyHint: true}
	mcp.AddTool(server, &mcp.Tool{Name: "list_notes", Description: "List all notes", Annotations: readOnly}, listNotes)
	mcp.AddTool(server, &mcp.Tool{Name: "get_time", Description: "The server's time", Annotations: readOnly}, getTime)
	mcp.AddTool(server, &mcp.Tool{Name: "delete_note", Description: "Delete the notes with this text"}, deleteNote)

	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)
	log.Fatal(http.ListenAndServe(":8080", handler))
}

func listNotes(ctx context.Context, req *mcp.CallToolRequest, _ noArgs) (*mcp.CallToolResult, any, error) {
	mu.Lock()
	defer mu.Unlock()
	return text(strings.Join(notes, "\n")), nil, nil
}

func getTime(ctx context.Context, req *mcp.CallToolRequest, _ noArgs) (*mcp.CallToolResult, any, error) {
	return text(time.Now().UTC().Format(time.RFC3339)), nil, nil
}

func deleteNote(ctx context.Context, req *mcp.CallToolRequest, args deleteArgs) (*mcp.CallToolResult, any, error) {
	mu.Lock()
	defer mu.Unlock()
	notes = slices.DeleteFunc(notes, func(n string) bool { return n == args.Text })
	return text("deleted " + args.Text), nil, nil
}

func text(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
