// Package gocmd runs the go command. It is the only room that does so directly:
// the typed loader reaches the go command through go/packages.
package gocmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// ErrMissing says that there is no go command on PATH.
var ErrMissing = errors.New("the go command is not on PATH: install Go (https://go.dev/dl) or add its bin folder to PATH")

// Output of the go command is kept up to these sizes, in bytes.
const (
	maxStdout = 256 << 20
	maxStderr = 64 << 10
)

// waitDelay is how long a cancelled go command gets to close its pipes.
const waitDelay = 5 * time.Second

// An Error is a go command that ran and failed.
type Error struct {
	Args   []string
	Code   int    // exit code; -1 when it was killed
	Stderr string // what it said, at most 64 KiB
}

// Error names the command and gives the first sentence that go printed, which
// says what is wrong; [Error.Stderr] has the rest.
func (e *Error) Error() string {
	say := firstLine(e.Stderr)
	if say == "" {
		say = fmt.Sprintf("exit code %d", e.Code)
	}
	return fmt.Sprintf("go %s: %s", strings.Join(e.Args, " "), say)
}

// Run runs "go args…" in dir with env added to the environment of this process
// (later entries win) and returns what it printed on standard output, at most
// 256 MiB. It stops the command when ctx ends. The error matches [ErrMissing]
// when there is no go command, is an [*Error] when the command failed, and
// matches ctx's error when it was stopped. Safe for concurrent use.
func Run(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	bin, err := Find()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir, cmd.WaitDelay = dir, waitDelay
	cmd.Env = append(os.Environ(), env...)
	stdout, stderr := &bounded{max: maxStdout}, &bounded{max: maxStderr}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("go %s: %w", strings.Join(args, " "), ctx.Err())
	case err != nil:
		return nil, failed(args, err, stderr)
	case stdout.cut:
		return nil, fmt.Errorf("go %s: printed more than %d MiB", strings.Join(args, " "), maxStdout>>20)
	}
	return stdout.buf.Bytes(), nil
}

// Find returns the absolute path of the go command, or [ErrMissing].
func Find() (string, error) {
	bin, err := exec.LookPath("go")
	if err != nil {
		return "", fmt.Errorf("%w (%v)", ErrMissing, err)
	}
	return bin, nil
}

func failed(args []string, err error, stderr *bounded) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return &Error{Args: args, Code: exit.ExitCode(), Stderr: stderr.buf.String()}
}

// firstLine returns the first line that is not one of go's progress notes.
func firstLine(s string) string {
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "go: downloading") && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return ""
}

// bounded keeps the first max bytes and swallows the rest, so that the command
// is never blocked on a full pipe.
type bounded struct {
	buf bytes.Buffer
	max int
	cut bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := b.max - b.buf.Len()
	if len(p) > room {
		b.cut = true
		b.buf.Write(p[:room])
		return len(p), nil
	}
	return b.buf.Write(p)
}
