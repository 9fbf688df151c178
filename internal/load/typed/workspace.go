package typed

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// gowork is the variable GOWORK as the go command will see it.
func gowork(env []string) string {
	value := os.Getenv("GOWORK")
	for _, kv := range env {
		if v, ok := strings.CutPrefix(kv, "GOWORK="); ok {
			value = v
		}
	}
	return value
}

// standAside puts go.work and go.work.sum into a scratch folder and returns the
// environment in which the go command uses those: it completes go.work.sum as it
// goes along, and reading must not change a file. A vendored workspace is read
// where it is, since the vendor folder lies beside its go.work; with one, the go
// command writes nothing.
func standAside(p *load.Program, scratch string) ([]string, error) {
	if p.Workspace == nil || p.Vendored {
		return nil, nil
	}
	name, err := p.Workspace.WriteStanding(scratch)
	return []string{"GOWORK=" + name}, err
}

// patterns returns what to load: everything of the module in p.Dir and, of the
// workspace's other modules, what it imports; or everything of every module.
func patterns(ctx context.Context, p *load.Program, env []string) ([]string, error) {
	if p.Workspace == nil {
		return []string{"./..."}, nil
	}
	var list []string
	for _, m := range p.Modules {
		if m.LookedAt {
			list = append(list, filepath.Join(m.Dir, "..."))
		}
	}
	if len(list) == len(p.Modules) {
		return list, nil
	}
	imported, err := importedFrom(ctx, p, env)
	return append(list, imported...), err
}

// importedFrom returns the packages of other modules of the workspace that those
// in p.Dir import, directly or not, and marks their modules as looked at.
func importedFrom(ctx context.Context, p *load.Program, env []string) ([]string, error) {
	args := []string{"list", "-e", "-deps", "-f", "{{with .Module}}{{if .Main}}{{.Path}} {{$.ImportPath}}{{end}}{{end}}"}
	if len(p.Tags) > 0 {
		args = append(args, "-tags="+strings.Join(p.Tags, ","))
	}
	out, err := gocmd.Run(ctx, p.Dir, env, append(args, "./...")...)
	if err != nil {
		return nil, err
	}
	var list []string
	for line := range strings.Lines(string(out)) {
		mod, pkg, ok := strings.Cut(strings.TrimSpace(line), " ")
		i := slices.IndexFunc(p.Modules, func(m *load.Module) bool { return m.Path == mod })
		if !ok || i < 0 || p.Modules[i].Dir == p.Dir {
			continue
		}
		p.Modules[i].LookedAt = true
		list = append(list, pkg)
	}
	return list, nil
}
