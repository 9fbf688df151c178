package load

import (
	"os"
	"path/filepath"
	"strings"
)

// StaleVendor says in what the vendor folder of a module and its go.mod differ; ""
// where they agree, and where builds use no vendor folder. The go command refuses to
// build then: what is in the folder is not what go.mod says (go.dev/ref/mod#vendoring).
func (p *Program) StaleVendor() string {
	if !p.Vendored || p.Workspace != nil || p.Mod == nil {
		return ""
	}
	src, err := os.ReadFile(filepath.Join(p.Dir, "vendor", "modules.txt"))
	if err != nil {
		return "vendor/modules.txt can't be read"
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(src)) {
		if f := strings.Fields(line); len(f) >= 3 && f[0] == "#" {
			listed[f[1]] = f[2]
		}
	}
	for _, r := range p.Mod.Require {
		switch v := listed[r.Mod.Path]; {
		case v == r.Mod.Version:
		case v == "":
			return r.Mod.String() + " is required by go.mod and not in vendor/modules.txt"
		default:
			return r.Mod.Path + " is " + r.Mod.Version + " in go.mod and " + v + " in vendor/modules.txt"
		}
	}
	return ""
}
