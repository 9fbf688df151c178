// Command mcpgo-ports runs two servers in one program, each on a port of its own:
// notes for everybody, and one for who looks after them.
package main

import (
	"context"
	"flag"
	"log"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address of the notes")
	adminAddr := flag.String("admin-addr", "localhost:8081", "address of the administration")
	flag.Parse()

	book := &notebook{notes: []string{"buy milk", "call Ada"}}
	notes := server.NewMCPServer("Notes", "1.0.0")
	notes.AddTools(book.tools()...)

	admin := server.NewMCPServer("Notes administration", "1.0.0")
	admin.AddTool(mcp.NewTool("count_notes", mcp.WithReadOnlyHintAnnotation(true)), book.count)
	admin.AddTool(mcp.NewTool("drop_notes", mcp.WithDestructiveHintAnnotation(true)), book.drop)

	go func() {
		if err := server.NewStreamableHTTPServer(admin, server.WithEndpointPath("/admin")).Start(*adminAddr); err != nil {
			log.Fatal(err)
		}
	}()
	if err := server.NewStreamableHTTPServer(notes).Start(*addr); err != nil {
		log.Fatal(err)
	}
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
