// Command mcpgo-spread gathers the options of the server and of the transport in
// slices, as flags say.
package main

import (
	"flag"
	"log"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	stateless := flag.Bool("stateless", false, "keep no sessions")
	recover := flag.Bool("recover", true, "survive a panic in a tool")
	flag.Parse()

	options := []server.ServerOption{server.WithToolCapabilities(true)}
	if *recover {
		options = append(options, server.WithRecovery())
	}
	s := server.NewMCPServer("Notes", "1.0.0", options...)
	s.AddTools((&notebook{notes: []string{"buy milk", "call Ada"}}).tools()...)

	log.Printf("notes on http://%s/notes", *addr)
	if err := server.NewStreamableHTTPServer(s, transportOptions(*stateless)...).Start(*addr); err != nil {
		log.Fatal(err)
	}
}

// transportOptions returns how the server is served.
func transportOptions(stateless bool) []server.StreamableHTTPOption {
	var options []server.StreamableHTTPOption
	options = append(options, server.WithEndpointPath("/notes"), server.WithHeartbeatInterval(30*time.Second))
	if stateless {
		options = append(options, server.WithStateLess(true))
	}
	return options
}
