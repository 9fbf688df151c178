// Command mcpgo-httpserver gives the transport an http.Server of its own, with
// timeouts and a mux, and lets the transport start it and shut it down.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		slog.Error("run", "error", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context) error {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTools((&notebook{notes: []string{"buy milk", "call Ada"}}).tools()...)

	mux := http.NewServeMux()
	srv := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
	}
	transport := server.NewStreamableHTTPServer(s, server.WithStreamableHTTPServer(srv))
	mux.Handle("/mcp", transport)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "ok")
	})

	go func() {
		<-ctx.Done()
		wait, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = transport.Shutdown(wait)
	}()
	if err := transport.Start("localhost:" + port); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
