package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// scripts are the clients, in testdata/interop.
var scripts = []string{"v1.mjs", "v2.mjs", "remote.mjs"}

// A way is how the users of a migrated server sign in.
type way struct {
	name  string
	flags []string // of migrate
	env   []string // of the server
	stop  func()
	check func(ctx context.Context, url string) error // what must hold after all clients have been there
}

// devWay is the local sign-in page.
func devWay(context.Context, string, string) (*way, error) {
	return &way{
		name:  "the local page",
		flags: []string{"--provider", "dev"},
		env:   []string{"MCP_DEV_CODE=" + devCode},
		stop:  func() {},
		check: func(context.Context, string) error { return nil },
	}, nil
}

// meet migrates a server, starts it, and lets every client meet it. The server's
// URL is known before: issuers ask for it.
func meet(ctx context.Context, name, clients string, prepare func(ctx context.Context, clients, url string) (*way, error)) error {
	s, err := servers.Find(name)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "mcp-migrate-interop-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	port, err := probe.FreePort()
	if err != nil {
		return err
	}
	w, err := prepare(ctx, clients, s.URL(port))
	if err != nil {
		return err
	}
	defer w.stop()
	dir := filepath.Join(tmp, s.Name)
	if err := migrate(ctx, s, dir, port, w.flags); err != nil {
		return err
	}
	args, env := s.Run(port)
	env = append(append(env, w.env...), "MCP_RESOURCE_URL="+s.URL(port))
	proc, err := probe.Start(ctx, probe.Options{Dir: dir, Args: args, Env: env, Addr: s.Addr(port)})
	if err != nil {
		return err
	}
	defer proc.Stop()
	for _, script := range scripts {
		if err := call(ctx, clients, script, s.Name+", sign-in at "+w.name, s.URL(port), s.ReadOnly); err != nil {
			return fmt.Errorf("%s: %w\noutput of the server:\n%s", script, err, proc.Output())
		}
	}
	return w.check(ctx, s.URL(port))
}

// migrate lays a copy of s in dir and migrates it.
func migrate(ctx context.Context, s servers.Server, dir string, port int, flags []string) error {
	root, err := servers.Root()
	if err != nil {
		return err
	}
	if err := s.CopyTo(dir, root, port); err != nil {
		return err
	}
	return migrateFolder(ctx, dir, flags)
}

// migrateFolder migrates the server in dir with a freshly built tool, and with
// flags that say how users sign in.
func migrateFolder(ctx context.Context, dir string, flags []string) error {
	root, err := servers.Root()
	if err != nil {
		return err
	}
	bin := filepath.Join(filepath.Dir(dir), "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	cli, err := probe.Build(ctx, root, "./cmd/mcp-migrate", bin)
	if err != nil {
		return err
	}
	r, err := probe.Run(ctx, dir, nil, cli, append([]string{"migrate", dir, "--store", "memory", "--yes"}, flags...)...)
	if err != nil {
		return err
	}
	if r.Code != 0 {
		return fmt.Errorf("migrate: exit code %d:\n%s", r.Code, r.Stderr)
	}
	return nil
}

// call runs one client. Its browser is this program.
func call(ctx context.Context, clients, script, what, url, tool string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	r, err := probe.Run(ctx, clients, []string{"ROBOT=" + self}, "node", script, url, tool)
	if err != nil {
		return err
	}
	if r.Code != 0 {
		return fmt.Errorf("exit code %d:\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	fmt.Printf("%s: %s\n%s", what, script, r.Stdout)
	return nil
}
