// Command loadgate measures what "mcp-migrate lint" costs, as ratios of CPU time in
// one run, and fails if one is above its bound:
//
//	go run ./internal/loadgate                          on generated modules
//	go run ./internal/loadgate -repos dir,dir           on checked-out repositories, against go vet
//	go run ./internal/loadgate -generate dir -tools 100 only writes a generated module
//
// Every figure is user and system time of a whole process and its children. The two
// sides of a ratio run in turn, and the least of each counts, because other processes
// only ever add; what is above a bound is measured again before that counts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
)

type options struct {
	repos, read, parse, generate string
	shape                        shape
	rounds                       int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := do(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "loadgate:", err)
		}
		os.Exit(1)
	}
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	fs := flag.NewFlagSet("loadgate", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.repos, "repos", "", "measure on these checked-out repositories, `dir,dir`")
	fs.StringVar(&o.read, "read", "", "only read the Go files below `dir`")
	fs.StringVar(&o.parse, "parse", "", "only read and parse the Go files below `dir`")
	fs.StringVar(&o.generate, "generate", "", "only write a module into `dir`")
	fs.IntVar(&o.shape.tools, "tools", 1000, "of a generated module")
	fs.IntVar(&o.shape.packages, "packages", 100, "of a generated module that register tools")
	fs.IntVar(&o.shape.plain, "plain", 0, "packages of a generated module beside them")
	fs.IntVar(&o.rounds, "rounds", 3, "how often each side of a ratio runs")
	return o, fs.Parse(args)
}

func do(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	switch {
	case err != nil:
		return err
	case o.read != "":
		return read(o.read, false)
	case o.parse != "":
		return read(o.parse, true)
	case o.generate != "":
		return generate(o.generate, o.shape)
	}
	work, err := os.MkdirTemp("", "loadgate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	b, err := newBench(ctx, work, o.rounds)
	if err != nil {
		return err
	}
	var list []*gate
	if o.repos != "" {
		list, err = b.onRepositories(ctx, strings.Split(o.repos, ","))
	} else {
		list, err = b.onGenerated()
	}
	if err != nil {
		return err
	}
	return b.judge(ctx, list, stdout)
}

// A bench has the programs that are measured.
type bench struct {
	work, tool, self string
	rounds           int
}

func newBench(ctx context.Context, work string, rounds int) (*bench, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	b := &bench{work: work, tool: filepath.Join(work, "mcp-migrate"), self: self, rounds: rounds}
	out, err := exec.CommandContext(ctx, "go", "build", "-o", b.tool, "github.com/mcp-migrate/mcp-migrate/cmd/mcp-migrate").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return b, nil
}

// lint measures lint on a module, without a build cache, a module proxy or a go command.
func (b *bench) lint(dir string) measured {
	return func(ctx context.Context) (sample, error) {
		return run(ctx, dir, []string{"GOCACHE=" + filepath.Join(b.work, "none"), "GOPROXY=off", "PATH=", "GOFLAGS=", "GOWORK=off"}, b.tool, "lint", "-q")
	}
}

func (b *bench) reading(dir string) measured {
	return func(ctx context.Context) (sample, error) { return run(ctx, dir, nil, b.self, "-read", dir) }
}

func (b *bench) parsing(dir string) measured {
	return func(ctx context.Context) (sample, error) { return run(ctx, dir, nil, b.self, "-parse", dir) }
}
