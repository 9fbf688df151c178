package main

import (
	"os"
	"path/filepath"
)

// moduleRoot returns the nearest folder at or above dir, an absolute path, that
// holds a go.mod; ok is false when there is none.
func moduleRoot(dir string) (root string, ok bool) {
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", false
		}
		dir = up
	}
}
