package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// onRepositories are the gates that compare with go vet. It downloads the modules of
// the repositories, and vets each one once with an empty build cache, which takes
// minutes.
func (b *bench) onRepositories(ctx context.Context, dirs []string) ([]*gate, error) {
	var list []*gate
	for i, dir := range dirs {
		r := &repository{bench: b, name: filepath.Base(dir), dir: filepath.Join(b.work, fmt.Sprint("repo", i)), cache: filepath.Join(b.work, fmt.Sprint("cache", i))}
		if err := os.CopyFS(r.dir, os.DirFS(dir)); err != nil {
			return nil, err
		}
		more, err := r.gates(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// A repository is a copy of one, with a build cache of its own.
type repository struct {
	*bench
	name, dir, cache string
}

func (r *repository) vet(ctx context.Context) (sample, error) {
	return run(ctx, r.dir, []string{"GOCACHE=" + r.cache, "GOFLAGS=", "GOWORK=off"}, "go", "vet", "./...")
}

func (r *repository) gates(ctx context.Context) ([]*gate, error) {
	if _, err := run(ctx, r.dir, []string{"GOFLAGS=", "GOWORK=off"}, "go", "mod", "download"); err != nil {
		return nil, err
	}
	cold, err := r.vet(ctx)
	if err != nil {
		return nil, err
	}
	edited, err := r.afterEdit(ctx)
	if err != nil {
		return nil, err
	}
	return []*gate{
		{name: r.name + ": against go vet, cold", what: r.lint(r.dir), once: &cold, aim: 0.005, bound: 0.01},
		{name: r.name + ": against go vet, warm", what: r.lint(r.dir), base: r.vet, aim: 0.35, bound: 2},
		{name: r.name + ": against go vet, after an edit", what: r.lint(r.dir), once: &edited, aim: 0.02, bound: 0.2},
		{name: r.name + ": against reading and parsing", what: r.lint(r.dir), base: r.parsing(r.dir), aim: 4, bound: 40},
		{name: r.name + ": MB", what: r.lint(r.dir), aim: 100, bound: 300},
	}, nil
}

// afterEdit is what go vet takes after one function was added to the biggest package,
// with everything else in its cache.
func (r *repository) afterEdit(ctx context.Context) (sample, error) {
	file, err := biggest(r.dir)
	if err != nil {
		return sample{}, err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return sample{}, err
	}
	defer f.Close()
	if _, err := f.WriteString("\nfunc addedToMeasure() int { return 1 }\n"); err != nil {
		return sample{}, err
	}
	return r.vet(ctx)
}

// biggest returns a file of the folder with the most Go source, of those that are no
// tests and that every build reads.
func biggest(dir string) (string, error) {
	size, in := map[string]int64{}, map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.Contains(d.Name(), "_") || strings.Contains(name, "testdata") || strings.Contains(name, "vendor") {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		at := filepath.Dir(name)
		size[at] += info.Size()
		in[at] = name
		return nil
	})
	best := ""
	for at, n := range size {
		if n > size[best] {
			best = at
		}
	}
	if err == nil && best == "" {
		err = fmt.Errorf("%s holds no Go source", dir)
	}
	return in[best], err
}
