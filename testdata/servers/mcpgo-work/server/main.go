// Command server serves the notes. The server and its tools are made in a module
// beside this one; only go.work says where that is.
package main

import (
	"flag"
	"log"

	"example.com/mcpgo-work/tools/notes"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	s := notes.NewServer("2.0.0")
	h := server.NewStreamableHTTPServer(s)
	log.Printf("listening on %s", *addr)
	if err := h.Start(*addr); err != nil {
		log.Fatal(err)
	}
}
