package load

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// A Nested is a module whose folder lies below another one, and that is not part of
// what is read there: "./..." ends at its go.mod.
type Nested struct {
	Path     string
	Rel      string            // its folder, relative to the one it lies below, with forward slashes
	Requires map[string]string // module path → version, as its go.mod lists them
}

// shallow is how many folders deep modules are looked for where there is no module.
const shallow = 4

// Below lists the modules in the folders below dir, which need not be in a module.
// Those in vendor, testdata, node_modules and hidden folders do not count, nor what
// lies deeper than four folders.
func Below(dir string) []Nested { return nested(dir, shallow) }

// addNested fills p.Nested.
func (p *Program) addNested() {
	for _, m := range p.Modules {
		if !m.Whole {
			continue
		}
		for _, n := range nested(m.Dir, -1) {
			dir := filepath.Join(m.Dir, filepath.FromSlash(n.Rel))
			if rel, err := filepath.Rel(p.Dir, dir); err == nil {
				n.Rel = filepath.ToSlash(rel)
			}
			member := slices.ContainsFunc(p.Modules, func(m *Module) bool { return sameDir(m.Dir, dir) })
			if !member && !slices.ContainsFunc(p.Nested, func(o Nested) bool { return o.Rel == n.Rel }) {
				p.Nested = append(p.Nested, n)
			}
		}
	}
}

// nested walks the folders below dir; a negative depth has no end. A folder that
// can't be read, and a go.mod that can't be parsed, are left to who looks there.
func nested(dir string, depth int) []Nested {
	var list []Nested
	root := dir + string(filepath.Separator) // also where dir is a link
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || name == root {
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil || LeaveOut(d.Name()) || depth >= 0 && strings.Count(rel, string(filepath.Separator)) >= depth {
			return filepath.SkipDir
		}
		if isFile(filepath.Join(name, "go.mod")) {
			if m, err := readModule(dir, name); err == nil {
				list = append(list, Nested{Path: m.Path, Rel: m.Rel, Requires: m.Requires})
			}
		}
		return nil
	})
	return list
}

// LeaveOut reports whether "./..." passes over a folder of this name, or one that
// never holds Go code of the project's own.
func LeaveOut(base string) bool {
	return base == "vendor" || base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_'
}
