package analyze

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Modules beside the program: imported by it, or below its folders, and not looked at.

// authlibModule is where --authlib import finds authlib. It serves nothing by itself;
// whether it is what it is named after, its guards' trust says.
const authlibModule = "github.com/mcp-migrate/mcp-migrate"

// findBeside finds modules of the user's own that the program imports, that may make
// servers by themselves, and that were not looked at.
func (a *analysis) findBeside() {
	for _, n := range a.prog.Neighbours {
		if n.Dir == "" || !slices.ContainsFunc(n.Requires, a.ofSDK) || a.ofSDK(n.Path) || n.Path == authlibModule {
			continue
		}
		dir := shownDir(a.prog.Dir, n.Dir)
		for _, pkg := range a.prog.Packages {
			if file, line := a.importedAt(pkg, func(path string) bool { return inside(path, n.Path) }); file != "" {
				a.incomplete[Incomplete{File: file, Line: line, Why: fmt.Sprintf(
					"the module %s, which a replace line puts at %s, requires an MCP SDK itself and was not looked at: with a go.work (go work init . %s) both are", n.Path, dir, dir)}] = true
			}
		}
	}
}

// importedAt is the first place where a package imports one of some paths; "" if it
// imports none.
func (a *analysis) importedAt(pkg *load.Package, of func(path string) bool) (file string, line int) {
	for _, f := range pkg.Files {
		for _, spec := range f.AST.Imports {
			if of(importPath(spec)) {
				return f.Rel, a.prog.Fset.PositionFor(spec.Pos(), f.Cgo).Line
			}
		}
	}
	return "", 0
}

func shownDir(from, dir string) string {
	rel, err := filepath.Rel(from, dir)
	if err != nil {
		return dir
	}
	if !strings.HasPrefix(rel, "..") {
		rel = "./" + rel // so that it is seen to be a folder
	}
	return filepath.ToSlash(rel)
}

// besideNotes says which modules that have to do with an SDK were not looked at, and
// hide nothing that belongs to the program.
func (r *Result) besideNotes() []string {
	var list []string
	for _, n := range r.Program.Nested {
		if sdk := r.requiredSDK(slices.Sorted(maps.Keys(n.Requires))); sdk != "" {
			list = append(list, fmt.Sprintf("the module %s in %s requires %s and is a module of its own: it was not looked at; name its folder to look there", n.Path, n.Rel, sdk))
		}
	}
	for _, n := range r.Program.Neighbours {
		if sdk := r.requiredSDK(n.Requires); n.Dir == "" && sdk != "" && r.requiredSDK([]string{n.Path}) == "" {
			list = append(list, fmt.Sprintf("the module %s requires %s itself: of the servers that it may make, those count that it gives back or is given", n.Path, sdk))
		}
	}
	return list
}

// requiredSDK returns the first of the modules that is an SDK; "" if none is.
func (r *Result) requiredSDK(modules []string) string {
	i := slices.IndexFunc(modules, func(m string) bool {
		return slices.ContainsFunc(r.sdks, func(sdk string) bool { return m == sdk || strings.HasPrefix(m, sdk+"/") })
	})
	if i < 0 {
		return ""
	}
	return modules[i]
}
