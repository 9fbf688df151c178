package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// A running server is one of the table's that was migrated and started.
type running struct {
	servers.Server
	url  string // of its MCP endpoint
	proc *probe.Process
	tmp  string
}

func (r *running) stop() {
	r.proc.Stop()
	os.RemoveAll(r.tmp)
}

// migrated migrates the server of that name, with provider and the flags and
// variables that go with it, and starts it.
func migrated(ctx context.Context, name, provider string, more ...func(url string) (flags, env []string)) (*running, error) {
	s, err := servers.Find(name)
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "mcp-migrate-interop-")
	if err != nil {
		return nil, err
	}
	r := &running{Server: s, tmp: tmp}
	if err := r.start(ctx, provider, more); err != nil {
		os.RemoveAll(tmp)
		return nil, err
	}
	return r, nil
}

func (r *running) start(ctx context.Context, provider string, more []func(url string) (flags, env []string)) error {
	port, err := probe.FreePort()
	if err != nil {
		return err
	}
	r.url = r.URL(port)
	flags, env := []string{"--provider", provider}, []string{"MCP_DEV_CODE=" + devCode, "MCP_RESOURCE_URL=" + r.url}
	for _, f := range more {
		fs, es := f(r.url)
		flags, env = append(flags, fs...), append(env, es...)
	}
	root, err := servers.Root()
	if err != nil {
		return err
	}
	dir := filepath.Join(r.tmp, r.Name)
	if err := r.CopyTo(dir, root, port); err != nil {
		return err
	}
	if err := migrateFolder(ctx, dir, flags); err != nil {
		return err
	}
	args, own := r.Run(port)
	r.proc, err = probe.Start(ctx, probe.Options{Dir: dir, Args: args, Env: append(own, env...), Addr: r.Addr(port)})
	return err
}
