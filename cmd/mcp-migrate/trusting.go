package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// trustKey is the key of the file that says whom to trust, in a context: it goes through
// the rooms that read a module, which do not look at it.
type trustKey struct{}

// trusting returns a context in which lint.guards are read from a file; from the module's
// own for "".
func trusting(ctx context.Context, file string) context.Context {
	return context.WithValue(ctx, trustKey{}, file)
}

// addGuards reads what the settings of the program name as checks: those in its folder,
// and in a workspace those of each module that is looked at as a whole, since an entry of
// another one may be about what is not seen. A file that was named takes
// the place of them all, and has to be there.
func addGuards(ctx context.Context, prog *load.Program, o *analyze.Options) error {
	if named, _ := ctx.Value(trustKey{}).(string); named != "" {
		o.NoComments = true
		return addGuardsOf(named, true, prog.Dir, o)
	}
	dirs := []string{prog.Dir}
	for _, m := range prog.Modules {
		if m.Whole && !slices.Contains(dirs, m.Dir) {
			dirs = append(dirs, m.Dir)
		}
	}
	for _, dir := range dirs {
		if err := addGuardsOf(filepath.Join(dir, wizard.AnswersFile), false, prog.Dir, o); err != nil {
			return err
		}
	}
	return nil
}

// addGuardsOf adds those of one file, whose name is shown relative to dir where it lies
// in there.
func addGuardsOf(file string, named bool, dir string, o *analyze.Options) error {
	list, err := readGuards(file, named)
	if err != nil {
		return usagef("%w", err)
	}
	shown := filepath.ToSlash(file)
	if rel, err := filepath.Rel(dir, file); err == nil && !strings.HasPrefix(rel, "..") {
		shown = filepath.ToSlash(rel)
	}
	for _, g := range list {
		o.Guards = append(o.Guards, analyze.OwnGuard{Func: g.Func, SHA256: g.SHA256, Reason: g.Reason, File: shown, Line: g.Line, Column: g.Column})
	}
	return nil
}

// readGuards reads lint.guards of a file, which may be missing unless it was named.
func readGuards(file string, named bool) ([]wizard.OwnGuard, error) {
	if named {
		if _, err := os.Stat(file); err != nil {
			return nil, err
		}
	}
	return wizard.ReadGuards(file)
}

// fileNamed is a file that was named, as seen from the folder of -C.
func (a *app) fileNamed(file string) string {
	if file == "" || filepath.IsAbs(file) || a.chdir == "" {
		return file
	}
	return filepath.Join(a.chdir, file)
}
