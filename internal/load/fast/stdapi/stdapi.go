// Package stdapi holds the API of the standard library as data, so that code which
// uses it can be type-checked without a Go installation. It is that of the Go
// release that std.zip was made with: what a newer release adds is missing.
package stdapi

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"go/token"
	"go/types"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

//go:generate go run ./gen
//go:embed std.zip
var data []byte

// entries opens the archive once; std.zip is part of the binary, so that an error is
// one of the build.
var entries = sync.OnceValues(func() (map[string]*zip.File, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	list := make(map[string]*zip.File, len(z.File))
	for _, f := range z.File {
		list[f.Name] = f
	}
	return list, nil
})

// Has reports whether path is a package of the standard library that can be imported.
func Has(path string) bool {
	list, err := entries()
	return path == "unsafe" || err == nil && list[path] != nil
}

// Import returns a package of the standard library. Packages that were imported
// before are in known, by path, and it adds those that it reads. It is not safe for
// concurrent use with the same map.
func Import(path string, fset *token.FileSet, known map[string]*types.Package) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := known[path]; p != nil && p.Complete() {
		return p, nil
	}
	list, err := entries()
	if err != nil {
		return nil, err
	}
	f := list[path]
	if f == nil {
		return nil, fmt.Errorf("%s is not in the standard library", path)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return gcexportdata.Read(r, fset, known, path)
}
