package fast

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast/sdkapi"
)

// standIns finds, for each SDK whose version is neither in the module cache nor among
// those that the tool carries, the nearest one that is: names and signatures change little from one to the next, and what the
// program uses and the other version lacks is noticed where it is used.
func (l *loader) standIns() {
	for _, sdk := range l.sdks {
		wanted := l.prog.Requires[sdk]
		if wanted == "" || l.mods.vendor != "" || l.mods.local[sdk] != "" || l.mods.moved[sdk] != "" || l.mods.held(sdk) != "" || isDir(l.mods.root(sdk)) {
			continue
		}
		if used := nearest(append(l.mods.versions(sdk), sdkapi.Versions(sdk)...), wanted); used != "" {
			l.mods.stand[sdk] = used
			l.prog.StandIns = append(l.prog.StandIns, load.StandIn{Module: sdk, Wanted: wanted, Used: used})
		}
	}
}

// held returns the version at which the API of a module is read from what the tool
// carries; "" where it is read from source, because it lacks that version, or because
// the program has the module from elsewhere.
func (m *modules) held(mod string) string {
	version := cmp.Or(m.stand[mod], m.prog.Requires[mod])
	if m.vendor != "" || m.local[mod] != "" || m.moved[mod] != "" || !slices.Contains(sdkapi.Versions(mod), version) {
		return ""
	}
	return version
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
