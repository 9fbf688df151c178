// Command gen writes std.zip: the API of every package of the standard library that
// a program may import, as export data, one entry per package. Run it with the
// newest Go release:
//
//	go generate ./internal/load/fast/stdapi
package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
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
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range list {
		if !importable(p.PkgPath) {
			continue
		}
		if err := add(z, p); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, out.Bytes(), 0o644)
}

// importable reports whether programs outside of the standard library may import it.
func importable(path string) bool {
	return !slices.Contains(strings.Split(path, "/"), "internal") && !strings.HasPrefix(path, "vendor/") && path != "unsafe"
}

func add(z *zip.Writer, p *packages.Package) error {
	if len(p.Errors) > 0 {
		return fmt.Errorf("%s: %v", p.PkgPath, p.Errors[0])
	}
	// No time in the header, so that the same API is the same bytes.
	w, err := z.CreateHeader(&zip.FileHeader{Name: p.PkgPath, Method: zip.Deflate})
	if err != nil {
		return err
	}
	return gcexportdata.Write(w, p.Fset, p.Types)
}
