// Package stdapi holds the API of the standard library as data, so that code which
// uses it can be type-checked without a Go installation. It is that of the Go
// release that std.zip was made with: what a newer release adds is missing.
package stdapi

import (
	_ "embed"
	"go/token"
	"go/types"
	"sync"

	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/apizip"
)

//go:generate go run ./gen
//go:embed std.zip
var data []byte

// archive is opened once; std.zip is part of the binary, so that an error is one of
// the build.
var archive = sync.OnceValues(func() (*apizip.Archive, error) { return apizip.Open(data) })

// Has reports whether path is a package of the standard library that can be imported.
func Has(path string) bool {
	list, err := archive()
	return path == "unsafe" || err == nil && list.Has(path)
}

// Import returns a package of the standard library. Packages that were imported
// before are in known, by path, and it adds those that it reads. It is not safe for
// concurrent use with the same map.
func Import(path string, fset *token.FileSet, known map[string]*types.Package) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	list, err := archive()
	if err != nil {
		return nil, err
	}
	return list.Read(path, path, fset, known)
}
