package rewrite

import (
	"bytes"
	"context"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// git runs git in dir and returns its output; ok is false when git or a
// repository is missing. It runs on after an interrupt: the journal must be found
// at the same place before and after one.
func git(ctx context.Context, dir string, args ...string) (out []byte, ok bool) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	return out, err == nil
}

// repoPrefix returns the path from the repository's root to dir, "" where there
// is no repository or dir is its root.
func repoPrefix(ctx context.Context, dir string) string {
	out, ok := git(ctx, dir, "rev-parse", "--show-prefix")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSpace(string(out)), "/")
}

// DirtyFiles returns the files of the plan that exist and have changes that are
// not committed, relative to Program.Dir. Outside a repository there are none.
func DirtyFiles(ctx context.Context, p *Plan) ([]string, error) {
	byDir := map[string][]string{}
	for _, f := range p.Files {
		if f.Old != nil {
			byDir[path.Dir(f.Rel)] = append(byDir[path.Dir(f.Rel)], path.Base(f.Rel))
		}
	}
	var dirty []string
	for _, dir := range slices.Sorted(maps.Keys(byDir)) {
		for _, name := range dirtyIn(ctx, filepath.Join(p.Program.Dir, filepath.FromSlash(dir)), byDir[dir]) {
			dirty = append(dirty, path.Join(dir, name))
		}
	}
	return dirty, nil
}

// dirtyIn returns those of the files in dir that have changes. It asks in the
// folder itself: the modules of a workspace may be repositories of their own.
func dirtyIn(ctx context.Context, dir string, names []string) []string {
	args := []string{"status", "--porcelain=v1", "-z", "--untracked-files=all", "--"}
	out, ok := git(ctx, dir, append(args, names...)...)
	if !ok {
		return nil
	}
	var dirty []string
	for _, entry := range bytes.Split(out, []byte{0}) {
		if len(entry) > 3 {
			dirty = append(dirty, path.Base(string(entry[3:])))
		}
	}
	return dirty
}

// gitDir returns the absolute git directory of dir's repository.
func gitDir(ctx context.Context, dir string) (string, bool) {
	out, ok := git(ctx, dir, "rev-parse", "--absolute-git-dir")
	return strings.TrimSpace(string(out)), ok
}
