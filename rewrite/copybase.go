package rewrite

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// The manifest of a copy has the hash of each file as it was copied. The text is looked
// for where it may be, first without a network: in the commits of the repository that
// the copy is in, and then in the version of this module that copied it. Whatever is
// found counts only if it has that hash.

// bases finds the files of one copy as they were copied.
type bases struct {
	b        *builder
	dir      string // of the copy, relative to the module
	manifest manifest

	asked    bool
	rendered map[string][]byte // what the version that copied renders
	err      error             // why that is not known
}

// of returns the text of a file as it was copied.
func (s *bases) of(ctx context.Context, name string) ([]byte, error) {
	want := s.manifest.Files[name]
	at := filepath.Join(s.b.prog.Dir, filepath.FromSlash(s.dir), filepath.FromSlash(name))
	if text := committed(ctx, at, want); text != nil {
		return text, nil
	}
	if !s.asked {
		s.asked = true
		s.rendered, s.err = s.released(ctx)
	}
	if s.err != nil {
		return nil, fmt.Errorf("no commit has it, and %w", s.err)
	}
	text := s.rendered[name]
	if text == nil || sumOf(text) != want {
		return nil, fmt.Errorf("no commit has it, and %s %s has another text", toolModule, s.manifest.Version)
	}
	return text, nil
}

// mostCommits bounds how many commits of a file are looked into.
const mostCommits = 200

// committed returns the text of a file in the newest commit that has it with the hash;
// nil if none of the last ones does.
func committed(ctx context.Context, name, want string) []byte {
	dir, base := filepath.Split(name)
	out, ok := git(ctx, dir, "log", "--format=%H", fmt.Sprintf("--max-count=%d", mostCommits), "--", base)
	if !ok {
		return nil
	}
	for commit := range strings.Lines(string(out)) {
		text, ok := git(ctx, dir, "cat-file", "blob", strings.TrimSpace(commit)+":./"+base)
		if ok && sumOf(text) == want {
			return text
		}
	}
	return nil
}

// released renders the copy with the version of this module that made it, which the go
// command fetches and checks as it does for every module.
func (s *bases) released(ctx context.Context) (map[string][]byte, error) {
	version := s.manifest.Version
	if !semver.IsValid(version) {
		return nil, fmt.Errorf("%q is no version that could be fetched", version)
	}
	dir, err := downloaded(ctx, version)
	if err != nil {
		return nil, err
	}
	spec := copySpec{importPath: s.manifest.Import, version: version, off: s.manifest.Off, packages: s.manifest.bundled(os.DirFS(dir))}
	files, _, err := spec.render(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("%s %s can't be read: %w", toolModule, version, err)
	}
	return files, nil
}

// downloaded returns the folder of this module at a version in the module cache.
func downloaded(ctx context.Context, version string) (string, error) {
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	said := func(err error) error {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return fmt.Errorf("%s %s can't be fetched: %s", toolModule, version, line)
	}
	if _, err := gocmd.Run(ctx, scratch, []string{"GOWORK=off"}, "mod", "download", toolModule+"@"+version); err != nil {
		return "", said(err) // in JSON it would not be on stderr
	}
	out, err := gocmd.Run(ctx, scratch, []string{"GOWORK=off"}, "mod", "download", "-json", toolModule+"@"+version)
	if err != nil {
		return "", said(err)
	}
	var got struct{ Dir string }
	if err := json.Unmarshal(out, &got); err != nil || got.Dir == "" {
		return "", said(fmt.Errorf("the go command does not say where it is: %w", cmp.Or(err, fs.ErrNotExist)))
	}
	return got.Dir, nil
}
