package fast

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// modules knows where the packages of other modules lie.
type modules struct {
	prog   *load.Program
	vendor string            // the vendor folder, if builds use one
	cache  string            // the module cache
	local  map[string]string // replaced by a folder: module path → absolute folder
	moved  map[string]string // replaced by another module or version: its path
	near   map[string]bool   // memo of adjacent, by module path
	stand  map[string]string // read at another version than that of the build list: module path → version
}

func newModules(p *load.Program) *modules {
	m := &modules{prog: p, cache: moduleCache(), local: map[string]string{}, moved: map[string]string{}, near: map[string]bool{}, stand: map[string]string{}}
	if p.Vendored {
		m.vendor = filepath.Join(p.Dir, "vendor")
		if p.Workspace != nil {
			m.vendor = filepath.Join(p.Workspace.Dir(), "vendor")
		}
	}
	for _, mod := range p.Modules {
		m.replacements(mod.Dir, mod.Mod.Replace)
	}
	if p.Workspace != nil {
		m.replacements(p.Workspace.Dir(), p.Workspace.Work.Replace)
	}
	return m
}

func (m *modules) replacements(dir string, list []*modfile.Replace) {
	for _, r := range list {
		switch {
		case r.Old.Version != "" && r.Old.Version != m.prog.Requires[r.Old.Path]:
		case r.New.Version != "":
			m.moved[r.Old.Path] = r.New.Path
		case filepath.IsAbs(filepath.FromSlash(r.New.Path)):
			m.local[r.Old.Path] = filepath.FromSlash(r.New.Path)
		default:
			m.local[r.Old.Path] = filepath.Join(dir, filepath.FromSlash(r.New.Path))
		}
	}
}

// moduleCache is the folder of downloaded modules, as "go env GOMODCACHE" has it.
func moduleCache() string {
	if dir := goEnv("GOMODCACHE"); dir != "" {
		return dir
	}
	path := goEnv("GOPATH")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		path = filepath.Join(home, "go")
	}
	return filepath.Join(filepath.SplitList(path)[0], "pkg", "mod")
}

// goEnv reads a setting of the go command: the environment, else what "go env -w" wrote.
func goEnv(name string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	file := os.Getenv("GOENV")
	if file == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return ""
		}
		file = filepath.Join(dir, "go", "env")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			return v
		}
	}
	return ""
}

// of returns the required module that a package belongs to: the longest path that
// it begins with. "" where there is none.
func (m *modules) of(path string) string {
	for p := path; p != "."; p = parent(p) {
		if m.prog.Requires[p] != "" || m.local[p] != "" {
			return p
		}
	}
	return ""
}

func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "."
	}
	return path[:i]
}

// root is the folder of a module; "" where it is not known. The folder need not exist.
func (m *modules) root(mod string) string {
	if dir := m.local[mod]; dir != "" {
		return dir
	}
	path := mod
	if to := m.moved[mod]; to != "" {
		path = to
	}
	return m.cached(path, cmp.Or(m.stand[mod], m.prog.Requires[mod]))
}

// cached is the folder of a version in the module cache.
func (m *modules) cached(path, version string) string {
	p, err := module.EscapePath(path)
	if err != nil || m.cache == "" {
		return ""
	}
	v, err := module.EscapeVersion(version)
	if err != nil {
		return ""
	}
	return filepath.Join(m.cache, filepath.FromSlash(p)+"@"+v)
}

// folder is where a package of another module lies; "" where that is not known.
func (m *modules) folder(path string) string {
	if m.vendor != "" {
		return filepath.Join(m.vendor, filepath.FromSlash(path))
	}
	mod := m.of(path)
	if mod == "" {
		return ""
	}
	root := m.root(mod)
	if root == "" {
		return ""
	}
	return filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(path[len(mod):], "/")))
}

// adjacent reports whether a package is of a module that itself requires one of the
// SDKs: it may make or serve servers for its users.
func (m *modules) adjacent(path string, sdks []string) bool {
	mod := m.of(path)
	if mod == "" {
		return false
	}
	if known, ok := m.near[mod]; ok {
		return known
	}
	m.near[mod] = false
	for _, req := range m.requirements(mod) {
		for _, sdk := range sdks {
			if req == sdk && mod != sdk {
				m.near[mod] = true
			}
		}
	}
	return m.near[mod]
}

// neighbours lists the modules that the packages of the slice import.
func (l *loader) neighbours() {
	for _, f := range l.dirs {
		for _, path := range f.imports {
			mod := l.mods.of(path)
			if !f.wanted || mod == "" {
				continue
			}
			goMod := filepath.Join(l.mods.root(mod), "go.mod")
			if !isFile(goMod) {
				goMod = l.mods.downloaded(mod)
			}
			l.prog.AddNeighbour(mod, goMod)
		}
	}
	slices.SortFunc(l.prog.Neighbours, func(a, b load.Neighbour) int { return cmp.Compare(a.Path, b.Path) })
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// requirements lists what a module's go.mod requires directly; nil where it can't be read.
func (m *modules) requirements(mod string) []string {
	src, err := os.ReadFile(filepath.Join(m.root(mod), "go.mod"))
	if err != nil {
		src, err = os.ReadFile(m.downloaded(mod))
	}
	if err != nil {
		return nil
	}
	f, err := modfile.ParseLax("go.mod", src, nil)
	if err != nil {
		return nil
	}
	var list []string
	for _, r := range f.Require {
		if !r.Indirect {
			list = append(list, r.Mod.Path)
		}
	}
	return list
}

// downloaded is where the module cache keeps a module's go.mod, also of modules
// whose sources nobody needed so far.
func (m *modules) downloaded(mod string) string {
	path := mod
	if to := m.moved[mod]; to != "" {
		path = to
	}
	p, err := module.EscapePath(path)
	if err != nil {
		return ""
	}
	v, err := module.EscapeVersion(m.prog.Requires[mod])
	if err != nil {
		return ""
	}
	return filepath.Join(m.cache, "cache", "download", filepath.FromSlash(p), "@v", v+".mod")
}
