// Command mcpgo-crlf was written on Windows: every line ends in CR LF.
package main

import (
	"context"
	"flag"
	"log"
	"slices"
	"strings"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

var (
	mu    sync.Mutex
	notes = []string{"buy milk", "call Ada"}
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTool(mcp.NewTool("list_notes", mcp.WithReadOnlyHintAnnotation(true)), listNotes)
	s.AddTool(mcp.NewTool("delete_note", mcp.WithString("text", mcp.Required())), deleteNote)

	httpServer := server.NewStreamableHTTPServer(s)
	if err := httpServer.Start(*addr); err != nil {
		log.Fatal(err)
	}
}

func listNotes(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	mu.Lock()
	defer mu.Unlock()
	return mcp.NewToolResultText(strings.Join(notes, "\n")), nil
}

func deleteNote(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text := req.GetString("text", "")
	mu.Lock()
	defer mu.Unlock()
	notes = slices.DeleteFunc(notes, func(n string) bool { return n == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
