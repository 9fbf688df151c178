package load

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// ErrNoPackages says that the module has no package that builds with the tags,
// GOOS and GOARCH in effect.
var ErrNoPackages = errors.New("the module has no Go package to look at")

// A ModuleError says that go.mod can't be used, or that the go command could not
// list the module: a go.mod that wants "go mod tidy", a module that is not
// downloaded, a version that does not exist.
type ModuleError struct {
	Msg string
}

func (e *ModuleError) Error() string { return e.Msg }

// ReadModules reads the go.mod of the place's module, or of every module of its
// workspace, and fills what can be known without the go command.
func ReadModules(place Place) (*Program, error) {
	p := &Program{Dir: place.Root, Workspace: place.Workspace}
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
	p.addNested()
	return p, nil
}

// SortModules puts those that were looked at first, each half by folder.
func SortModules(list []*Module) {
	slices.SortStableFunc(list, func(a, b *Module) int {
		if a.LookedAt != b.LookedAt {
			if a.LookedAt {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Rel, b.Rel)
	})
}

func readModule(root, dir string) (*Module, error) {
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return nil, err
	}
	m := &Module{Dir: dir, Rel: filepath.ToSlash(rel)}
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
	m.Path, m.Requires = m.Mod.Module.Mod.Path, Required(m.Mod)
	if m.Mod.Go != nil {
		m.GoVersion = m.Mod.Go.Version
	}
	return m, nil
}

// UsesVendor reports whether builds use the vendor folder: by flag, or because
// there is one with a modules.txt and the go line is at least 1.14. In a
// workspace that of a member is not used, but one beside go.work (go work vendor).
func (p *Program) UsesVendor(goflags string) bool {
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

// Required reads the build list off go.mod: since go 1.17 it lists every module
// that packages of this one come from, at the version selected.
func Required(mod *modfile.File) map[string]string {
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

// ModuleOf returns the module of a folder: the innermost one that holds it.
func (p *Program) ModuleOf(dir string) *Module {
	var found *Module
	for _, m := range p.Modules {
		if below(dir, m.Dir) && (found == nil || len(m.Dir) > len(found.Dir)) {
			found = m
		}
	}
	return found
}

// below reports whether name is dir or lies in it.
func below(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// Newer returns the higher of two versions.
func Newer(a, b string) string {
	if semver.Compare(a, b) > 0 {
		return a
	}
	return b
}
