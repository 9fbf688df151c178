package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// migrate lays a copy of s in dir and migrates it.
func migrate(ctx context.Context, s servers.Server, dir string, flags []string) error {
	root, err := servers.Root()
	if err != nil {
		return err
	}
	if err := s.CopyTo(dir, root, 0); err != nil {
		return err
	}
	return migrateFolder(ctx, dir, flags)
}

// toolDir is where tool builds; "" until it does.
var toolDir string

// tool builds mcp-migrate, once for all that is migrated.
var tool = sync.OnceValues(func() (string, error) {
	root, err := servers.Root()
	if err != nil {
		return "", err
	}
	if toolDir, err = os.MkdirTemp("", "mcp-migrate-tool-"); err != nil {
		return "", err
	}
	return probe.Build(context.Background(), root, "./cmd/mcp-migrate", toolDir)
})

// removeTool removes what tool has built, once nobody uses it any more.
func removeTool() {
	if toolDir != "" {
		os.RemoveAll(toolDir)
	}
}

// migrateFolder migrates the server in dir with a freshly built tool, and with
// flags that say how users sign in.
func migrateFolder(ctx context.Context, dir string, flags []string) error {
	cli, err := tool()
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

// lifeVariable says how long access tokens last.
const lifeVariable = "INTEROP_TOKEN_LIFE"

const lifeSource = `package main

import (
	"os"
	"time"
)

func tokenLife() time.Duration {
	life, err := time.ParseDuration(os.Getenv("` + lifeVariable + `"))
	if err != nil {
		panic(err)
	}
	return life
}
`

// endTokensBy makes a variable say how long access tokens last, in the file that
// migrate wrote for its user to change.
func endTokensBy(dir string) error {
	file := filepath.Join(dir, "mcp_auth.go")
	src, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	config := []byte("broker.New(broker.Config{\n")
	if bytes.Count(src, config) != 1 {
		return fmt.Errorf("%s makes no broker, or several", file)
	}
	src = bytes.Replace(src, config, append(config, "\t\tAccessTTL: tokenLife(),\n"...), 1)
	return errors.Join(os.WriteFile(file, src, 0o644), os.WriteFile(filepath.Join(dir, "token_life.go"), []byte(lifeSource), 0o644))
}
