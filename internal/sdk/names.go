package sdk

import (
	"go/types"
	"path"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// LocalName returns the name by which f refers to the imported package, and
// false when f does not import it or only for its effects.
func LocalName(f *load.File, importPath string) (string, bool) {
	for _, spec := range f.AST.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || p != importPath {
			continue
		}
		if spec.Name == nil {
			return packageName(importPath), true
		}
		if spec.Name.Name != "_" && spec.Name.Name != "." {
			return spec.Name.Name, true
		}
	}
	return "", false
}

// packageName is the name that a package has by its path, a major version left out.
func packageName(importPath string) string {
	base := path.Base(importPath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		return path.Base(path.Dir(importPath))
	}
	return base
}

// dotImport reports whether f imports a package's names without a qualifier.
func dotImport(f *load.File, importPath string) bool {
	for _, spec := range f.AST.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil && p == importPath {
			return spec.Name != nil && spec.Name.Name == "."
		}
	}
	return false
}

// httpName returns the name that net/http has at the route's site; false where it
// is not imported or hidden by something else of that name.
func httpName(w Route) (string, bool) {
	name, ok := LocalName(w.Site.File, "net/http")
	if !ok {
		return "", false
	}
	scope := w.Site.Pkg.Types.Scope().Innermost(w.Site.Node.Pos())
	if scope == nil {
		return "", false
	}
	_, obj := scope.LookupParent(name, w.Site.Node.Pos())
	_, ok = obj.(*types.PkgName)
	return name, ok
}

func isPointer(t types.Type) bool {
	if t == nil {
		return true
	}
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok
}
