package load

import (
	"path/filepath"
	"slices"
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
func Below(dir string) []Nested { return nested(dir, walkTree(dir, shallow)) }

// addNested fills p.Nested.
func (p *Program) addNested() {
	for _, m := range p.Modules {
		if !m.Whole {
			continue
		}
		for _, n := range nested(m.Dir, p.treeOf(m.Dir)) {
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

// nested reads the modules that were found below dir. A go.mod that can't be parsed is
// left to who looks there.
func nested(dir string, t *tree) []Nested {
	var list []Nested
	for _, name := range t.mods {
		if m, err := readModule(dir, name); err == nil {
			list = append(list, Nested{Path: m.Path, Rel: m.Rel, Requires: m.Requires})
		}
	}
	return list
}

// LeaveOut reports whether "./..." passes over a folder of this name, or one that
// never holds Go code of the project's own.
func LeaveOut(base string) bool {
	return base == "vendor" || base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_'
}
