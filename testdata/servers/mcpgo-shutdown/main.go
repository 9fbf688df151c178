// Command mcpgo-shutdown starts the transport in the background and shuts it
// down in an orderly way when it is told to stop.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	s := server.NewMCPServer("Notes", "1.0.0")
	s.AddTools((&notebook{notes: []string{"buy milk", "call Ada"}}).tools()...)
	transport := server.NewStreamableHTTPServer(s)

	failed := make(chan error, 1)
	go func() {
		failed <- transport.Start(*addr)
	}()

	select {
	case err := <-failed:
		if !errors.Is(err, http.ErrServerClosed) {
			log.Fatalf("serve: %v", err)
		}
	case <-ctx.Done():
		wait, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := transport.Shutdown(wait); err != nil {
			log.Printf("shut down: %v", err)
		}
	}
}
