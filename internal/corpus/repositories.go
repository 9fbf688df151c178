package main

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// repositories lists the folders in dir that hold a go.mod somewhere, with the
// modules in them: the folders of go.mod files, relative to the repository.
func repositories(dir, only string) ([]*repository, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []*repository
	for _, e := range entries {
		name := strings.Replace(e.Name(), "+", "/", 1)
		if !e.IsDir() || !strings.Contains(name, only) {
			continue
		}
		r := &repository{Name: name, dir: filepath.Join(dir, e.Name())}
		if r.modules, err = modules(r.dir); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	if len(list) == 0 {
		return nil, errors.New(dir + " holds no repository that was asked for")
	}
	slices.SortFunc(list, func(a, b *repository) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

// notLarger leaves out repositories with more lines of Go than most; 0 is no bound.
func notLarger(list []*repository, most int) ([]*repository, error) {
	if most == 0 {
		return list, nil
	}
	var kept []*repository
	for _, r := range list {
		n, err := lines(r.dir)
		if err != nil {
			return nil, err
		}
		if n <= most {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// lines counts those of Go files that are no tests.
func lines(dir string) (int, error) {
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		n += bytes.Count(src, []byte{'\n'})
		return err
	})
	return n, err
}

// modules finds the modules of a repository whose own code may speak MCP, see speaks.
func modules(dir string) ([]string, error) {
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"vendor", "testdata", "node_modules", ".git"}, d.Name()) {
			return filepath.SkipDir
		}
		if d.Name() != "go.mod" || d.IsDir() || !speaks(path) {
			return nil
		}
		rel, err := filepath.Rel(dir, filepath.Dir(path))
		list = append(list, filepath.ToSlash(rel))
		return err
	})
	return list, err
}

// speaks reports whether a module may hold a server: one that requires nothing
// with "mcp" in its name can only have one that is written by hand, and is looked at
// when its own path says so.
func speaks(gomod string) bool {
	src, err := os.ReadFile(gomod)
	if err != nil {
		return false
	}
	f, err := modfile.ParseLax(gomod, src, nil)
	if err != nil || f.Module == nil {
		return true // the tool has to say what is wrong with it
	}
	return named(f.Module.Mod.Path) || slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return named(r.Mod.Path) })
}

// named reports whether a module path looks like that of an SDK, or of what is built
// on one.
func named(path string) bool {
	path = strings.ToLower(path)
	return strings.Contains(path, "mcp") || strings.Contains(path, "modelcontextprotocol") || strings.Contains(path, "foxy-contexts")
}
