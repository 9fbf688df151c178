// Command mcp-migrate turns a Go MCP server that anybody can call into one that
// asks who is calling. See mcp-migrate --help.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the program at once; what was being written then is
	// taken back by the next run.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program without its process: it returns the exit code and
// touches no stream but those given. args are without the program's name, env is
// in the form of os.Environ.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newApp(env, stdin, stdout, stderr).run(ctx, args)
}
