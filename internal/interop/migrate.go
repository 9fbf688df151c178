package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// migrate lays a copy of s in dir and migrates it.
func migrate(ctx context.Context, s servers.Server, dir string, port int, flags []string) error {
	root, err := servers.Root()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
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

// endTokensAfter sets how long access tokens last, in the file that migrate wrote
// for its user to change.
func endTokensAfter(dir string, life time.Duration) error {
	file := filepath.Join(dir, "mcp_auth.go")
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	config := []byte("broker.New(broker.Config{\n")
	if bytes.Count(src, config) != 1 {
		return fmt.Errorf("%s makes no broker, or several", file)
	}
	field := fmt.Appendf(config, "\t\tAccessTTL: %d, // %s\n", life, life)
	return os.WriteFile(file, bytes.Replace(src, config, field, 1), 0o644)
}
