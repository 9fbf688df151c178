package typed

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// readModules reads the go.mod of the place's module, or of every module of its
// workspace, and fills what can be known without the go command.
func readModules(place load.Place) (*load.Program, error) {
	p := &load.Program{Dir: place.Root, Workspace: place.Workspace}
	dirs := []string{place.Root}
	if p.Workspace != nil {
		dirs = p.Workspace.Members
	}
	dirs = slices.Compact(slices.Sorted(slices.Values(dirs)))
	for _, dir := range dirs {
		m, err := readModule(p.Dir, dir)
		if err != nil {
			return nil, err
		}
		m.Whole = place.Module == "" || dir == place.Module
		m.LookedAt = m.Whole
		p.Modules = append(p.Modules, m)
		if dir == p.Dir {
			p.Module, p.GoVersion, p.Mod, p.ModSrc, p.SumSrc = m.Path, m.GoVersion, m.Mod, m.ModSrc, m.SumSrc
		}
	}
	return p, nil
}

// sortModules puts those that were looked at first, each half by folder.
func sortModules(list []*load.Module) {
	slices.SortStableFunc(list, func(a, b *load.Module) int {
		if a.LookedAt != b.LookedAt {
			if a.LookedAt {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Rel, b.Rel)
	})
}

func readModule(root, dir string) (*load.Module, error) {
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return nil, err
	}
	m := &load.Module{Dir: dir, Rel: filepath.ToSlash(rel)}
	if m.ModSrc, err = os.ReadFile(filepath.Join(dir, "go.mod")); err != nil {
		return nil, err
	}
	if m.SumSrc, err = os.ReadFile(filepath.Join(dir, "go.sum")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	name := filepath.ToSlash(filepath.Join(rel, "go.mod"))
	if m.Mod, err = modfile.Parse(name, m.ModSrc, nil); err != nil {
		return nil, &ModuleError{Msg: err.Error()}
	}
	if m.Mod.Module == nil {
		return nil, &ModuleError{Msg: name + ": there is no module line"}
	}
	m.Path, m.Requires = m.Mod.Module.Mod.Path, required(m.Mod)
	if m.Mod.Go != nil {
		m.GoVersion = m.Mod.Go.Version
	}
	return m, nil
}

// readFlags asks the go command which flags are in effect and which version it has,
// and from that fills Vendored, Requires and Toolchain.
func readFlags(ctx context.Context, p *load.Program, env []string) error {
	out, err := gocmd.Run(ctx, p.Dir, env, "env", "-json", "GOFLAGS", "GOVERSION")
	if err != nil {
		return err
	}
	var vars struct{ GOFLAGS, GOVERSION string }
	if err := json.Unmarshal(out, &vars); err != nil {
		return fmt.Errorf("go env -json: %w", err)
	}
	p.Vendored, p.Toolchain = vendored(p, vars.GOFLAGS), vars.GOVERSION
	p.Requires = map[string]string{}
	if p.Workspace == nil {
		p.Requires = required(p.Mod)
	}
	return nil
}

// vendored reports whether builds use the vendor folder: by flag, or because
// there is one with a modules.txt and the go line is at least 1.14. In a
// workspace that of a member is not used, but one beside go.work (go work vendor).
func vendored(p *load.Program, goflags string) bool {
	dir := p.Dir
	if p.Workspace != nil {
		dir = p.Workspace.Dir()
	}
	list, err := os.ReadFile(filepath.Join(dir, "vendor", "modules.txt"))
	switch {
	case strings.Contains(goflags, "-mod=vendor"):
		return true
	case strings.Contains(goflags, "-mod="):
		return false
	case p.Workspace != nil:
		return bytes.HasPrefix(list, []byte("## workspace"))
	}
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

// addSelected adds the versions that a workspace selects. What the go command
// can't list (offline) is the highest that a go.mod has, as it would be.
func addSelected(ctx context.Context, p *load.Program, env []string) {
	for _, m := range p.Modules {
		for path, v := range m.Requires {
			p.Requires[path] = newer(p.Requires[path], v)
		}
	}
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
