// Command gosdk-method makes a new server for every session, in a method.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A factory makes servers.
type factory struct {
	name  string
	quiet bool
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	f := &factory{name: "Notes", quiet: os.Getenv("QUIET") != ""}
	mux := http.NewServeMux()
	mux.Handle("/mcp", mcp.NewStreamableHTTPHandler(f.newServer, &mcp.StreamableHTTPOptions{Stateless: true}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	if err := http.ListenAndServe("localhost:"+port, mux); err != nil {
		log.Fatal(err)
	}
}

func (f *factory) newServer(r *http.Request) *mcp.Server {
	impl := &mcp.Implementation{Name: f.name, Version: "1.0.0"}
	if f.quiet {
		s := mcp.NewServer(impl, nil)
		register(s)
		return s
	}
	s := mcp.NewServer(impl, &mcp.ServerOptions{Instructions: "Notes of one person."})
	register(s)
	return s
}
