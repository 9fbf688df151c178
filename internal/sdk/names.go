package sdk

import (
	"go/types"
	"path"
	"strconv"

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
			return path.Base(importPath), true
		}
		if spec.Name.Name != "_" && spec.Name.Name != "." {
			return spec.Name.Name, true
		}
	}
	return "", false
}

func httpName(f *load.File) string {
	if name, ok := LocalName(f, "net/http"); ok {
		return name
	}
	return "http"
}

func isPointer(t types.Type) bool {
	if t == nil {
		return true
	}
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok
}
