// Command admin looks after the notes.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	addr := flag.String("addr", "localhost:8081", "address to listen on")
	flag.Parse()
	admin := mcp.NewServer(&mcp.Implementation{Name: "Notes administration", Version: "1.0.0"}, nil)
	mcp.AddTool(admin, &mcp.Tool{Name: "count_notes", Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true}}, count)
	mcp.AddTool(admin, &mcp.Tool{Name: "drop_notes"}, count)
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return admin }, nil)
	log.Fatal(http.ListenAndServe(*addr, handler))
}

func count(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "2"}}}, nil, nil
}
