package rewrite

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// copiedPackages returns the folder of every planned file that is copied from authlib.
func copiedPackages(p *Plan) map[string]string {
	copied := map[string]string{}
	for _, s := range p.Steps {
		if strings.HasPrefix(s.Reason, copiedReason) {
			copied[s.File] = path.Dir(s.File)
		}
	}
	return copied
}

// copiedReason starts the reason of every step that copies a file of authlib.
const copiedReason = "copied from authlib"

// summarize returns one line for each copied package: folder, files, lines, and
// the first bytes of the SHA-256 over its files.
func summarize(p *Plan, copied map[string]string) []string {
	type count struct {
		files, lines int
		sum          [sha256.Size]byte
	}
	byDir := map[string]count{}
	for _, f := range p.Files {
		dir, ok := copied[f.Rel]
		if !ok {
			continue
		}
		c := byDir[dir]
		c.files++
		c.lines += strings.Count(string(f.New), "\n")
		c.sum = sha256.Sum256(append(c.sum[:], f.New...))
		byDir[dir] = c
	}
	var out []string
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		c := byDir[dir]
		out = append(out, fmt.Sprintf("new  %-40s %2d files  %5d lines  sha256:%x", dir+"/", c.files, c.lines, c.sum[:6]))
	}
	return out
}
