package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// A demo is one run, from the copy to the answer of the tool.
type demo struct {
	out    io.Writer
	server servers.Server

	step int
	root string // the repository
	tmp  string // removed at the end
	dir  string // the copy
	cli  string // the built mcp-migrate
	port int
	code string // what the local sign-in page asks for
	proc *probe.Process
}

// play runs the steps in order; each prints what it shows.
func (d *demo) play(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		d.copyAside, d.before, d.preview, d.migrate, d.start, d.stranger, d.user,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.say("\nDone: strangers are refused, signed-in users are served.")
	return nil
}

func (d *demo) copyAside(ctx context.Context) error {
	d.title("Copy the open server %s aside, and build mcp-migrate", d.server.Name)
	var err error
	if d.root, err = servers.Root(); err != nil {
		return err
	}
	if d.tmp, err = os.MkdirTemp("", "mcp-migrate-demo-"); err != nil {
		return err
	}
	if d.port, err = probe.FreePort(); err != nil {
		return err
	}
	d.dir = filepath.Join(d.tmp, d.server.Name)
	if err := d.server.CopyTo(d.dir, d.root, d.port); err != nil {
		return err
	}
	d.say("   %s", d.dir)
	d.code = rand.Text()
	bin := filepath.Join(d.tmp, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return err
	}
	d.cli, err = probe.Build(ctx, d.root, "./cmd/mcp-migrate", bin)
	return err
}

// before shows that there is something to protect.
func (d *demo) before(ctx context.Context) error {
	d.title("Before: start it, and call %s as a stranger", d.server.ReadOnly)
	if err := d.launch(ctx); err != nil {
		return err
	}
	c := &probe.Client{URL: d.url()}
	if _, err := c.Initialize(ctx); err != nil {
		return err
	}
	a, err := c.CallTool(ctx, d.server.ReadOnly, nil)
	if err != nil {
		return err
	}
	d.proc.Stop()
	if a.Result == nil {
		return fmt.Errorf("status %d: the server is not open to begin with", a.Status)
	}
	d.say("   status %d: %s", a.Status, a.Result)
	return nil
}

// answers are what a person would say in the wizard.
var answers = []string{"--provider", "dev", "--store", "memory", "--yes"}

func (d *demo) preview(ctx context.Context) error {
	d.title("What would change: mcp-migrate migrate %s --dry-run", strings.Join(answers, " "))
	r, err := d.tool(ctx, "--dry-run")
	if err != nil {
		return err
	}
	if r.Code != 0 || len(r.Stdout) == 0 {
		return fmt.Errorf("exit code %d and a diff of %d bytes:\n%s", r.Code, len(r.Stdout), r.Stderr)
	}
	d.diff(string(r.Stdout))
	return nil
}

func (d *demo) migrate(ctx context.Context) error {
	d.title("Do it: mcp-migrate migrate %s", strings.Join(answers, " "))
	r, err := d.tool(ctx)
	if err != nil {
		return err
	}
	if r.Code != 0 {
		return fmt.Errorf("exit code %d:\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	d.written(string(r.Stdout))
	return nil
}

// tool runs mcp-migrate migrate on the copy.
func (d *demo) tool(ctx context.Context, more ...string) (*probe.Result, error) {
	args := append([]string{"migrate", d.dir}, answers...)
	return probe.Run(ctx, d.dir, []string{"NO_COLOR=1"}, d.cli, append(args, more...)...)
}

func (d *demo) start(ctx context.Context) error {
	d.title("Build and start the migrated server")
	err := d.launch(ctx)
	if err == nil {
		d.say("   it listens at %s", d.url())
	}
	return err
}

// launch builds and starts the copy as it is now. The variables mean nothing to
// it before it is migrated.
func (d *demo) launch(ctx context.Context) error {
	args, env := d.server.Run(d.port)
	env = append(env, "MCP_RESOURCE_URL="+d.url(), "MCP_DEV_CODE="+d.code)
	var err error
	d.proc, err = probe.Start(ctx, probe.Options{Dir: d.dir, Pkg: d.server.Pkg, Args: args, Env: env, Addr: d.server.Addr(d.port)})
	return err
}

// stranger shows what somebody without a token gets, and that it is a refusal
// and not just any error.
func (d *demo) stranger(ctx context.Context) error {
	d.title("A stranger calls delete_note")
	c := &probe.Client{URL: d.url()}
	a, err := c.CallTool(ctx, "delete_note", d.server.Delete)
	if err != nil {
		return err
	}
	d.say("   status %d\n   WWW-Authenticate: %s", a.Status, a.Header.Get("WWW-Authenticate"))
	if a.Status != 401 || len(probe.Bearer(a.Header)) != 1 {
		return errors.New("the stranger was not refused with 401 and a Bearer challenge")
	}
	return nil
}

// user signs in and calls a tool with the OAuth client of the official Go SDK.
func (d *demo) user(ctx context.Context) error {
	d.title("A user signs in (OAuth 2.1 with PKCE, a robot fills in the pages) and calls %s", d.server.ReadOnly)
	s, err := signin.Connect(ctx, signin.Options{URL: d.url(), Browser: browser(d.code)})
	if err != nil {
		return fmt.Errorf("%w\noutput of the server:\n%s", err, d.proc.Output())
	}
	defer s.Close()
	if _, err := s.Token(ctx); err != nil {
		return fmt.Errorf("no sign-in took place: %w", err)
	}
	text, err := s.CallTool(ctx, d.server.ReadOnly, nil)
	if err != nil {
		return err
	}
	d.indented(text)
	if !strings.Contains(text, d.server.Want) {
		return fmt.Errorf("the answer lacks %q", d.server.Want)
	}
	return nil
}

func (d *demo) url() string { return d.server.URL(d.port) }

// close stops the server and removes the copy.
func (d *demo) close(keep bool) {
	if d.proc != nil {
		d.proc.Stop()
	}
	switch {
	case d.tmp == "":
	case keep:
		d.say("The migrated copy is in %s", d.dir)
	default:
		os.RemoveAll(d.tmp)
	}
}
