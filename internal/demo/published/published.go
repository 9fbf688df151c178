// Package published lays this module out as a module proxy on disk, as if a
// version of it had been released: for tests of what happens after that.
package published

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// Path is the module that is laid out.
const Path = "github.com/mcp-migrate/mcp-migrate"

// Lay makes the proxy in dir out of the repository at root, and returns the
// environment in which the go command finds version there, and everything else
// where it was: in the machine's module cache, then at the usual proxies. What it
// fetches goes into a cache below dir, since a version that is no release must
// not stay in the machine's.
func Lay(ctx context.Context, root, dir, version string) (env []string, err error) {
	at := filepath.Join(dir, "proxy", filepath.FromSlash(Path), "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return nil, err
	}
	if err := pack(root, filepath.Join(at, version+".zip"), version); err != nil {
		return nil, fmt.Errorf("pack %s: %w", root, err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC()})
	if err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{version + ".mod": mod, version + ".info": info, "list": []byte(version + "\n")} {
		if err := os.WriteFile(filepath.Join(at, name), content, 0o644); err != nil {
			return nil, err
		}
	}
	return environment(ctx, dir)
}

func pack(root, name, version string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := zip.CreateFromDir(f, module.Version{Path: Path, Version: version}, root); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func environment(ctx context.Context, dir string) ([]string, error) {
	out, err := gocmd.Run(ctx, dir, nil, "env", "-json", "GOPROXY", "GOMODCACHE", "GOFLAGS")
	if err != nil {
		return nil, err
	}
	var own struct{ GOPROXY, GOMODCACHE, GOFLAGS string }
	if err := json.Unmarshal(out, &own); err != nil {
		return nil, err
	}
	proxies := []string{fileURL(filepath.Join(dir, "proxy")), fileURL(filepath.Join(own.GOMODCACHE, "cache", "download")), own.GOPROXY}
	return []string{
		"GOPROXY=" + strings.Join(proxies, ","),
		"GOMODCACHE=" + filepath.Join(dir, "mod"),
		"GOFLAGS=" + strings.TrimSpace(own.GOFLAGS+" -modcacherw"), // or tests could not clean up
		"GONOSUMDB=*", // the checksum database has never heard of the version, and the rest was checked before
	}, nil
}

func fileURL(dir string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(dir)}).String()
}
