// Command gen writes std.zip: the API of every package of the standard library that
// a program may import, as export data, one entry per package. Run it with the
// newest Go release:
//
//	go generate ./internal/load/fast/stdapi
package main

import (
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/apizip"
)

func main() {
	if err := write("std.zip"); err != nil {
		log.Fatal(err)
	}
}

func write(name string) error {
	list, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile,
		Env:  append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOWORK=off"),
	}, "std")
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	z := apizip.NewWriter()
	for _, p := range list {
		if !importable(p.PkgPath) {
			continue
		}
		if len(p.Errors) > 0 {
			return fmt.Errorf("%s: %v", p.PkgPath, p.Errors[0])
		}
		if err := z.Add(p.PkgPath, p.Fset, p.Types); err != nil {
			return err
		}
	}
	out, err := z.Bytes()
	if err != nil {
		return err
	}
	return os.WriteFile(name, out, 0o644)
}

// importable reports whether programs outside of the standard library may import it.
func importable(path string) bool {
	return !slices.Contains(strings.Split(path, "/"), "internal") && !strings.HasPrefix(path, "vendor/") && path != "unsafe"
}
