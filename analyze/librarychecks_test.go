package analyze_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/load/typed"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

const oauthModule, viantModule = "github.com/giantswarm/mcp-oauth", "github.com/viant/mcp"

// libraries loads the fixture, as if its stand-ins were the libraries themselves in some
// versions, unless they are to count as what they are.
func libraries(t *testing.T, p *load.Program, replaced bool, versions map[string]string) []string {
	t.Helper()
	alone := *p
	if !replaced {
		alone.Modules = nil
		for _, m := range p.Modules {
			module, mod := *m, *m.Mod
			mod.Replace = nil
			module.Mod = &mod
			alone.Modules = append(alone.Modules, &module)
		}
	}
	alone.Requires = versions
	r, err := analyze.Analyze(t.Context(), &alone, all.Specs(), analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range r.Report().Servers {
		for _, tr := range s.Transports {
			list = append(list, fmt.Sprintf("%s:%d %s %s", tr.File, tr.Line, tr.Verdict, tr.GuardKind))
		}
	}
	slices.Sort(list)
	return list
}

// Middleware of a library is what was read of it, in the versions that were read.
func TestLibraryChecks(t *testing.T) {
	dir := fixture.Unpack(t, filepath.Join("testdata", "librarychecks.txtar"), nil)
	skim, err := fast.Load(t.Context(), fast.Options{Dir: dir, SDKs: all.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	full, err := typed.Load(t.Context(), typed.Options{Dir: dir, Env: fixture.Offline})
	if err != nil {
		t.Fatal(err)
	}
	unknown := []string{
		"oauth/main.go:12 unknown none", "oauth/main.go:13 unknown none",
		"viant/main.go:12 unknown none", "viant/main.go:14 unknown none", "viant/main.go:16 unknown none",
	}
	known := slices.Clone(unknown)
	known[0], known[2] = "oauth/main.go:12 unknown verified", "viant/main.go:12 unprotected passthrough"
	for _, c := range []struct {
		oauth, viant string
		replaced     bool
		want         []string
	}{
		{"v1.2.16", "v0.8.2", false, known},
		{"v1.0.0", "v0.12.1-0.20260319022137-f7530cb6c395", false, known},
		{"v1.2.17", "v0.8.1", false, unknown},
		{"v0.2.29", "v0.12.1", false, unknown}, // another package of it had the handler then
		{"v1.2.16", "v0.8.2", true, unknown},   // a replaced module may be anything
	} {
		for name, p := range map[string]*load.Program{"skimmed": skim, "with types": full} {
			got := libraries(t, p, c.replaced, map[string]string{oauthModule: c.oauth, viantModule: c.viant})
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, %s %s, replaced %t:\n%s\nwant\n%s", name, c.oauth, c.viant, c.replaced, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		}
	}
}
