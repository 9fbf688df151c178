package analyze

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Code that does not compile is read as far as it goes. A type error hides nothing by
// itself: what is handed to something unknown is noticed where that happens. A file
// that does not parse hides what stands behind the fault, and a package of the module
// that is not there hides all that it holds.

// findBroken finds what of the packages that have to do with an SDK was not read.
func (a *analysis) findBroken() {
	near := a.near()
	for _, e := range a.prog.Errors {
		file, line, _ := e.Place()
		pkg := a.packageOf(file)
		if e.Syntax && (pkg == nil || near[pkg]) && !a.said(file) {
			a.incomplete[Incomplete{File: file, Line: line, Why: "the file does not parse: " + e.Msg}] = true
		}
	}
	for pkg := range near {
		for _, f := range pkg.Files {
			a.missingPackages(f)
		}
	}
}

// said reports whether the loader named a file as not read already: one fault of it
// is enough.
func (a *analysis) said(file string) bool {
	return slices.ContainsFunc(a.prog.Unread, func(u load.Unread) bool { return u.Rel == file }) || slices.ContainsFunc(a.prog.Errors, func(e load.Error) bool {
		f, line, _ := e.Place()
		return f == file && a.incomplete[Incomplete{File: f, Line: line, Why: "the file does not parse: " + e.Msg}]
	})
}

func (a *analysis) packageOf(file string) *load.Package {
	i := slices.IndexFunc(a.prog.Packages, func(p *load.Package) bool {
		return slices.ContainsFunc(p.Files, func(f *load.File) bool { return f.Rel == file })
	})
	if i < 0 {
		return nil
	}
	return a.prog.Packages[i]
}

// near returns the packages from which an SDK is reached by imports, and what these
// import of the program: nowhere else can a server be.
func (a *analysis) near() map[*load.Package]bool {
	byPath, importers := map[string]*load.Package{}, map[string][]*load.Package{}
	var todo []*load.Package
	for _, pkg := range a.prog.Packages {
		byPath[pkg.Path] = pkg
		paths := importsOf(pkg)
		for _, path := range paths {
			importers[path] = append(importers[path], pkg)
		}
		if slices.ContainsFunc(paths, a.ofSDK) || slices.ContainsFunc(pkg.Files, unclear) {
			todo = append(todo, pkg)
		}
	}
	above := closure(todo, func(p *load.Package) []*load.Package { return importers[p.Path] })
	todo = nil
	for p := range above {
		todo = append(todo, p)
	}
	return closure(todo, func(p *load.Package) []*load.Package {
		var list []*load.Package
		for _, path := range importsOf(p) {
			if d := byPath[path]; d != nil {
				list = append(list, d)
			}
		}
		return list
	})
}

// unclear reports whether a file may speak the protocol without an SDK, or imports
// what is not known since its header does not parse.
func unclear(f *load.File) bool {
	if bytes.Contains(f.Src, []byte(callMethod)) {
		return true
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", f.Src, parser.ImportsOnly)
	return err != nil
}

// closure returns what is reached from todo.
func closure(todo []*load.Package, next func(*load.Package) []*load.Package) map[*load.Package]bool {
	found := map[*load.Package]bool{}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !found[p] {
			found[p] = true
			todo = append(todo, next(p)...)
		}
	}
	return found
}

func importsOf(pkg *load.Package) []string {
	var list []string
	for _, f := range pkg.Files {
		for _, spec := range f.AST.Imports {
			list = append(list, importPath(spec))
		}
	}
	return list
}

func importPath(spec *ast.ImportSpec) string {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	return path
}

// missingPackages notes imports of packages of the program's own modules that are not
// there, such as code that is generated and not committed, or that have no file of
// this build.
func (a *analysis) missingPackages(f *load.File) {
	for _, spec := range f.AST.Imports {
		if path := importPath(spec); a.ofProgram(path) && !a.loaded(path) {
			at := a.prog.Fset.PositionFor(spec.Pos(), f.Cgo)
			a.incomplete[Incomplete{File: f.Rel, Line: at.Line, Why: "the package " + path + " of this module is not there, or has no Go file of this build, so that nothing is known of what it holds"}] = true
		}
	}
}

func (a *analysis) loaded(path string) bool {
	return slices.ContainsFunc(a.prog.Packages, func(p *load.Package) bool { return p.Path == path })
}

// ofProgram reports whether an import path belongs to a module of the program, and
// not to a required module whose path is longer.
func (a *analysis) ofProgram(path string) bool {
	own, other := 0, 0
	for _, m := range a.prog.Modules {
		if inside(path, m.Path) {
			own = max(own, len(m.Path))
		}
		for p := range m.Requires {
			if inside(path, p) {
				other = max(other, len(p))
			}
		}
	}
	return own > 0 && own >= other
}

func inside(path, module string) bool { return path == module || strings.HasPrefix(path, module+"/") }
