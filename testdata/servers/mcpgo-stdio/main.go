// Command mcpgo-stdio is a note server that its client starts itself and talks
// to over standard input and output.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	s := server.NewMCPServer("Notes", "1.0.0")

	s.AddTool(mcp.NewTool("get_time",
		mcp.WithDescription("The server's time"),
		mcp.WithReadOnlyHintAnnotation(true),
	), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText(time.Now().UTC().Format(time.RFC3339)), nil
	})
	s.AddTool(mcp.NewTool("delete_note",
		mcp.WithDescription("Delete a note"),
		mcp.WithDestructiveHintAnnotation(true),
		mcp.WithString("text", mcp.Required()),
	), func(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return mcp.NewToolResultText("deleted " + req.GetString("text", "")), nil
	})

	// Standard output belongs to the protocol: everything else goes to stderr.
	if err := server.ServeStdio(s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
