package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// rootOf returns the folder of the module or workspace that dir, an absolute path,
// belongs to; dir itself when it belongs to none.
func rootOf(dir string) string {
	if place, _ := load.Locate(dir, os.Getenv("GOWORK")); place.Root != "" {
		return place.Root
	}
	return dir
}

// workspaceOf returns the folder of the go.work that dir belongs to; "" if none.
func workspaceOf(dir string) string {
	if place, _ := load.Locate(dir, os.Getenv("GOWORK")); place.Workspace != nil {
		return place.Workspace.Dir()
	}
	return ""
}

// maxBelow is how many modules are listed.
const maxBelow = 20

// pointBelow makes an error about a folder that holds no module, or no code, name the
// modules in the folders below it: those that require an MCP SDK first.
func pointBelow(err error, dir string) error {
	if !errors.Is(err, load.ErrNoModule) && !errors.Is(err, load.ErrNoPackages) {
		return err
	}
	below := load.Below(dir)
	if len(below) == 0 {
		return err
	}
	slices.SortStableFunc(below, func(a, b load.Nested) int {
		return cmp.Or(strings.Compare(requiredSDK(b), requiredSDK(a)), strings.Compare(a.Rel, b.Rel))
	})
	var lines []string
	for _, n := range below {
		line := "  " + wizard.Printable(filepath.Join(dir, filepath.FromSlash(n.Rel)))
		if sdk := requiredSDK(n); sdk != "" {
			line += "  (requires " + sdk + ")"
		}
		lines = append(lines, line)
	}
	if more := len(lines) - maxBelow; more > 0 {
		lines = append(lines[:maxBelow], fmt.Sprintf("  and %d more", more))
	}
	return usagef("%s: there is no module with Go code here or above, but below; name the folder of one, or make a workspace of several with go work init and go work use:\n%s",
		wizard.Printable(dir), strings.Join(lines, "\n"))
}

// requiredSDK is the SDK that a module requires, with its version; "" if it requires none.
func requiredSDK(n load.Nested) string {
	for _, path := range all.Modules() {
		if v := n.Requires[path]; v != "" {
			return path + " " + v
		}
	}
	return ""
}
