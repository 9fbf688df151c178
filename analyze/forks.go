package analyze

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// Forks returns specs of modules that have the names of an SDK and are none that is
// known: forks, mirrors and shims. Such a module is told by what the program uses of
// it: at least two names of the SDK, one of which makes a server or a transport, in
// packages that end as the SDK's do. Only SDKs with an adapter are looked for, since
// the names of the others are too common.
func Forks(p *load.Program, specs []*sdk.Spec) []*sdk.Spec {
	a := &analysis{prog: p, specs: specs}
	used := a.foreignNames()
	var list []*sdk.Spec
	for _, s := range specs {
		if s.ByHand != "" || s.ForkOf != "" {
			continue
		}
		for _, prefix := range forkedAt(s, used) {
			list = append(list, s.Fork(prefix, requiredBy(p, prefix)))
		}
	}
	return list
}

// requiredBy returns the required module that holds a path; the path itself where none does.
func requiredBy(p *load.Program, path string) string {
	found := ""
	for m := range p.Requires {
		if inside(path, m) && len(m) > len(found) {
			found = m
		}
	}
	return cmp.Or(found, path)
}

// foreignNames returns what the program uses of packages that are neither its own, nor
// an SDK's, nor of the standard library: import path → names.
func (a *analysis) foreignNames() map[string]map[string]bool {
	used := map[string]map[string]bool{}
	for _, pkg := range a.prog.Packages {
		for _, f := range pkg.Files {
			names := a.foreignImports(pkg, f)
			ast.Inspect(f.AST, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if id, ok := sel.X.(*ast.Ident); ok && names[id.Name] != "" {
					if used[names[id.Name]] == nil {
						used[names[id.Name]] = map[string]bool{}
					}
					used[names[id.Name]][sel.Sel.Name] = true
				}
				return true
			})
		}
	}
	return used
}

// foreignImports returns the imports of a file that may be a fork's, by local name.
func (a *analysis) foreignImports(pkg *load.Package, f *load.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.AST.Imports {
		p := importPath(spec)
		first, _, _ := strings.Cut(p, "/")
		if !strings.Contains(first, ".") || a.ofSDK(p) || a.ofProgram(p) {
			continue
		}
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		} else if imported, ok := pkg.Info.Implicits[spec].(*types.PkgName); ok {
			name = imported.Name()
		}
		names[name] = p
	}
	return names
}

// forkedAt returns the prefixes of import paths at which a spec's names are used.
func forkedAt(s *sdk.Spec, used map[string]map[string]bool) []string {
	names, makes := map[string]map[string]bool{}, map[string]bool{}
	vote := func(pkg, name string, maker bool) {
		tail := strings.TrimPrefix(pkg, s.Module)
		for p, have := range used {
			prefix, ok := strings.CutSuffix(p, tail)
			if !ok || tail == "" || !have[name] {
				continue
			}
			if names[prefix] == nil {
				names[prefix] = map[string]bool{}
			}
			names[prefix][name] = true
			makes[prefix] = makes[prefix] || maker
		}
	}
	for _, sym := range s.Symbols {
		if sym.Recv == "" {
			vote(sym.Pkg, sym.Name, sym.Role == sdk.RoleServer || sym.Role == sdk.RoleTransport || sym.Role == sdk.RoleStdio)
		}
	}
	for _, t := range s.Types {
		vote(t.Pkg, t.Name, false)
	}
	var list []string
	for prefix, have := range names {
		if makes[prefix] && len(have) > 1 {
			list = append(list, prefix)
		}
	}
	slices.Sort(list)
	return list
}

// forkNotes says what was taken for an SDK that it is not.
func (r *Result) forkNotes() []string {
	var list []string
	for _, s := range r.specs {
		if s.ForkOf != "" {
			list = append(list, fmt.Sprintf("%s has the names of %s and looks like a fork of it: it is treated like it; what it does otherwise is not known", s.Name, s.ForkOf))
			continue
		}
		for _, m := range r.Program.Modules {
			for _, rep := range m.Mod.Replace {
				if rep.Old.Path == s.Module && rep.New.Path != s.Module {
					list = append(list, fmt.Sprintf("%s is replaced by %s, and is treated like it; what that does otherwise is not known", s.Module, rep.New.Path))
				}
			}
		}
	}
	return list
}
