// Command vendored builds from its vendor folder. What lies there is not the
// SDK but a stand-in with the few names that are used here.
package main

import (
	"context"
	"log"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTool(mcp.NewTool("list_notes"), list)
	log.Fatal(server.NewStreamableHTTPServer(s).Start("localhost:8080"))
}

func list(ctx context.Context, req mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText("buy milk"), nil
}
