// Command gosdk-mux mounts one server twice on a mux of its own, with and
// without the trailing slash, beside other routes.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}

	s := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, &mcp.ServerOptions{
		Instructions: "Notes of one person.",
	})
	addTools(s)
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil)

	mux := http.NewServeMux()
	mux.Handle("/mcp", handler)
	mux.Handle("/mcp/", handler) // some clients add the slash
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	if err := http.ListenAndServe("localhost:"+port, mux); err != nil {
		log.Fatal(err)
	}
}

func addTools(s *mcp.Server) {
	type none struct{}
	type byText struct {
		Text string `json:"text"`
	}
	mcp.AddTool(s, &mcp.Tool{
		Name:        "get_time",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}, func(ctx context.Context, req *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
		return reply(time.Now().UTC().Format(time.RFC3339)), nil, nil
	})
	mcp.AddTool(s, &mcp.Tool{
		Name: "delete_note",
	}, func(ctx context.Context, req *mcp.CallToolRequest, args byText) (*mcp.CallToolResult, any, error) {
		return reply("deleted " + args.Text), nil, nil
	})
}

func reply(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
