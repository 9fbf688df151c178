// Command gen writes sdk.zip: the API of every package that a program may import, of
// every release of the newest minor versions of the SDKs for which a wiring is known,
// as export data. It asks the module proxy; run it when an SDK has a release:
//
//	go generate ./internal/load/fast/sdkapi
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
	"golang.org/x/tools/go/packages"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/apizip"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/sdkapi"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

const minors = 4 // of each SDK, the newest

func main() {
	if err := write(context.Background(), "sdk.zip"); err != nil {
		log.Fatal(err)
	}
}

func write(ctx context.Context, name string) error {
	z, wired := apizip.NewWriter(), all.Wirers()
	for _, spec := range all.Specs() {
		if wired[spec.Name] == nil {
			continue
		}
		list, err := newest(ctx, spec.Module)
		if err != nil {
			return err
		}
		for _, version := range list {
			fmt.Println(spec.Module, version)
			if err := add(ctx, z, spec.Module, version); err != nil {
				return err
			}
		}
	}
	out, err := z.Bytes()
	if err != nil {
		return err
	}
	return os.WriteFile(name, out, 0o644)
}

// newest returns the releases of the newest minor versions of a module.
func newest(ctx context.Context, module string) ([]string, error) {
	out, err := gocmd.Run(ctx, "", nil, "list", "-m", "-json", "-versions", module)
	if err != nil {
		return nil, err
	}
	var m struct{ Versions []string }
	if err := json.Unmarshal(out, &m); err != nil {
		return nil, err
	}
	var list, seen []string
	for _, v := range slices.Backward(m.Versions) {
		if semver.Prerelease(v) != "" {
			continue
		}
		if minor := semver.MajorMinor(v); !slices.Contains(seen, minor) {
			if seen = append(seen, minor); len(seen) > minors {
				break
			}
		}
		list = append(list, v)
	}
	return list, nil
}

// add loads the packages of a version where the module cache has it.
func add(ctx context.Context, z *apizip.Writer, module, version string) error {
	out, err := gocmd.Run(ctx, "", nil, "mod", "download", "-json", module+"@"+version)
	if err != nil {
		return err
	}
	var m struct{ Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return err
	}
	list, err := packages.Load(&packages.Config{
		Context: ctx, Dir: m.Dir,
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedExportFile,
		Env:  append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=mod"),
	}, module+"/...")
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	for _, p := range list {
		if p.Name == "main" || slices.Contains(strings.Split(p.PkgPath, "/"), "internal") || strings.Contains(p.PkgPath, "/examples") {
			continue
		}
		if len(p.Errors) > 0 {
			return fmt.Errorf("%s: %v", p.PkgPath, p.Errors[0])
		}
		if err := z.Add(sdkapi.Entry(module, version, p.PkgPath), p.Fset, p.Types); err != nil {
			return err
		}
	}
	return nil
}
