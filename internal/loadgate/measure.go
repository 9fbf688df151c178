package main

import (
	"bytes"
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/mcp-migrate/mcp-migrate/internal/rusage"
)

// A sample is what one process took, its children included.
type sample struct{ cpu, rss float64 } // seconds; MB of the largest process

// run runs a command in dir and measures it. Exit codes that lint and vet have for
// what they find are no failure.
func run(ctx context.Context, dir string, env []string, name string, args ...string) (sample, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); err != nil && code != 1 && code != 3 {
		return sample{}, fmt.Errorf("%s %s in %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), dir, err, out.Bytes())
	}
	return sample{rusage.CPU(cmd.ProcessState), rusage.MaxRSS(cmd.ProcessState)}, nil
}

// read reads the Go files of a module that are no tests, and parses them if it is
// told to: what every look at a module costs at least.
func read(dir string, parse bool) error {
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != dir && (d.Name()[0] == '.' || d.Name()[0] == '_' || d.Name() == "vendor" || d.Name() == "testdata" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	work := make(chan string)
	var all sync.WaitGroup
	fset := token.NewFileSet()
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for name := range work {
				if src, err := os.ReadFile(name); err == nil && parse {
					_, _ = parser.ParseFile(fset, name, src, parser.SkipObjectResolution) // torn files count as well
				}
			}
		})
	}
	for _, name := range names {
		work <- name
	}
	close(work)
	all.Wait()
	return nil
}
