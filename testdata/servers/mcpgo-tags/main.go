// Command mcpgo-tags is built from different files on different systems.
package main

import (
	"flag"
	"log"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	s := server.NewMCPServer("Notes on "+system, "1.0.0")
	s.AddTool(mcp.NewTool("list_notes", mcp.WithReadOnlyHintAnnotation(true)), list)
	s.AddTool(mcp.NewTool("delete_note", mcp.WithDestructiveHintAnnotation(true), mcp.WithString("text", mcp.Required())), remove)

	trace("listening on %s", *addr)
	log.Fatal(server.NewStreamableHTTPServer(s).Start(*addr))
}
