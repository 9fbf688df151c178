// Package fast loads a Go module or workspace without the go command, without the
// network and without a build cache: it parses the packages that have to do with an
// MCP SDK, resolves their imports by go.mod, the vendor folder and the module cache,
// and type-checks them leniently against the API of the standard library that the
// tool carries. What it can't resolve is faked: its types are invalid, and the
// checker goes on.
//
// The result holds fewer packages than that of package typed, and less is known of
// values that other modules make; what is there means the same. Whatever could hide
// a server is in Program.Unread, never left out in silence.
package fast

import (
	"cmp"
	"context"
	"go/build"
	"go/token"
	"os"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// Options say what to load.
type Options struct {
	Dir  string   // any folder of the module or of the workspace; "" is the current one
	Tags []string // build tags
	SDKs []string // module paths of the SDKs: packages that reach one of them are looked at

	// Marks are texts: packages with a file that holds one of them are looked at, too.
	Marks []string
}

// Load reads the module that holds Options.Dir, or at a workspace root all of the
// workspace. Only files are read.
//
// The error matches [load.ErrNoModule] or [load.ErrNoPackages], or is a
// [*load.ModuleError]. A module in which nothing imports an SDK gives a Program with
// no packages and no error.
func Load(ctx context.Context, o Options) (*load.Program, error) {
	place, err := load.Locate(o.Dir, os.Getenv("GOWORK"))
	if err != nil {
		return nil, err
	}
	p, err := load.ReadModules(place)
	if err != nil {
		return nil, err
	}
	p.Fset, p.Tags = token.NewFileSet(), slices.Clone(o.Tags)
	p.Vendored = p.UsesVendor(os.Getenv("GOFLAGS"))
	p.Requires = selected(p)
	b := build.Default
	b.BuildTags = append(slices.Clone(b.BuildTags), o.Tags...)
	l := &loader{prog: p, build: &b, sdks: o.SDKs, seeker: newSeeker(append([]string{callMethod}, o.Marks...)...), mods: newModules(p), dirs: map[string]*folder{}, byPath: map[string]*folder{}}
	if err := l.walk(ctx); err != nil {
		return nil, err
	}
	if len(l.byPath) == 0 {
		return nil, load.ErrNoPackages
	}
	l.standIns()
	l.slice()
	if err := l.check(ctx); err != nil {
		return nil, err
	}
	l.neighbours()
	if why := p.StaleVendor(); why != "" {
		p.Unread = append(p.Unread, load.Unread{Rel: "vendor/modules.txt", Why: "the vendor folder is not what go.mod says, so that neither is certain: " + why + " (go mod vendor mends it)"})
	}
	load.SortModules(p.Modules)
	slices.SortFunc(p.Packages, func(a, b *load.Package) int { return cmp.Compare(a.Path, b.Path) })
	return p, nil
}

// A loader is the state of one Load.
type loader struct {
	prog   *load.Program
	build  *build.Context
	sdks   []string
	seeker seeker
	mods   *modules
	dirs   map[string]*folder // by absolute path
	byPath map[string]*folder // by import path: the modules' own packages
}

// selected merges the requirements of all modules: the highest of each, as the go
// command selects it where go.mod lists what is needed (go 1.17 and later).
func selected(p *load.Program) map[string]string {
	all := map[string]string{}
	for _, m := range p.Modules {
		for path, v := range m.Requires {
			all[path] = load.Newer(all[path], v)
		}
	}
	return all
}
