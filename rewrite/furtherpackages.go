package rewrite

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A copy of authlib has what the wiring imports, and with --authlib-packages what the
// user's own code wants to import. Whatever a copy has, it keeps: the program may
// import it under other tags, in tests or in another module.

const packagesFlag = "authlib-packages"

// furtherPackages returns the packages that ans names, as [copySpec] has them.
func furtherPackages(ans wizard.Answers) []string {
	var out []string
	for _, p := range ans.AuthlibPackages {
		out = append(out, "/"+p)
	}
	return out
}

// AddPackages plans what the copies in the module lack of the packages that ans
// names, with what those require, and nothing else. A module without a copy is a
// [wizard.FlagError] if ans names any, and so is a copy that this version of the tool
// would not have written. It writes nothing.
func AddPackages(ctx context.Context, res *analyze.Result, ans wizard.Answers, opt Options) (*Plan, error) {
	if err := supported(res.Program); err != nil {
		return nil, err
	}
	b := newBuilder(res, ans, opt)
	if b.imports() {
		b.noteImported()
		return b.plan(), nil
	}
	if len(ans.AuthlibPackages) > 0 && len(b.copies()) == 0 {
		return nil, b.refusePackages("the module holds no copy of authlib that they could be added to",
			"leave it out; where a server imports authlib out of "+toolModule+", every package of it can be imported")
	}
	if err := b.createFiles(ctx); err != nil {
		return nil, err
	}
	if err := b.oneRepository(ctx); err != nil {
		return nil, err
	}
	return b.plan(), nil
}

func (b *builder) refusePackages(what, cure string) error {
	return &wizard.FlagError{Flag: packagesFlag, Value: strings.Join(b.ans.AuthlibPackages, ","), What: what, Cure: cure}
}

// refuseChanged refuses to add to a copy that somebody changed.
func (b *builder) refuseChanged(dir string) error {
	return b.refusePackages(dir+" is not as this version of mcp-migrate copies it, so nothing is added to it",
		"run mcp-migrate upgrade if another version copied it, or take the changes there back; a package that was put there by hand has to go first")
}

// noteImported tells whom --authlib import leaves nothing to copy.
func (b *builder) noteImported() {
	if len(b.ans.AuthlibPackages) > 0 {
		b.steps = append(b.steps, Step{Kind: StepNote, File: "go.mod", Reason: "--" + packagesFlag + " has no effect: with --authlib import every package can be imported from " +
			bundlePath + "; go mod tidy then adds what it requires"})
	}
}

// copies returns the folders of the copies of authlib, by module.
func (b *builder) copies() map[*load.Module][]string {
	out := map[*load.Module][]string{}
	for _, pkg := range b.prog.Packages {
		if pkg.Module == nil || !pkg.Module.LookedAt {
			continue
		}
		rel, err := filepath.Rel(pkg.Module.Dir, pkg.Dir)
		if err == nil && ourCopy(pkg.Module.Dir, rel) {
			out[pkg.Module] = append(out[pkg.Module], filepath.ToSlash(rel))
		}
	}
	return out
}

// extendCopies adds to the copies in modules that get no wiring.
func (b *builder) extendCopies(ctx context.Context) error {
	copies, wired := b.copies(), b.wiredModules()
	for _, m := range b.prog.Modules {
		if len(copies[m]) == 0 || slices.Contains(wired, m) {
			continue
		}
		part, known := b.part(m)
		if err := part.extendIn(ctx, copies[m]); err != nil {
			return err
		}
		if len(part.files) > 0 {
			b.take(part, m, known)
			continue
		}
		for _, s := range part.steps[known:] {
			b.steps = append(b.steps, rebaseStep(s, m.Dir, b.prog.Dir))
		}
	}
	return nil
}

// extendIn adds to the copy in one module, and to what the module requires.
func (b *builder) extendIn(ctx context.Context, dirs []string) error {
	if len(b.ans.AuthlibPackages) > 0 && len(dirs) > 1 {
		return b.refusePackages("there are several copies of authlib: "+strings.Join(dirs, ", "), "keep one: let the wiring import it, and delete the other")
	}
	b.copyDir = dirs[0]
	foreign, err := b.extendCopy(dirs[0])
	if err != nil || len(b.files) == 0 {
		return err
	}
	if err := b.require(ctx, foreign); err != nil || !b.prog.Vendored {
		return err
	}
	return b.vendor(ctx, foreign)
}

// extendCopy plans the copy in dir with what it lacks, and returns the foreign
// packages that it imports only then.
func (b *builder) extendCopy(dir string) ([]string, error) {
	at := filepath.Join(b.prog.Dir, filepath.FromSlash(dir))
	m, _ := readManifest(at)
	b.noteKeptPackages(dir, m.packages(), m)
	have := m.packages()
	if !slices.ContainsFunc(furtherPackages(b.ans), func(p string) bool { return !slices.Contains(have, p) }) {
		return nil, nil
	}
	if files, ok := renderLike(m, b.opt); !ok || m.Import != path.Join(b.prog.Module, dir) || !sameOnDisk(at, files) {
		return nil, b.refuseChanged(dir)
	}
	spec := copySpec{importPath: m.Import, version: b.opt.Version, off: m.Off, packages: have}
	_, before, err := spec.render(b.opt.Authlib)
	if err != nil {
		return nil, err
	}
	spec.packages = append(spec.packages, furtherPackages(b.ans)...)
	files, after, err := spec.render(b.opt.Authlib)
	if err != nil {
		return nil, err
	}
	b.layCopy(dir, m.Import, files)
	return slices.DeleteFunc(after, func(p string) bool { return slices.Contains(before, p) }), nil
}

// keepPackages adds to spec what the copy in dir has already, less what the new answers
// of a further run do without, with the hooks that it has where spec says no version of
// their SDK. It returns the foreign packages that the copy imports.
func (b *builder) keepPackages(spec *copySpec, dir string) (foreign []string, err error) {
	m, ok := readManifest(filepath.Join(b.prog.Dir, filepath.FromSlash(dir)))
	if !ok {
		return nil, nil
	}
	gone := b.dropped(dir, m)
	kept := slices.DeleteFunc(m.packages(), func(p string) bool { return slices.Contains(gone, p) })
	b.noteKeptPackages(dir, kept, m)
	present := copySpec{importPath: m.Import, version: m.Version, off: m.Off, packages: m.bundled(b.opt.Authlib)}
	if _, foreign, err = present.render(b.opt.Authlib); err != nil {
		return nil, err
	}
	spec.packages = append(spec.packages, slices.DeleteFunc(present.packages, func(p string) bool { return slices.Contains(gone, p) })...)
	spec.off = m.Off
	return foreign, nil
}

// noteKeptPackages tells which packages the copy has that these answers would not bring.
func (b *builder) noteKeptPackages(dir string, have []string, m manifest) {
	var kept []string
	brought := b.brought(m)
	for _, p := range nameable() {
		if slices.Contains(have, "/"+p) && !slices.Contains(brought, "/"+p) {
			kept = append(kept, p)
		}
	}
	if len(kept) > 0 && len(b.ans.Provider) > 0 {
		b.steps = append(b.steps, Step{Kind: StepNote, File: dir, Reason: "keeps " + strings.Join(kept, ", ") +
			", which the answers do not name: the program may import it; name it with --" + packagesFlag})
	}
}

// brought returns the packages of a copy that the answers bring, for the adapters
// that m has.
func (b *builder) brought(m manifest) []string {
	spec := copySpec{importPath: m.Import, packages: furtherPackages(b.ans)}
	for _, w := range b.opt.Wirers {
		if slices.Contains(m.packages(), "/"+w.Adapter()) {
			spec.packages = append(spec.packages, authlibPackages(b.ans, w.Adapter())...)
		}
	}
	files, _, err := spec.render(b.opt.Authlib)
	if err != nil {
		return nil // the copy itself fails in the same way
	}
	var out []string
	for name := range files {
		out = append(out, packageOf(name))
	}
	return out
}

// nameable returns the packages that --authlib-packages takes.
func nameable() []string {
	for _, f := range wizard.Fields() {
		if f.Flag == packagesFlag {
			return f.Known()
		}
	}
	return nil
}
