// Command mcpgo-hybrid serves one server twice on one mux: streamable HTTP, and
// the older SSE for clients that know no better.
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTools((&notebook{notes: []string{"buy milk", "call Ada"}}).tools()...)

	sse := server.NewSSEServer(s)
	mux := http.NewServeMux()
	mux.Handle("/mcp", server.NewStreamableHTTPServer(s))
	mux.Handle("/sse", sse.SSEHandler())
	mux.Handle("/message", sse.MessageHandler())
	log.Fatal(http.ListenAndServe(*addr, mux))
}
