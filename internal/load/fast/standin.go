package fast

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// standIns finds, for each SDK whose version is not in the module cache, the nearest
// one that is: names and signatures change little from one to the next, and what the
// program uses and the other version lacks is noticed where it is used.
func (l *loader) standIns() {
	for _, sdk := range l.sdks {
		wanted := l.prog.Requires[sdk]
		if wanted == "" || l.mods.vendor != "" || l.mods.local[sdk] != "" || l.mods.moved[sdk] != "" || isDir(l.mods.root(sdk)) {
			continue
		}
		if used := nearest(l.mods.versions(sdk), wanted); used != "" {
			l.mods.stand[sdk] = used
			l.prog.StandIns = append(l.prog.StandIns, load.StandIn{Module: sdk, Wanted: wanted, Used: used})
		}
	}
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// versions lists the versions of a module that are in the module cache.
func (m *modules) versions(mod string) []string {
	escaped, err := module.EscapePath(mod)
	if err != nil || m.cache == "" {
		return nil
	}
	dir, base := filepath.Split(filepath.Join(m.cache, filepath.FromSlash(escaped)))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		escaped, ok := strings.CutPrefix(e.Name(), base+"@")
		if v, err := module.UnescapeVersion(escaped); ok && err == nil && semver.IsValid(v) && e.IsDir() {
			list = append(list, v)
		}
	}
	return list
}

// nearest returns the lowest version above the one wanted, or the highest below it;
// "" where there is none.
func nearest(versions []string, wanted string) string {
	slices.SortFunc(versions, semver.Compare)
	for _, v := range versions {
		if semver.Compare(v, wanted) > 0 {
			return v
		}
	}
	if len(versions) == 0 {
		return ""
	}
	return versions[len(versions)-1]
}
