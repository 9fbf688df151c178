// Command mcpgo-chi mounts the server on a chi router, beside other routes.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/mark3labs/mcp-go/server"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTools((&notebook{notes: []string{"buy milk", "call Ada"}}).tools()...)

	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok")
	})
	r.Handle("/mcp", server.NewStreamableHTTPServer(s))

	srv := &http.Server{Addr: "localhost:" + port, Handler: r, ReadHeaderTimeout: 5 * time.Second}
	if err := srv.ListenAndServe(); err != nil {
		log.Fatal(err)
	}
}
