// Command mcpgo-start-options is a note server with its own endpoint path,
// without sessions, written over several lines with comments between the
// arguments.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

type notebook struct {
	mu    sync.Mutex
	notes []string
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until the listener fails.
func run() error {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	book := &notebook{notes: []string{"buy milk", "call Ada"}}

	s := mcpserver.NewMCPServer(
		"Notes",
		"1.4.2",
		// A panic in a tool must not take the others down.
		mcpserver.WithRecovery(),
		mcpserver.WithToolCapabilities(false), // the list never changes
	)
	book.register(s)

	httpServer := mcpserver.NewStreamableHTTPServer(
		s,
		mcpserver.WithEndpointPath("/rpc"), // the load balancer expects this one
		// No sessions: three replicas share the work.
		mcpserver.WithStateLess(true),
		mcpserver.WithHeartbeatInterval(30*time.Second),
	)

	fmt.Fprintf(os.Stderr, "notes on http://%s/rpc\n", *addr)
	return httpServer.Start(*addr)
}

func (b *notebook) register(s *mcpserver.MCPServer) {
	s.AddTool(
		mcp.NewTool(
			"list_notes",
			mcp.WithDescription("List all notes"),
			mcp.WithReadOnlyHintAnnotation(true),
		),
		b.list,
	)
	s.AddTool(
		mcp.NewTool(
			"delete_note",
			mcp.WithDescription("Delete the notes with this text"),
			mcp.WithDestructiveHintAnnotation(true),
			mcp.WithString("text", mcp.Required()),
		),
		b.delete,
	)
}

func (b *notebook) list(_ context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return mcp.NewToolResultText(strings.Join(b.notes, "\n")), nil
}

func (b *notebook) delete(_ context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	text, err := req.RequireString("text")
	if err != nil {
		return mcp.NewToolResultError(err.Error()), nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notes = slices.DeleteFunc(b.notes, func(n string) bool { return n == text })
	return mcp.NewToolResultText("deleted " + text), nil
}
