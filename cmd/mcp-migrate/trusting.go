package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
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

// addGuards reads what the settings of the module in dir name as checks. A file that was
// named has to be there.
func addGuards(ctx context.Context, dir string, o *analyze.Options) error {
	file := filepath.Join(dir, wizard.AnswersFile)
	named, _ := ctx.Value(trustKey{}).(string)
	if named != "" {
		file, o.NoComments = named, true
	}
	list, err := readGuards(file, named != "")
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
