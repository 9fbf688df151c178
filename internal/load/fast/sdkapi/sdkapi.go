// Package sdkapi holds the API of the newest releases of the SDKs as data, so that
// programs made with them can be type-checked where the module cache has none of
// their source. Of the modules that the SDKs import it holds what their API names.
package sdkapi

import (
	_ "embed"
	"go/token"
	"go/types"
	"strings"
	"sync"

	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/apizip"
)

//go:generate go run ./gen
//go:embed sdk.zip
var data []byte

// archive is opened once; sdk.zip is part of the binary, so that an error is one of
// the build. An entry is named MODULE@VERSION:PACKAGE.
var archive = sync.OnceValues(func() (*apizip.Archive, error) { return apizip.Open(data) })

// Entry names the data of a package of a module at a version.
func Entry(module, version, path string) string { return module + "@" + version + ":" + path }

// versions are those that are held, by module.
var versions = sync.OnceValue(func() map[string][]string {
	seen, all := map[string]bool{}, map[string][]string{}
	list, err := archive()
	if err != nil {
		return nil
	}
	for _, name := range list.Names() {
		at, _, _ := strings.Cut(name, ":")
		if module, version, ok := strings.Cut(at, "@"); ok && !seen[at] {
			seen[at] = true
			all[module] = append(all[module], version)
		}
	}
	return all
})

// Versions returns the versions of a module that are held, in no order. The caller
// must not change it.
func Versions(module string) []string { return versions()[module] }

// Import returns a package of a module at a version that is held; an error where the
// module has no such package. Packages that were imported before are in known, by
// path, and it adds those that it reads. It is not safe for concurrent use with the
// same map, which must hold packages of one version only.
func Import(module, version, path string, fset *token.FileSet, known map[string]*types.Package) (*types.Package, error) {
	list, err := archive()
	if err != nil {
		return nil, err
	}
	return list.Read(Entry(module, version, path), path, fset, known)
}
