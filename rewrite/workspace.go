package rewrite

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// In a workspace each module that gets wiring also gets a copy of authlib, the
// requirements of that, and the files that a person reads: it is built, tagged and
// deployed on its own. They are planned by a builder that sees only that module,
// and taken over with places as the whole plan has them.

// createFiles plans everything that goes beside the edits.
func (b *builder) createFiles(ctx context.Context) error {
	for _, m := range b.wiredModules() {
		part, known := b.part(m)
		if err := newEnough(part.prog); err != nil {
			return fmt.Errorf("%s: %w", m.Rel, err)
		}
		if err := part.createModuleFiles(ctx); err != nil {
			return err
		}
		b.take(part, m, known)
	}
	if err := b.extendCopies(ctx); err != nil || len(b.modules) == 0 {
		return err
	}
	b.noteUnvetted()
	if err := b.raiseWork(); err != nil {
		return err
	}
	return b.writeAnswers()
}

// wiredModules returns the modules that get a wiring file, in the order of their folders.
func (b *builder) wiredModules() []*load.Module {
	var list []*load.Module
	for _, s := range b.sidecars {
		if !slices.Contains(list, s.pkg.Module) {
			list = append(list, s.pkg.Module)
		}
	}
	slices.SortFunc(list, func(x, y *load.Module) int { return cmp.Compare(x.Rel, y.Rel) })
	return list
}

// part returns a builder for the new files of m: its places are relative to m, it
// has the wiring of m alone, and knows so many steps from before.
func (b *builder) part(m *load.Module) (part *builder, known int) {
	prog := *b.prog
	prog.Dir, prog.Module, prog.GoVersion, prog.Mod, prog.ModSrc, prog.SumSrc, prog.Requires =
		m.Dir, m.Path, m.GoVersion, m.Mod, m.ModSrc, m.SumSrc, m.Requires
	p := *b
	p.prog, p.files, p.steps, p.sidecars, p.edits, p.env = &prog, nil, nil, nil, map[string][]fileEdit{}, nil
	if m.Dir != b.prog.Dir {
		p.calledIn = rebase("", b.prog.Dir, m.Dir)
	}
	for _, s := range b.sidecars {
		if s.pkg.Module == m {
			own := *s
			own.rel = rebase(s.rel, b.prog.Dir, m.Dir)
			own.users = nil
			for _, f := range s.users {
				own.users = append(own.users, rebase(f, b.prog.Dir, m.Dir))
			}
			p.sidecars = append(p.sidecars, &own)
		}
	}
	for rel, edits := range b.edits {
		if b.moduleOf(rel) == m {
			p.edits[rebase(rel, b.prog.Dir, m.Dir)] = edits
		}
	}
	for _, s := range b.steps {
		if own := b.moduleOf(s.File); own == m || !slices.Contains(b.wiredModules(), own) {
			p.steps = append(p.steps, rebaseStep(s, b.prog.Dir, m.Dir))
		}
	}
	return &p, len(p.steps)
}

// take takes over what part planned for m.
func (b *builder) take(part *builder, m *load.Module, known int) {
	for _, f := range part.files {
		f.Rel = rebase(f.Rel, m.Dir, b.prog.Dir)
		if !slices.ContainsFunc(b.files, func(have FileChange) bool { return have.Rel == f.Rel }) {
			b.files = append(b.files, f)
		}
	}
	for _, s := range part.steps[known:] {
		if s = rebaseStep(s, m.Dir, b.prog.Dir); !slices.Contains(b.steps, s) {
			b.steps = append(b.steps, s)
		}
	}
	for _, v := range part.env {
		if !slices.ContainsFunc(b.env, func(have EnvVar) bool { return have.Name == v.Name }) {
			b.env = append(b.env, v)
		}
	}
	b.held = b.held || part.held
	for pkg := range part.touched {
		b.touch(pkg)
	}
	b.modules = append(b.modules, moduleChange{Module: m, mod: part.mod, sum: part.sum, copyDir: part.copyDir})
}

// moduleOf returns the module that holds a file of the plan; nil if none does.
func (b *builder) moduleOf(rel string) *load.Module {
	name := filepath.Join(b.prog.Dir, filepath.FromSlash(rel))
	var found *load.Module
	for _, m := range b.prog.Modules {
		if strings.HasPrefix(name, m.Dir+string(filepath.Separator)) && (found == nil || len(m.Dir) > len(found.Dir)) {
			found = m
		}
	}
	return found
}

// raiseWork plans the go line of go.work where a module's is raised above it: the
// go command refuses a workspace that is older than a module of it.
func (b *builder) raiseWork() error {
	w := b.prog.Workspace
	if w == nil {
		return nil
	}
	b.work = w.Src
	line := ""
	if w.Work.Go != nil {
		line = w.Work.Go.Version
	}
	raised := slices.ContainsFunc(b.modules, func(m moduleChange) bool { return m.GoVersion == bareOldest })
	if line != bareOldest || !raised {
		return nil
	}
	work, err := modfile.ParseWork(w.File, w.Src, nil)
	if err != nil {
		return err
	}
	if err := work.AddGoStmt(oldest); err != nil {
		return err
	}
	b.work = modfile.Format(work.Syntax)
	rel := rebase("go.work", w.Dir(), b.prog.Dir)
	b.change(FileChange{Rel: rel, Old: w.Src, New: b.work}, Step{Kind: StepRequire, File: rel,
		Reason: "its go line may not be before that of a module: go " + oldest})
	return nil
}

// ignoreFile returns the .gitignore for sessions and secrets: in a workspace the one beside
// go.work, since a program may be started there as well as in its module, unless
// that is outside of the module's repository.
func (b *builder) ignoreFile() string {
	w := b.prog.Workspace
	if w == nil || !strings.HasPrefix(b.prog.Dir, w.Dir()+string(filepath.Separator)) {
		return ".gitignore"
	}
	for dir := b.prog.Dir; dir != w.Dir(); dir = filepath.Dir(dir) {
		if fileExists(filepath.Join(dir, ".git")) {
			return ".gitignore"
		}
	}
	return rebase(".gitignore", w.Dir(), b.prog.Dir)
}

// oneRepository refuses a plan for files of several repositories: one patch could
// not hold them, and nobody could commit it.
func (b *builder) oneRepository(ctx context.Context) error {
	var own []byte
	for _, f := range b.files {
		if !strings.HasPrefix(f.Rel, "../") {
			continue
		}
		if own == nil {
			own, _ = git(ctx, b.prog.Dir, "rev-parse", "--show-toplevel")
		}
		dir := filepath.Dir(filepath.Join(b.prog.Dir, filepath.FromSlash(f.Rel)))
		for !fileExists(dir) {
			dir = filepath.Dir(dir)
		}
		if other, _ := git(ctx, dir, "rev-parse", "--show-toplevel"); !bytes.Equal(own, other) {
			return fmt.Errorf("%s: the file would have to change too, and is in another repository than %s: "+
				"make the server and serve it in one repository, or migrate with GOWORK=off", f.Rel, b.prog.Dir)
		}
	}
	return nil
}

// sdkVersion returns the version of a server's SDK that code of pkg must build
// with: in a workspace that selects a newer one, still what the module itself
// requires, since it may be built alone.
func sdkVersion(s *analyze.Server, pkg *load.Package) string {
	if pkg.Module == nil {
		return s.Version
	}
	if own := pkg.Module.Requires[s.Spec.Module]; own != "" && semver.Compare(own, s.Version) < 0 {
		return own
	}
	return s.Version
}

// rebase makes a path relative to the folder from one relative to the folder to.
func rebase(rel, from, to string) string {
	if from == to {
		return rel
	}
	out, err := filepath.Rel(to, filepath.Join(from, filepath.FromSlash(rel)))
	if err != nil {
		return rel
	}
	return filepath.ToSlash(out)
}

func rebaseStep(s Step, from, to string) Step {
	place, at := strings.CutPrefix(s.Site, s.File)
	s.File = rebase(s.File, from, to)
	if at {
		s.Site = s.File + place
	}
	return s
}
