// Command gosdk-full has one of everything: tools, prompts, resources, a
// resource template, its own middleware and sessions that end when idle.
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

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	server := newServer(&book{notes: map[string]string{"1": "buy milk", "2": "call Ada"}})
	handler := mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{
			SessionTimeout: 10 * time.Minute, // phones disappear without a goodbye
		},
	)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Notes. MCP is at /mcp.")
	})
	mux.Handle("/mcp", handler)
	log.Fatal(http.ListenAndServe(*addr, mux))
}

func newServer(b *book) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "2.0.0"}, nil)
	b.addTools(s)
	b.addPrompts(s)
	b.addResources(s)
	s.AddReceivingMiddleware(logCalls)
	return s
}

// logCalls writes one line per request; it lets everything through.
func logCalls(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		start := time.Now()
		res, err := next(ctx, method, req)
		log.Printf("%s %s", method, time.Since(start).Round(time.Microsecond))
		return res, err
	}
}
