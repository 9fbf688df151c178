// Command demo shows in one go what mcp-migrate does: it copies an open MCP
// server aside, migrates the copy, starts it, is refused as a stranger, signs in
// as a user and calls a tool.
//
//	go run ./internal/demo
//
// It needs no account anywhere, listens on localhost only and leaves nothing
// behind. It exits with 1 when any step does not go as it must.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole command; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("server", "mcpgo-start", "folder of testdata/servers to migrate")
	keep := flags.Bool("keep", false, "leave the migrated copy where it is")
	if flags.Parse(args) != nil {
		return 2
	}
	server, err := servers.Find(*name)
	if err == nil && !server.HTTP() {
		err = fmt.Errorf("%s speaks stdio only: there is no stranger to refuse", server.Name)
	}
	if err == nil && server.Manual != "" {
		err = fmt.Errorf("%s is one that migrate leaves to a person (%s)", server.Name, server.Manual)
	}
	if err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return 2
	}
	d := &demo{out: stdout, server: server}
	defer d.close(*keep)
	if err := d.play(ctx); err != nil {
		fmt.Fprintf(stderr, "\nThis did not go as it must: %v\n", err)
		return 1
	}
	return 0
}
