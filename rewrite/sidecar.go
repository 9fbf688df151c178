package rewrite

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// A sidecar is the new file that holds all the wiring of one package for one SDK.
// The user owns it.
type sidecar struct {
	pkg         *load.Package
	wirer       sdk.Wirer
	adapter     string     // folder of the SDK's adapter below authlib
	rel         string     // file name, relative to the module root
	guards      []*guarded // none when the file only checks
	helper      string     // what the constructors share, where there are several
	checker     string     // function that installs the second check without a guard at hand
	eachChecker string     // the same for a function that returns servers

	disk  *load.File // where an earlier run wrote it; nil when it is new
	was   *sidecar   // as it is on disk
	users []string   // files that call it already
}

// sidecarFor returns the sidecar of pkg, a new one if there is none yet.
func (b *builder) sidecarFor(pkg *load.Package, wirer sdk.Wirer) *sidecar {
	for _, s := range b.sidecars {
		if s.pkg == pkg && s.adapter == wirer.Adapter() {
			return s
		}
	}
	return &sidecar{pkg: pkg, wirer: wirer, adapter: wirer.Adapter(), rel: b.freshFile(pkg, wirer.Adapter())}
}

// keep records a sidecar that is really used, and the resource, if any, that it
// guards.
func (b *builder) keep(s *sidecar, g *guarded) {
	if !slices.Contains(b.sidecars, s) {
		b.sidecars = append(b.sidecars, s)
	}
	if g == nil || slices.Contains(s.guards, g) {
		return
	}
	s.guards = append(s.guards, g)
	if len(s.guards) == 2 {
		s.helper = b.freshName(s.pkg, "newMCPGuard")
	}
}

// freshFile returns mcp_auth.go in pkg's folder, or another name if that is taken.
func (b *builder) freshFile(pkg *load.Package, adapter string) string {
	dir, _ := filepath.Rel(b.prog.Dir, pkg.Dir)
	for _, name := range []string{"mcp_auth.go", "mcp_auth_" + adapter + ".go", "mcp_auth_guard.go", "mcp_auth_wiring.go"} {
		rel := filepath.ToSlash(filepath.Join(dir, name))
		if !b.exists(rel) {
			return rel
		}
	}
	return filepath.ToSlash(filepath.Join(dir, "mcp_auth_generated_name.go"))
}

// exists reports whether rel is on disk or already planned.
func (b *builder) exists(rel string) bool {
	for _, s := range b.sidecars {
		if s.rel == rel {
			return true
		}
	}
	return fileExists(filepath.Join(b.prog.Dir, filepath.FromSlash(rel)))
}

// localResource returns the URL under which the transport is reached on this
// machine, or "" when its port or path is not a constant.
func localResource(t *analyze.Transport, r *analyze.Route) string {
	i := strings.LastIndexByte(r.Addr, ':')
	if i < 0 {
		return ""
	}
	port := r.Addr[i+1:]
	if n, err := strconv.Atoi(port); err != nil || n == 0 {
		return ""
	}
	path := ""
	switch r.Kind {
	case analyze.RouteStart:
		path = t.Path
	case analyze.RouteMount:
		if !strings.HasPrefix(r.Pattern, "/") {
			return ""
		}
		path = strings.TrimSuffix(strings.TrimSuffix(r.Pattern, "{$}"), "/")
	case analyze.RouteOther: // where a group has a path of its own, the whole is not known
		if r.Mounting == nil || !strings.HasPrefix(r.Mounting.Path, "/") || strings.ContainsAny(r.Mounting.Path, ":*{") {
			return ""
		}
		path = strings.TrimSuffix(r.Mounting.Path, "/")
	}
	return "http://localhost:" + port + path
}
