// Command gosdk-hybrid speaks HTTP when it is told to, and stdio otherwise.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

var (
	serveHTTP = flag.Bool("http", false, "serve streamable HTTP instead of stdio")
	addr      = flag.String("addr", "localhost:8080", "address to listen on, with -http")
)

type deleteArgs struct {
	Text string `json:"text"`
}

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()

	server := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, nil)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "get_time",
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true},
	}, func(ctx context.Context, req *mcp.CallToolRequest, _ struct{}) (*mcp.CallToolResult, any, error) {
		return text(time.Now().UTC().Format(time.RFC3339)), nil, nil
	})
	mcp.AddTool(server, &mcp.Tool{Name: "delete_note"},
		func(ctx context.Context, req *mcp.CallToolRequest, args deleteArgs) (*mcp.CallToolResult, any, error) {
			return text("deleted " + args.Text), nil, nil
		})

	if *serveHTTP {
		handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)
		log.Fatal(http.ListenAndServe(*addr, handler))
	}
	t := &mcp.LoggingTransport{Transport: &mcp.StdioTransport{}, Writer: log.Writer()}
	if err := server.Run(ctx, t); err != nil {
		log.Fatalf("stdio: %v", err)
	}
}

func text(s string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: s}}}
}
