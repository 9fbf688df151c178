package rewrite

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
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
// not committed, relative to the module root. Outside a repository there are none.
func DirtyFiles(ctx context.Context, p *Plan) ([]string, error) {
	args := []string{"status", "--porcelain=v1", "-z", "--untracked-files=all", "--"}
	touched := 0
	for _, f := range p.Files {
		if f.Old != nil {
			args = append(args, filepath.FromSlash(f.Rel))
			touched++
		}
	}
	if touched == 0 {
		return nil, nil
	}
	out, ok := git(ctx, p.Program.Dir, args...)
	if !ok {
		return nil, nil
	}
	prefix := repoPrefix(ctx, p.Program.Dir)
	var dirty []string
	for _, entry := range bytes.Split(out, []byte{0}) {
		if len(entry) > 3 {
			dirty = append(dirty, strings.TrimPrefix(strings.TrimPrefix(string(entry[3:]), prefix), "/"))
		}
	}
	return dirty, nil
}

// gitDir returns the absolute git directory of dir's repository.
func gitDir(ctx context.Context, dir string) (string, bool) {
	out, ok := git(ctx, dir, "rev-parse", "--absolute-git-dir")
	return strings.TrimSpace(string(out)), ok
}
