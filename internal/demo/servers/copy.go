package servers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// constant is how the quick start servers write their address.
const constant = `":8080"`

// CopyTo copies the folder of s from the repository at root into dir, which
// must not exist or be empty. Where the port is a constant it becomes port. A
// vendor folder is made there by the go command.
func (s Server) CopyTo(dir, root string, port int) error {
	from := filepath.Join(root, "testdata", "servers", s.Name)
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		return fmt.Errorf("copy %s aside: %w", s.Name, err)
	}
	if s.Vendored {
		if _, err := gocmd.Run(context.Background(), dir, []string{"GOWORK=off", "GOFLAGS="}, "mod", "vendor"); err != nil {
			return fmt.Errorf("vendor what %s needs: %w", s.Name, err)
		}
	}
	if s.Listen != ByConstant {
		return nil
	}
	main := filepath.Join(dir, "main.go")
	src, err := os.ReadFile(main)
	if err != nil {
		return err
	}
	if bytes.Count(src, []byte(constant)) != 1 {
		return fmt.Errorf("%s: the constant %s must occur once", main, constant)
	}
	src = bytes.Replace(src, []byte(constant), fmt.Appendf(nil, `":%d"`, port), 1)
	return os.WriteFile(main, src, 0o644)
}

// Root returns the folder of the repository that holds the working directory:
// the nearest one above it with testdata/servers.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "testdata", "servers")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no folder above this one holds testdata/servers: run this inside the repository of mcp-migrate")
		}
		dir = up
	}
}
