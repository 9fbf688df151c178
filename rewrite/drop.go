package rewrite

import (
	"context"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// What the wiring needed for the answers on record, and does not for those of this
// run, goes: packages of the copy and requirements in go.mod. Only what no Go file of
// the module imports goes, under whatever tags and in tests as well.

// dropped returns the packages of the copy in dir that the new answers do without.
func (b *builder) dropped(dir string, m manifest) []string {
	if !b.rerun() || b.held || b.prog.Vendored || !b.reanswered() {
		return nil
	}
	if files, ok := renderLike(m, b.opt); !ok || !sameOnDisk(filepath.Join(b.prog.Dir, filepath.FromSlash(dir)), files) {
		return nil // somebody changed it
	}
	needed, used := b.brought(m), b.imported(dir)
	return slices.DeleteFunc(b.before().brought(m), func(sub string) bool {
		return slices.Contains(needed, sub) || used[m.Import+sub] || !slices.Contains(m.packages(), sub)
	})
}

// imported returns what the Go files of the module outside of dir import, those of
// modules below it included, as they will be.
func (b *builder) imported(dir string) map[string]bool {
	planned := map[string][]byte{}
	for _, f := range b.files {
		planned[f.Rel] = f.New
	}
	paths := map[string]bool{}
	_ = filepath.WalkDir(b.prog.Dir, func(name string, d fs.DirEntry, err error) error {
		rel := rebase(".", name, b.prog.Dir)
		if err != nil || d.IsDir() {
			if err == nil && (rel == dir || d.Name() == ".git" || d.Name() == "node_modules") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		src := planned[rel]
		if src == nil {
			src, _ = os.ReadFile(name)
		}
		addImports(paths, src)
		return nil
	})
	return paths
}

func addImports(paths map[string]bool, src []byte) {
	f, _ := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if f == nil {
		return
	}
	for _, spec := range f.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths[p] = true
		}
	}
}

// removeCopied plans the files of the copy in dir that files does not hold any more.
func (b *builder) removeCopied(dir string, m manifest, files map[string][]byte) {
	for name := range m.Files {
		rel := path.Join(dir, name)
		if old := b.readOld(rel); files[name] == nil && old != nil && sumOf(old) == m.Files[name] {
			b.change(FileChange{Rel: rel, Old: old}, Step{Kind: StepEdit, File: rel, Reason: copiedReason + " before; the new answers do without it"})
		}
	}
}

// dropRequirements plans the removal of what only the packages that went imported. What
// the program then lacks after all keeps everything as it is.
func (b *builder) dropRequirements(ctx context.Context, gone, needed []string) error {
	mod, err := modfile.Parse("go.mod", b.mod, nil)
	if err != nil {
		return err
	}
	used := b.imported(b.copyDir)
	var maybe []string // what came along
	for _, d := range dependencies {
		if !d.neededBy(gone) || d.neededBy(needed) || d.usedIn(used) {
			continue
		}
		if err := mod.DropRequire(d.module); err != nil {
			return err
		}
		for _, v := range d.versions {
			for _, m := range v.brings {
				maybe = append(maybe, m.Path)
			}
		}
	}
	mod.Cleanup()
	out, err := mod.Format()
	if err != nil || string(out) == string(b.mod) {
		return err
	}
	if more, err := b.withoutBrought(ctx, out, maybe); err == nil {
		out = more
	}
	return b.takeSmaller(ctx, out)
}

func (d dependency) usedIn(paths map[string]bool) bool {
	for p := range paths {
		if d.neededBy([]string{p}) {
			return true
		}
	}
	return false
}

// withoutBrought returns mod without those of the indirect requirements in list that
// no module of its graph asks for.
func (b *builder) withoutBrought(ctx context.Context, src []byte, list []string) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", src, nil)
	if err != nil {
		return nil, err
	}
	var candidates []string
	for _, r := range mod.Require {
		if r.Indirect && slices.Contains(list, r.Mod.Path) {
			candidates = append(candidates, r.Mod.Path)
		}
	}
	for _, p := range candidates {
		if err := mod.DropRequire(p); err != nil {
			return nil, err
		}
	}
	mod.Cleanup()
	bare, err := mod.Format()
	if err != nil || len(candidates) == 0 {
		return bare, err
	}
	graph, err := b.graph(ctx, bare)
	if err != nil {
		return nil, err
	}
	mod, err = modfile.Parse("go.mod", src, nil)
	if err != nil {
		return nil, err
	}
	for _, p := range candidates {
		if !strings.Contains(graph, " "+p+"@") {
			if err := mod.DropRequire(p); err != nil {
				return nil, err
			}
		}
	}
	mod.Cleanup()
	return mod.Format()
}

// graph returns what go mod graph says of a go.mod.
func (b *builder) graph(ctx context.Context, mod []byte) (string, error) {
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	name := filepath.Join(scratch, "go.mod")
	if err := os.WriteFile(name, mod, 0o600); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(scratch, "go.sum"), b.sum, 0o600); err != nil {
		return "", err
	}
	out, err := gocmd.Run(ctx, b.prog.Dir, []string{"GOWORK=off", "GOFLAGS=-mod=mod"}, "mod", "graph", "-modfile="+name)
	return string(out), err
}

// takeSmaller plans a go.mod with fewer requirements, if the go command finds all that
// the program and its tests import with it, and would change nothing in it.
func (b *builder) takeSmaller(ctx context.Context, mod []byte) error {
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	tree := planned{prog: b.prog, files: b.files, modules: []moduleChange{{mod: mod, sum: b.sum}}}
	s, err := tree.stand(scratch)
	if err != nil {
		return err
	}
	if _, err := gocmd.Run(ctx, s.dir, s.env, append(append([]string{"list"}, s.flags...), "-mod=readonly", "-deps", "-test", "./...")...); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b.steps = append(b.steps, Step{Kind: StepNote, File: "go.mod",
			Reason: "requirements that the new answers do without were kept, since whether the program builds without them could not be told: run go mod tidy"})
		return nil
	}
	b.mod = mod
	for i := range b.files {
		if b.files[i].Rel == "go.mod" {
			b.files[i].New = mod
			return nil
		}
	}
	b.change(FileChange{Rel: "go.mod", Old: b.prog.ModSrc, New: mod},
		Step{Kind: StepRequire, File: "go.mod", Reason: "what only the library's packages that went asked for"})
	return nil
}
