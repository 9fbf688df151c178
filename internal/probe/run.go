package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// A Result is what a program that ran to its end left behind.
type Result struct {
	Stdout []byte
	Stderr []byte
	Code   int // exit code
}

// Run runs bin with args in dir until it ends, with our own environment and env
// on top of it. An exit code other than 0 is no error; that it could not be run,
// or that ctx ended it, is.
func Run(ctx context.Context, dir string, env []string, bin string, args ...string) (*Result, error) {
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir, cmd.Env = dir, append(cmd.Environ(), env...)
	cmd.WaitDelay = 5 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	r := &Result{Stdout: stdout.Bytes(), Stderr: stderr.Bytes(), Code: cmd.ProcessState.ExitCode()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("run %s: %w", filepath.Base(bin), ctx.Err())
	case err != nil && !errors.As(err, &exit):
		return nil, fmt.Errorf("run %s: %w", filepath.Base(bin), err)
	}
	return r, nil
}
