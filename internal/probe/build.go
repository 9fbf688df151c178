package probe

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Build compiles the main package pkg ("." for the one in dir) of the module in
// dir into a file below out and returns that file's path. The error of a failed
// build carries the compiler's own words.
func Build(ctx context.Context, dir, pkg, out string) (string, error) {
	bin := filepath.Join(out, "server")
	if runtime.GOOS == "windows" {
		bin += ".exe"
	}
	if pkg == "" {
		pkg = "."
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", bin, pkg)
	cmd.Dir = dir
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build %s in %s: %w\n%s", pkg, dir, err, strings.TrimSpace(said.String()))
	}
	return bin, nil
}
