// Command notes is a small server that every version of the SDK builds.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTool(mcp.NewTool("list_notes", mcp.WithReadOnlyHintAnnotation(true)),
		func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText("buy milk"), nil
		})
	s.AddTool(mcp.NewTool("delete_note", mcp.WithDestructiveHintAnnotation(true), mcp.WithString("text")),
		func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText("deleted"), nil
		})
	if err := server.NewStreamableHTTPServer(s).Start(*addr); err != nil {
		log.Fatal(err)
	}
}
