// Command status says how the notes are.
package main

import (
	"flag"
	"log"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"example.com/gosdk-work/tools"
)

func main() {
	addr := flag.String("addr", "localhost:8081", "address to listen on")
	flag.Parse()
	status := mcp.NewServer(&mcp.Implementation{Name: "Status of the notes", Version: "1.0.0"}, nil)
	tools.RegisterCount(status)
	handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return status }, nil)
	log.Fatal(http.ListenAndServe(*addr, handler))
}
