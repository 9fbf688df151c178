package typed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// readModule finds go.mod at or above dir and fills what can be known without
// looking at a package.
func readModule(ctx context.Context, dir string, env []string) (*load.Program, error) {
	root, err := moduleRoot(dir)
	if err != nil {
		return nil, err
	}
	p := &load.Program{Dir: root}
	if p.ModSrc, err = os.ReadFile(filepath.Join(root, "go.mod")); err != nil {
		return nil, err
	}
	if p.SumSrc, err = os.ReadFile(filepath.Join(root, "go.sum")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if p.Mod, err = modfile.Parse("go.mod", p.ModSrc, nil); err != nil {
		return nil, &ModuleError{Msg: err.Error()}
	}
	if p.Mod.Module == nil {
		return nil, &ModuleError{Msg: "go.mod: there is no module line"}
	}
	p.Module = p.Mod.Module.Mod.Path
	if p.Mod.Go != nil {
		p.GoVersion = p.Mod.Go.Version
	}
	return p, buildEnv(ctx, p, env)
}

func moduleRoot(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(abs); err != nil {
		return "", err
	}
	for d := abs; ; d = filepath.Dir(d) {
		if info, err := os.Stat(filepath.Join(d, "go.mod")); err == nil && !info.IsDir() {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("%s: %w: there is no go.mod here or above (go mod init makes one)", abs, ErrNoModule)
		}
	}
}

// buildEnv asks the go command which workspace and flags are in effect, and from
// that fills Workspace, Vendored and Requires.
func buildEnv(ctx context.Context, p *load.Program, env []string) error {
	out, err := gocmd.Run(ctx, p.Dir, env, "env", "-json", "GOWORK", "GOFLAGS")
	if err != nil {
		return err
	}
	var vars struct{ GOWORK, GOFLAGS string }
	if err := json.Unmarshal(out, &vars); err != nil {
		return fmt.Errorf("go env -json: %w", err)
	}
	if vars.GOWORK != "off" {
		p.Workspace = vars.GOWORK
	}
	p.Vendored = vendored(p, vars.GOFLAGS)
	p.Requires = required(p.Mod)
	if p.Workspace != "" {
		addSelected(ctx, p, env)
	}
	return nil
}

// vendored reports whether builds use the vendor folder: by flag, or because
// there is one with a modules.txt and the go line is at least 1.14. In a
// workspace the folder of a member is not used.
func vendored(p *load.Program, goflags string) bool {
	switch {
	case strings.Contains(goflags, "-mod=vendor"):
		return true
	case strings.Contains(goflags, "-mod="), p.Workspace != "":
		return false
	}
	_, err := os.Stat(filepath.Join(p.Dir, "vendor", "modules.txt"))
	return err == nil
}

// required reads the build list off go.mod: since go 1.17 it lists every module
// that packages of this one come from, at the version selected.
func required(mod *modfile.File) map[string]string {
	list := make(map[string]string, len(mod.Require))
	for _, r := range mod.Require {
		list[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range mod.Replace {
		v, ok := list[r.Old.Path]
		if ok && r.New.Version != "" && (r.Old.Version == "" || r.Old.Version == v) {
			list[r.Old.Path] = r.New.Version
		}
	}
	return list
}

// addSelected replaces the versions by those a workspace selects. What the go
// command can't list (offline) stays as go.mod has it.
func addSelected(ctx context.Context, p *load.Program, env []string) {
	out, err := gocmd.Run(ctx, p.Dir, env, "list", "-m", "-e", "-json", "all")
	if err != nil {
		return
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct {
			Path, Version string
			Replace       *struct{ Version string }
		}
		if dec.Decode(&m) != nil {
			return // the end, or output that is not what go promises: go.mod's versions stand
		}
		if m.Replace != nil && m.Replace.Version != "" {
			m.Version = m.Replace.Version
		}
		if m.Version != "" {
			p.Requires[m.Path] = m.Version
		}
	}
}
