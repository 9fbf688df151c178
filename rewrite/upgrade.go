package rewrite

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// A copy of authlib is brought to this version by a three-way merge of each file: the
// file as it was copied, as it is on disk, and as this version copies it. Where that
// can't be done for one file, nothing is written: a library whose files are of two
// versions is one that nobody has tested.

// upgradeAnswers are the answers of a run that asks nothing: what was copied stays so.
var upgradeAnswers = wizard.Answers{Authlib: "copy"}

// ErrNoCopy says that there is no copy of authlib that could be upgraded.
var ErrNoCopy = errors.New("there is no copy of authlib here")

// A NotUpgradableError says why a copy of authlib can't be brought to this version,
// and what the caller can do about it.
type NotUpgradableError struct {
	Dir  string // folder of the copy, relative to Program.Dir
	What string
	Cure string
}

func (e *NotUpgradableError) Error() string { return e.Dir + ": " + e.What + "; " + e.Cure }

// Upgrade plans what brings the copies of authlib in the modules that res looked at to
// the version of opt: with the packages that they have, the hooks that the SDK in go.mod
// has by now, and every change that somebody made in them. A file for which that is not
// certain is a manual step, and the plan then changes nothing. The error is [ErrNoCopy],
// a [*NotUpgradableError], or the go command's. It may fetch the version that was copied
// through the go command, and writes nothing.
func Upgrade(ctx context.Context, res *analyze.Result, opt Options) (*Plan, error) {
	b := newBuilder(res, upgradeAnswers, opt)
	copies := b.copies()
	if len(copies) == 0 {
		return nil, ErrNoCopy
	}
	if err := supported(res.Program); err != nil {
		return nil, err
	}
	for _, m := range b.prog.Modules {
		if err := b.upgradeModule(ctx, m, copies[m]); err != nil {
			return nil, err
		}
	}
	if b.held {
		b.keepOnlyManual()
		return b.plan(), nil
	}
	if len(b.modules) > 0 {
		b.noteUnvetted()
		if err := b.raiseWork(); err != nil {
			return nil, err
		}
	}
	if err := b.oneRepository(ctx); err != nil {
		return nil, err
	}
	return b.plan(), nil
}

// upgradeModule plans the upgrade of the copy in one module.
func (b *builder) upgradeModule(ctx context.Context, m *load.Module, dirs []string) error {
	if len(dirs) == 0 {
		return nil
	}
	if len(dirs) > 1 {
		return &NotUpgradableError{Dir: m.Rel, What: "there are several copies of authlib: " + strings.Join(dirs, ", "),
			Cure: "keep one: let the wiring import it, and delete the other"}
	}
	part, known := b.part(m)
	if err := newEnough(part.prog); err != nil {
		return fmt.Errorf("%s: %w", m.Rel, err)
	}
	if err := part.upgradeCopy(ctx, m, dirs[0]); err != nil {
		return err
	}
	if len(part.files) > 0 {
		b.take(part, m, known)
		return nil
	}
	b.held = b.held || part.held
	for _, s := range part.steps[known:] {
		b.steps = append(b.steps, rebaseStep(s, m.Dir, b.prog.Dir))
	}
	return nil
}

// upgradeCopy plans the copy in dir, what it requires, and what has to build with it.
func (b *builder) upgradeCopy(ctx context.Context, m *load.Module, dir string) error {
	at := filepath.Join(b.prog.Dir, filepath.FromSlash(dir))
	have, _ := readManifest(at)
	if err := b.upgradable(dir, have); err != nil {
		return err
	}
	spec := copySpec{importPath: have.Import, version: b.opt.Version, off: have.Off, sdkVersion: sdkVersions(b.res, m, b.opt),
		packages: slices.DeleteFunc(have.bundled(b.opt.Authlib), func(sub string) bool { return have.removedFrom(at, sub) })}
	next, foreign, err := spec.render(b.opt.Authlib)
	if err != nil {
		return err
	}
	b.copyDir = dir
	b.bringForward(ctx, dir, have, next)
	if len(b.files) == 0 || b.held {
		return nil
	}
	b.touchUsers(m, have.Import)
	if err := b.require(ctx, foreign); err != nil || !b.prog.Vendored {
		return err
	}
	return b.vendor(ctx, foreign)
}

// upgradable refuses a copy that this version of the tool can't be the next of.
func (b *builder) upgradable(dir string, m manifest) error {
	switch {
	case semver.IsValid(m.Version) && semver.IsValid(b.opt.Version) && semver.Compare(m.Version, b.opt.Version) > 0:
		return &NotUpgradableError{Dir: dir, What: "it was copied by mcp-migrate " + m.Version + ", which is newer than this one (" + b.opt.Version + ")",
			Cure: "use that version, or a later one"}
	case m.Import != path.Join(b.prog.Module, dir):
		return &NotUpgradableError{Dir: dir, What: "it was copied for the import path " + m.Import + ", and is at " + path.Join(b.prog.Module, dir) + " now, so that every file differs",
			Cure: "upgrade it where it was, and move it then; or delete it and run migrate again"}
	}
	return nil
}

// removedFrom reports whether somebody took a package out of the copy at dir: none of
// its files is left.
func (m manifest) removedFrom(dir, sub string) bool {
	return sub != "" && !slices.ContainsFunc(slices.Collect(maps.Keys(m.Files)), func(name string) bool {
		return strings.HasSuffix(name, ".go") && packageOf(name) == sub && fileExists(filepath.Join(dir, filepath.FromSlash(name)))
	})
}

// sdkVersions returns the versions of the SDKs that the adapters in a copy of m must
// build with, by adapter. One whose server is not known is left out.
func sdkVersions(res *analyze.Result, m *load.Module, opt Options) map[string]string {
	out := map[string]string{}
	for _, s := range res.Servers {
		if w := opt.Wirers[s.Spec.Name]; w != nil && s.New.Pkg != nil && s.New.Pkg.Module != nil {
			if v := sdkVersion(s, &load.Package{Module: m}); out[w.Adapter()] == "" || semver.Compare(v, out[w.Adapter()]) < 0 {
				out[w.Adapter()] = v
			}
		}
	}
	return out
}

// touchUsers has the packages of m built that import the copy, which include its own.
func (b *builder) touchUsers(m *load.Module, core string) {
	of := func(p string) bool { return p == core || strings.HasPrefix(p, core+"/") }
	for _, pkg := range b.prog.Packages {
		if pkg.Module == nil || pkg.Module.Path != m.Path || of(pkg.Path) {
			continue // a package of the copy may be gone: those that are there are built with the wiring
		}
		if slices.ContainsFunc(pkg.Types.Imports(), func(p *types.Package) bool { return of(p.Path()) }) {
			b.touch(pkg.Path)
		}
	}
	for _, f := range b.files {
		if f.New != nil && strings.HasSuffix(f.Rel, ".go") {
			b.touch(path.Join(core, strings.TrimPrefix(path.Dir(f.Rel), b.copyDir)))
		}
	}
}

// keepOnlyManual takes everything out of the plan but what a person has to do.
func (b *builder) keepOnlyManual() {
	b.files, b.modules, b.touched = nil, nil, nil
	b.steps = slices.DeleteFunc(b.steps, func(s Step) bool { return s.Kind != StepManual })
}

// readRegular returns the bytes of a file of a copy; nil if there is none. Linked is
// true for what is no plain file.
func readRegular(name string) (src []byte, linked bool) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, false
	}
	if !info.Mode().IsRegular() {
		return nil, true
	}
	if src, err = os.ReadFile(name); src == nil && err == nil {
		src = []byte{}
	}
	return src, err != nil
}
