package probe

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// Build compiles the main package pkg ("." for the one in dir) of the module in
// dir into a file in out and returns that file's path. flags are more flags of go
// build. The error of a failed build carries the compiler's own words.
func Build(ctx context.Context, dir, pkg, out string, flags ...string) (string, error) {
	bin := filepath.Join(out, "server")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if pkg == "" {
		pkg = "."
	}
	// The stamp of a version control system is of no use here, and making it
	// fails in folders that only look like a repository.
	args := append([]string{"build", "-buildvcs=false", "-o", bin}, flags...)
	if _, err := gocmd.Run(ctx, dir, nil, append(args, pkg)...); err != nil {
		return "", fmt.Errorf("build %s in %s: %w", pkg, dir, err)
	}
	return bin, nil
}
