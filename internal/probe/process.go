package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Options say what to start and how.
type Options struct {
	Dir  string        // module root; the program's working directory as well
	Pkg  string        // main package relative to Dir; "" means "."
	Bin  string        // a program that is built already; then Pkg is not looked at
	Args []string      // its arguments
	Env  []string      // "NAME=value", on top of a scrubbed environment: no other variable of ours is passed on but PATH and the like
	Bare bool          // Env is the whole environment, beside a home of its own; nothing of ours is passed on
	Addr string        // host:port where it will listen
	Wait time.Duration // how long Start waits for Addr to answer; 0 means 20 s
}

// A Process is a running program. Its methods are safe for concurrent use.
type Process struct {
	cmd     *exec.Cmd
	out     *tail
	scratch string
	done    chan struct{}
	err     error // of Wait; read after done is closed
	stop    sync.Once
}

// Start builds the program, starts it and returns when it accepts connections
// on o.Addr. It refuses an address where something answers already, because a
// proof made on another program's answers would be none. If the program ends
// first, or does not answer in time, it is ended and the error carries the end
// of its output. The caller must call [Process.Stop].
func Start(ctx context.Context, o Options) (*Process, error) {
	if o.Wait == 0 {
		o.Wait = 20 * time.Second
	}
	if answers(ctx, o.Addr) {
		return nil, fmt.Errorf("start %s: something listens on %s already; choose another port", o.Dir, o.Addr)
	}
	scratch, err := os.MkdirTemp("", "mcp-probe-")
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", o.Dir, err)
	}
	p, err := launch(ctx, o, scratch)
	if err != nil {
		os.RemoveAll(scratch)
		return nil, err
	}
	if err := p.await(ctx, o); err != nil {
		p.Stop()
		return nil, fmt.Errorf("%w\n%s", err, strings.TrimSpace(p.Output()))
	}
	return p, nil
}

// launch builds if need be and starts the program, with scratch as its home.
func launch(ctx context.Context, o Options, scratch string) (*Process, error) {
	bin := o.Bin
	if bin == "" {
		var err error
		if bin, err = Build(ctx, o.Dir, o.Pkg, scratch); err != nil {
			return nil, err
		}
	}
	home := filepath.Join(scratch, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	p := &Process{out: &tail{}, scratch: scratch, done: make(chan struct{})}
	p.cmd = exec.Command(bin, o.Args...)
	p.cmd.Dir, p.cmd.Env = o.Dir, o.environment(home)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.WaitDelay = time.Second // a grandchild may hold the pipes open
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", bin, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// await returns when o.Addr answers.
func (p *Process) await(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		if answers(ctx, o.Addr) {
			return p.alive(o)
		}
		select {
		case <-p.done:
			return p.ended(o)
		case <-ctx.Done():
			return fmt.Errorf("%s did not listen on %s within %s", o.Dir, o.Addr, o.Wait)
		case <-tick.C:
		}
	}
}

// alive makes sure that it is our program that answers.
func (p *Process) alive(o Options) error {
	select {
	case <-p.done:
		return p.ended(o)
	default:
		return nil
	}
}

func (p *Process) ended(o Options) error {
	why := p.err
	if why == nil {
		why = errors.New("exit status 0")
	}
	return fmt.Errorf("%s ended before it listened on %s: %w", o.Dir, o.Addr, why)
}

// Output returns the end of what the program wrote to stdout and stderr, at
// most 64 KiB.
func (p *Process) Output() string { return p.out.String() }

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Stop ends the program and everything it started: it asks, waits up to 3 s,
// then kills. It returns when the program has ended, and may be called again.
func (p *Process) Stop() {
	p.stop.Do(func() {
		askGroup(p.cmd)
		select {
		case <-p.done:
		case <-time.After(3 * time.Second):
		}
		killGroup(p.cmd) // also what outlived the program itself
		<-p.done
		os.RemoveAll(p.scratch)
	})
}
