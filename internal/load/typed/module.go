package typed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// readFlags asks the go command which flags are in effect and which version it has,
// and from that fills Vendored, Requires and Toolchain.
func readFlags(ctx context.Context, p *load.Program, env []string) error {
	out, err := gocmd.Run(ctx, p.Dir, env, "env", "-json", "GOFLAGS", "GOVERSION")
	if err != nil {
		return err
	}
	var vars struct{ GOFLAGS, GOVERSION string }
	if err := json.Unmarshal(out, &vars); err != nil {
		return fmt.Errorf("go env -json: %w", err)
	}
	p.Vendored, p.Toolchain = p.UsesVendor(vars.GOFLAGS), vars.GOVERSION
	p.Requires = map[string]string{}
	if p.Workspace == nil {
		p.Requires = load.Required(p.Mod)
	}
	return nil
}

// addSelected adds the versions that a workspace selects. What the go command
// can't list (offline) is the highest that a go.mod has, as it would be.
func addSelected(ctx context.Context, p *load.Program, env []string) {
	for _, m := range p.Modules {
		for path, v := range m.Requires {
			p.Requires[path] = load.Newer(p.Requires[path], v)
		}
	}
	out, err := gocmd.Run(ctx, p.Dir, env, "list", "-m", "-e", "-json", "all")
	if err != nil {
		return
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct {
			Path, Version string
			Replace       *struct{ Version string }
		}
		if dec.Decode(&m) != nil {
			return // the end, or output that is not what go promises: go.mod's versions stand
		}
		if m.Replace != nil && m.Replace.Version != "" {
			m.Version = m.Replace.Version
		}
		if m.Version != "" {
			p.Requires[m.Path] = m.Version
		}
	}
}
