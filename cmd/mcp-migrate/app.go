package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mcp-migrate/mcp-migrate/wizard"
	"github.com/mcp-migrate/mcp-migrate/wizard/tui"
)

// An app is one run of the program: its streams, its environment, the rooms it
// calls and the global flags.
type app struct {
	env    []string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	rooms  rooms
	// newAsker returns who asks the user, nil when nobody can be asked.
	newAsker func(*app) wizard.Asker
	asking   wizard.Asker // what newAsker returned
	asked    bool         // newAsker was called

	now     func() time.Time
	beat    time.Duration          // how often the line of a long step is drawn anew
	watched func(w io.Writer) bool // whether somebody watches what is written to w

	chdir      string
	tags       []string
	color      string
	accessible bool
	quiet      bool
	typed      bool // inspect, lint: load with full types
	verbose    bool
}

func newApp(env []string, stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{env: env, stdin: stdin, stdout: stdout, stderr: stderr, rooms: newRooms(), newAsker: terminalAsker,
		now: time.Now, beat: time.Second, watched: isTerminal}
}

// run parses args, runs the command and returns the exit code.
func (a *app) run(ctx context.Context, args []string) (code int) {
	// A panic would end with Go's exit code 2, which here means that the caller
	// can fix the call.
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(a.stderr, "mcp-migrate: internal error: %v\n%s", p, debug.Stack())
			code = exitTree
		}
	}()
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	// What cobra itself refuses, it refuses before a command starts.
	started := false
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if msg := message(err); msg != "" {
		fmt.Fprintf(a.stderr, "mcp-migrate: %s\n", msg)
	}
	switch {
	case ctx.Err() != nil:
		// Whatever failed, failed because the user stopped it.
		return exitInterrupt
	case !started:
		return exitUsage
	}
	return exitCode(err)
}

func terminalAsker(a *app) wizard.Asker {
	return tui.New(tui.Options{In: a.stdin, Out: a.stderr, Env: a.env, Accessible: a.accessible, NoColor: !a.colorful(a.stderr)})
}

// asker returns who asks the user, nil when nobody can be asked. It is the same
// one for the whole run: it may hold input that arrived early.
func (a *app) asker() wizard.Asker {
	if !a.asked {
		a.asking, a.asked = a.newAsker(a), true
	}
	return a.asking
}

// getenv returns the value of an environment variable, "" if it is not set. Of
// several settings the last one counts, as for a child process.
func (a *app) getenv(name string) string {
	value := ""
	for _, kv := range a.env {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			value = v
		}
	}
	return value
}

// note tells a person something, on stderr; -q leaves it out.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// detail is a note for -v.
func (a *app) detail(format string, args ...any) {
	if a.verbose {
		a.note(format, args...)
	}
}

// progress tells what is going on to somebody who watches; logs get nothing.
func (a *app) progress(format string, args ...any) {
	if a.watched(a.stderr) {
		a.note(format, args...)
	}
}

// result writes to stdout. An answer that could not be delivered is no success.
func (a *app) result(b []byte) error {
	if _, err := a.stdout.Write(b); err != nil {
		return treef("stdout: %w", err)
	}
	return nil
}

// folder returns the absolute path of a folder argument, "" meaning the folder
// the program works in.
func (a *app) folder(arg string) (string, error) {
	dir := arg
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(a.chdir, dir)
	}
	shown := wizard.Printable(dir)
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", treef("%w", err)
	}
	switch info, err := os.Stat(dir); {
	case err != nil:
		return "", usagef("%s: there is no such folder; name one that holds a Go module", shown)
	case !info.IsDir():
		return "", usagef("%s: is a file; name the folder of a Go module", shown)
	}
	return dir, nil
}

func orDot(s string) string {
	if s == "" {
		return "."
	}
	return s
}
