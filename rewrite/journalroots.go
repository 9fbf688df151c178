package rewrite

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A run has one journal, by the folder that it was called for: a module's, or that
// of go.work. It may write into every module of a workspace.

// journalRoots returns the folders under which a run may be on record that wrote
// to what holds dir: first dir's own root, then the workspace's and its modules'.
// GOWORK may have been set then and not now, or the other way round. It never
// fails: a go.work that can't be read must not keep files from being put back.
func journalRoots(dir string) []string {
	dir = realPath(dir)
	own, _ := load.Locate(dir, os.Getenv("GOWORK"))
	roots := []string{own.Root}
	if own.Root == "" {
		roots = []string{dir}
	}
	for _, gowork := range []string{os.Getenv("GOWORK"), "", "off"} {
		place, _ := load.Locate(dir, gowork)
		more := []string{place.Root}
		if w := place.Workspace; w != nil {
			more = append(more, append([]string{w.Dir()}, w.Members...)...)
		}
		for _, root := range more {
			if root == "" {
				continue
			}
			if root = realPath(root); !slices.Contains(roots, root) {
				roots = append(roots, root)
			}
		}
	}
	return roots
}

// nothingToUndo says where there is something to undo, if not here.
func nothingToUndo(ctx context.Context, others []string) error {
	for _, root := range others {
		path, err := journalPath(ctx, root)
		if err != nil {
			continue
		}
		if j, err := readJournal(path); err == nil && j != nil {
			return fmt.Errorf("%w; the last one was called in %s: mcp-migrate undo %s", ErrNothingToUndo, j.Dir, j.Dir)
		}
	}
	return ErrNothingToUndo
}
