// Package web holds the routes. It may not end the program, and Routes reports
// no error: there is no place where something that may fail can be put.
package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Routes returns everything that this program answers.
func Routes() http.Handler {
	s := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, &mcp.ServerOptions{
		Instructions: "Notes of one person.",
	})
	addTools(s)
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil)

	mux := http.NewServeMux()
	mux.Handle("/mcp", handler)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	return mux
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
