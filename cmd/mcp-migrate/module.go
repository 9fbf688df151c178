package main

import (
	"os"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
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
