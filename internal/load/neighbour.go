package load

import (
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
)

// A Neighbour is a module that packages of the program import, and that was not read
// itself.
type Neighbour struct {
	Path     string
	Dir      string   // where go.mod or go.work replaces it by a folder: absolute; otherwise ""
	Requires []string // paths of the modules that it requires directly
}

// AddNeighbour adds a module that the program imports from, once; goMod is its go.mod
// file. A go.mod that can't be read says nothing.
func (p *Program) AddNeighbour(path, goMod string) {
	if path == "" || slices.ContainsFunc(p.Neighbours, func(n Neighbour) bool { return n.Path == path }) ||
		slices.ContainsFunc(p.Modules, func(m *Module) bool { return m.Path == path }) {
		return
	}
	src, err := os.ReadFile(goMod)
	if err != nil {
		return
	}
	f, err := modfile.ParseLax(goMod, src, nil)
	if err != nil {
		return
	}
	n := Neighbour{Path: path, Dir: p.replacedBy(path)}
	for _, r := range f.Require {
		if !r.Indirect {
			n.Requires = append(n.Requires, r.Mod.Path)
		}
	}
	p.Neighbours = append(p.Neighbours, n)
}

// replacedBy is the folder that a replace line puts in place of a module; "" if none does.
func (p *Program) replacedBy(path string) string {
	find := func(dir string, list []*modfile.Replace) string {
		for _, r := range list {
			if r.Old.Path == path && r.New.Version == "" {
				if to := filepath.FromSlash(r.New.Path); filepath.IsAbs(to) {
					return to
				}
				return filepath.Join(dir, filepath.FromSlash(r.New.Path))
			}
		}
		return ""
	}
	if p.Workspace != nil {
		if dir := find(p.Workspace.Dir(), p.Workspace.Work.Replace); dir != "" {
			return dir
		}
	}
	for _, m := range p.Modules {
		if dir := find(m.Dir, m.Mod.Replace); dir != "" {
			return dir
		}
	}
	return ""
}
