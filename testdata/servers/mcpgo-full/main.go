// Command mcpgo-full has one of everything: tools, a task tool, prompts,
// resources, a resource template, hooks and a context function.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"

	"github.com/mark3labs/mcp-go/server"
)

type traceKey struct{}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	hooks := &server.Hooks{}
	hooks.AddOnRegisterSession(func(ctx context.Context, session server.ClientSession) {
		log.Printf("session %s", session.SessionID())
	})

	s := server.NewMCPServer("Notes", "3.1.0",
		server.WithToolCapabilities(true),
		server.WithPromptCapabilities(false),
		server.WithResourceCapabilities(true, false),
		server.WithTaskCapabilities(true, true, true),
		server.WithHooks(hooks),
		server.WithRecovery(),
	)
	book := &book{notes: map[string]string{"1": "buy milk", "2": "call Ada"}}
	book.addTools(s)
	book.addPrompts(s)
	book.addResources(s)

	h := server.NewStreamableHTTPServer(s,
		server.WithHTTPContextFunc(withTrace), // for the log; it refuses nobody
	)
	log.Fatal(h.Start(*addr))
}

// withTrace keeps the caller's trace ID for the log.
func withTrace(ctx context.Context, r *http.Request) context.Context {
	return context.WithValue(ctx, traceKey{}, r.Header.Get("X-Trace-Id"))
}
