package rewrite

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// readManifest returns the manifest of the copy in dir, and whether there is one of ours:
// one that names files outside the copy is none, for what it names may be removed.
func readManifest(dir string) (manifest, bool) {
	src, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return manifest{}, false
	}
	return parseManifest(src)
}

func parseManifest(src []byte) (manifest, bool) {
	var m manifest
	ok := json.Unmarshal(src, &m) == nil && m.Tool == "mcp-migrate"
	for name := range m.Files {
		ok = ok && filepath.IsLocal(filepath.FromSlash(name)) && path.Clean(name) == name
	}
	if !ok {
		return manifest{}, false
	}
	return m, true
}

// packages returns the packages that the copy has, as [copySpec] has them, in order.
func (m manifest) packages() []string {
	var out []string
	for name := range m.Files {
		if strings.HasSuffix(name, ".go") {
			out = append(out, packageOf(name))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// bundled returns those of the packages that this version of the tool has as well.
func (m manifest) bundled(bundle fs.FS) []string {
	return slices.DeleteFunc(m.packages(), func(sub string) bool {
		_, err := fs.Stat(bundle, path.Join("authlib", sub))
		return err != nil
	})
}

// packageOf returns the package of a file of a copy, "" for the core.
func packageOf(name string) string { return strings.TrimSuffix("/"+path.Dir(name), "/.") }
