// Command mcpgo-packages registers its tools in a package of their own.
package main

import (
	"flag"
	"log/slog"
	"os"

	"example.com/notes/internal/tools"

	"github.com/mark3labs/mcp-go/server"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))

	s := server.NewMCPServer("Notes", "2.0.0", server.WithToolCapabilities(true))
	tools.Register(s)

	h := server.NewStreamableHTTPServer(s)
	logger.Info("listening", "addr", *addr)
	if err := h.Start(*addr); err != nil {
		logger.Error("serve", "error", err)
		os.Exit(1)
	}
}
