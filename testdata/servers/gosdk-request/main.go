// Command gosdk-request makes a new server for every session, in a named function.
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	handler := mcp.NewStreamableHTTPHandler(serverFor, nil)
	http.Handle("/mcp", handler)
	log.Fatal(http.ListenAndServe(*addr, nil))
}

// serverFor returns a server of its own for the client that asks.
func serverFor(r *http.Request) *mcp.Server {
	s := mcp.NewServer(&mcp.Implementation{Name: "Notes for " + r.UserAgent(), Version: "1.0.0"}, nil)
	register(s)
	return s
}
