// Command mcpgo-cobra speaks stdio or HTTP, as a flag of its command says.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/mark3labs/mcp-go/server"
	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := newCommand().ExecuteContext(ctx); err != nil {
		os.Exit(1)
	}
}

func newCommand() *cobra.Command {
	var transport, addr string
	cmd := &cobra.Command{
		Use:          "notes",
		Short:        "Serve notes over MCP",
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			s := server.NewMCPServer("Notes", "1.0.0")
			s.AddTools((&notebook{notes: []string{"buy milk", "call Ada"}}).tools()...)

			switch transport {
			case "stdio":
				return server.ServeStdio(s)
			case "http":
				fmt.Fprintln(cmd.ErrOrStderr(), "notes on", addr)
				return server.NewStreamableHTTPServer(s, server.WithEndpointPath("/mcp")).Start(addr)
			}
			return fmt.Errorf("unknown transport %q", transport)
		},
	}
	cmd.Flags().StringVar(&transport, "transport", "stdio", "stdio or http")
	cmd.Flags().StringVar(&addr, "addr", "localhost:8080", "address to listen on")
	return cmd
}
