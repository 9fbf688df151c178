// Command gosdk-mains is one of two programs of its module; the other one is in
// programs/admin.
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
	s := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, nil)
	register(s)
	http.Handle("/mcp", mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s }, nil))
	log.Fatal(http.ListenAndServe(*addr, nil))
}
