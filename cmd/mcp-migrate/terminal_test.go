//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// onTerminal runs the program on a terminal, types each key when its text was
// drawn, and returns the outcome. stdout is no terminal, as in a pipe.
func onTerminal(t *testing.T, f *fake, args []string, script [][2]string) outcome {
	t.Helper()
	keys, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 40, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	a := newApp(append(f.env, "TERM=xterm"), tty, &stdout, tty)
	a.rooms = f.rooms()
	done := make(chan int, 1)
	go func() {
		code := a.run(context.Background(), append([]string{"-C", f.dir}, args...))
		tty.Close()
		done <- code
	}()
	var mu sync.Mutex
	var drawn strings.Builder
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 4096)
		for {
			n, err := keys.Read(buf)
			mu.Lock()
			drawn.Write(buf[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	screen := func() string { mu.Lock(); defer mu.Unlock(); return drawn.String() }
	for _, s := range script {
		deadline := time.Now().Add(20 * time.Second)
		for !strings.Contains(screen(), s[0]) {
			if time.Now().After(deadline) {
				t.Fatalf("%q never came:\n%s", s[0], screen())
			}
			time.Sleep(5 * time.Millisecond)
		}
		if _, err := io.WriteString(keys, s[1]); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case code := <-done:
		<-read
		return outcome{code, stdout.String(), screen()}
	case <-time.After(20 * time.Second):
		t.Fatalf("never ended:\n%s", screen())
		return outcome{}
	}
}

func TestTerminalCtrlC(t *testing.T) {
	f := newFake(t)
	got := onTerminal(t, f, nil, [][2]string{{"How do callers sign in?", "\x03"}})
	if got.code != exitInterrupt || got.stdout != "" || slices.Contains(f.calls, "plan") {
		t.Errorf("got %+v, calls %v", got, f.calls)
	}
	f = newFake(t)
	got = onTerminal(t, f, []string{"--provider", "dev", "--store", "file", "--requirement", "required", "--scopes", ""},
		[][2]string{{"Write these changes to 2 files?", "\x03"}})
	if got.code != exitInterrupt || slices.Contains(f.calls, "write") {
		t.Errorf("at the last question: %+v, calls %v", got, f.calls)
	}
}

// TestTerminalLines answers everything in advance, line by line.
func TestTerminalLines(t *testing.T) {
	f := newFake(t)
	got := onTerminal(t, f, []string{"--accessible", "-q"}, [][2]string{{"How do callers sign in?", "dev\n\n\n\nyes\n"}})
	if got.code != 0 || !slices.Contains(f.calls, "write") || got.stdout != "edited main.go\ncreated mcp_auth.go\n" {
		t.Errorf("got %+v, calls %v", got, f.calls)
	}
	if !strings.Contains(got.stderr, "PREVIEW") {
		t.Error("asked to confirm what was not shown")
	}
	if strings.Contains(got.stderr, "\x1b") {
		t.Errorf("escape sequences: %q", got.stderr)
	}
}

func TestTerminalInCIAsksNothing(t *testing.T) {
	f := newFake(t)
	f.env = []string{"CI=true"}
	if got := onTerminal(t, f, nil, nil); got.code != exitUsage || !strings.Contains(got.stderr, "--provider") {
		t.Errorf("got %+v", got)
	}
}

// TestTerminalIsNotAsked runs a command that has nothing to ask in a process of
// its own, whose libraries could query the terminal when they are initialised.
func TestTerminalIsNotAsked(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, ci := range []string{"", "CI=", "CI=true"} {
		cmd := exec.Command(exe)
		cmd.Args = []string{"mcp-migrate", "version"} // see TestMain
		cmd.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "CI=") }), "TERM=xterm-256color")
		if ci != "" {
			cmd.Env = append(cmd.Env, ci)
		}
		keys, err := pty.Start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := io.ReadAll(keys) // ends with EIO, which is how a pty says EOF
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		keys.Close()
		if !strings.HasPrefix(string(out), "mcp-migrate ") || strings.Contains(string(out), "\x1b") {
			t.Errorf("%q: drawn on the terminal: %q", ci, out)
		}
	}
}

// TestEnvironmentIsAsItWas makes sure that nothing of the start is left over for
// child processes.
func TestEnvironmentIsAsItWas(t *testing.T) {
	if os.Getenv("CI") == "quiet" {
		t.Error("CI is still what wizard/tui/internal/quiet made of it")
	}
}
