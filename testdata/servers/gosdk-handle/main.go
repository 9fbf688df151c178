// Command gosdk-handle mounts the SDK's handler on the default mux.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var addr = flag.String("addr", "localhost:8080", "address to listen on")

func main() {
	flag.Parse()

	s := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, nil)
	addTools(s)

	http.Handle("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server {
		return s // one server for all sessions
	}, &mcp.StreamableHTTPOptions{Stateless: true}))
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })

	log.Printf("listening on %s", *addr)
	log.Fatal(http.ListenAndServe(*addr, nil))
}

func addTools(s *mcp.Server) {
	type none struct{}
	type one struct {
		ID int `json:"id" jsonschema:"number of the note"`
	}
	mcp.AddTool(s, &mcp.Tool{
		Name:        "get_time",
		Description: "The server's time",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}, func(ctx context.Context, req *mcp.CallToolRequest, _ none) (*mcp.CallToolResult, any, error) {
		return say(time.Now().UTC().Format(time.RFC3339)), nil, nil
	})
	mcp.AddTool(s, &mcp.Tool{
		Name:        "delete_note",
		Description: "Delete one note",
	}, func(ctx context.Context, req *mcp.CallToolRequest, args one) (*mcp.CallToolResult, any, error) {
		return say(fmt.Sprintf("deleted %d", args.ID)), nil, nil
	})
}

func say(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
