// Command gosdk-server runs its own http.Server, so that it can set timeouts
// and shut down in an orderly way.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := serve(ctx, *addr); err != nil {
		slog.Error("serve", "error", err)
		os.Exit(1)
	}
}

// serve answers until ctx ends.
func serve(ctx context.Context, addr string) error {
	server := mcp.NewServer(&mcp.Implementation{Name: "Notes", Version: "1.0.0"}, nil)
	register(server)
	handler := mcp.NewStreamableHTTPHandler(func(r *http.Request) *mcp.Server {
		return server
	}, &mcp.StreamableHTTPOptions{JSONResponse: true})

	srv := &http.Server{
		Addr:              addr,
		Handler:           handler, // nothing else lives here
		ReadHeaderTimeout: 5 * time.Second,
	}
	go func() {
		<-ctx.Done()
		wait, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = srv.Shutdown(wait)
	}()
	if err := srv.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
