package fast

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// slice marks the folders that matter: those from which an SDK, or code that speaks
// the protocol without one, is reached by imports, and what these import of the same modules. Nothing else can hold or
// receive a server: a value of an SDK's type only gets there by an import. Of a
// workspace's module that was not asked for, only what the others import is wanted.
func (l *loader) slice() {
	var todo []*folder
	for f := range l.reaching() {
		if f.module.Whole {
			todo = append(todo, f)
		}
	}
	for len(todo) > 0 {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !f.wanted {
			f.wanted, f.module.LookedAt = true, true
			todo = append(todo, l.needs(f)...)
		}
	}
	l.prog.Skipped = slices.DeleteFunc(l.prog.Skipped, l.apart)
}

// apart reports whether a file of another build lies in a package that nothing imports,
// of a module that was not asked for: no build of this program has it.
func (l *loader) apart(s load.Skipped) bool {
	dir := filepath.Dir(filepath.Join(l.prog.Dir, filepath.FromSlash(s.Rel)))
	m, f := l.prog.ModuleOf(dir), l.dirs[dir]
	return m != nil && !m.Whole && (f == nil || !f.wanted)
}

// reaching returns the folders from which an SDK, or code of its own that speaks the
// protocol, is reached by imports.
func (l *loader) reaching() map[*folder]bool {
	importers := map[string][]*folder{}
	var todo []*folder
	for _, f := range l.dirs {
		for _, p := range f.imports {
			importers[p] = append(importers[p], f)
		}
		if slices.ContainsFunc(f.imports, l.speaks) || slices.ContainsFunc(f.files, speaks) {
			todo = append(todo, f)
		}
	}
	found := map[*folder]bool{}
	for len(todo) > 0 {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !found[f] {
			found[f] = true
			todo = append(todo, importers[f.path]...)
		}
	}
	return found
}

// callMethod is the method of calling a tool: a file that speaks the protocol without an
// SDK has it.
const callMethod = "tools/call"

// speaks reports whether a file may have to do with the protocol by its text; or what
// it imports is not known, since its header does not parse.
func speaks(s *source) bool { return s.speaks || s.fault != nil }

// needs returns the folders of the modules that f imports.
func (l *loader) needs(f *folder) []*folder {
	var list []*folder
	for _, p := range f.imports {
		if d := l.byPath[p]; d != nil && !d.wanted {
			list = append(list, d)
		}
	}
	return list
}

// speaks reports whether an import path belongs to an SDK, or to a module that is
// built on one.
func (l *loader) speaks(path string) bool {
	for _, sdk := range l.sdks {
		if path == sdk || strings.HasPrefix(path, sdk+"/") {
			return true
		}
	}
	return l.byPath[path] == nil && l.mods.adjacent(path, l.sdks)
}
