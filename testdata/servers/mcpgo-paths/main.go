// Command mcpgo-paths runs two servers on two paths of one mux: notes for
// everybody, and one for who looks after them.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	book := &notebook{notes: []string{"buy milk", "call Ada"}}

	mux := http.NewServeMux()
	mux.Handle("/mcp", server.NewStreamableHTTPServer(newNotes(book)))
	mux.Handle("/admin", server.NewStreamableHTTPServer(newAdmin(book)))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	return http.ListenAndServe("localhost:"+port, mux)
}

func newNotes(book *notebook) *server.MCPServer {
	notes := server.NewMCPServer("Notes", "1.0.0")
	notes.AddTools(book.tools()...)
	return notes
}

func newAdmin(book *notebook) *server.MCPServer {
	admin := server.NewMCPServer("Notes administration", "1.0.0")
	admin.AddTool(mcp.NewTool("count_notes", mcp.WithReadOnlyHintAnnotation(true)), book.count)
	admin.AddTool(mcp.NewTool("drop_notes", mcp.WithDestructiveHintAnnotation(true)), book.drop)
	return admin
}

func (b *notebook) count(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return mcp.NewToolResultText(strconv.Itoa(len(b.notes))), nil
}

func (b *notebook) drop(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = nil
	return mcp.NewToolResultText("dropped"), nil
}
