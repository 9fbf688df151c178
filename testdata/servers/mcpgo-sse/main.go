// Command mcpgo-sse speaks stdio, SSE or streamable HTTP, as a flag says.
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

func main() {
	transport := flag.String("transport", "stdio", "stdio, sse or http")
	addr := flag.String("addr", "localhost:8080", "address to listen on, with -transport sse or http")
	flag.Parse()

	s := newServer()
	switch *transport {
	case "stdio":
		if err := server.ServeStdio(s); err != nil {
			log.Fatalf("stdio: %v", err)
		}
	case "sse":
		h := server.NewSSEServer(s,
			server.WithKeepAlive(true), // proxies close idle streams
		)
		if err := h.Start(*addr); err != nil {
			log.Fatalf("sse: %v", err)
		}
	case "http":
		h := server.NewStreamableHTTPServer(s)
		if err := h.Start(*addr); err != nil {
			log.Fatalf("http: %v", err)
		}
	default:
		log.Fatalf("unknown transport %q", *transport)
	}
}

// newServer builds the same server for both transports.
func newServer() *server.MCPServer {
	var mu sync.Mutex
	notes := []string{"buy milk", "call Ada"}

	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTool(mcp.NewTool("list_notes",
		mcp.WithDescription("List all notes"),
		mcp.WithReadOnlyHintAnnotation(true),
	), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		mu.Lock()
		defer mu.Unlock()
		return mcp.NewToolResultText(strings.Join(notes, "\n")), nil
	})
	s.AddTool(mcp.NewTool("delete_note",
		mcp.WithDescription("Delete the notes with this text"),
		mcp.WithDestructiveHintAnnotation(true),
		mcp.WithString("text", mcp.Required()),
	), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		text := req.GetString("text", "")
		mu.Lock()
		defer mu.Unlock()
		notes = slices.DeleteFunc(notes, func(n string) bool { return n == text })
		return mcp.NewToolResultText("deleted " + text), nil
	})
	return s
}
