package rewrite

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// A module that builds from its vendor folder gets there what the copy of authlib
// imports, as go mod vendor would put it. That is worked out in a scratch module
// which imports nothing else: so only those modules are fetched, and of a large
// vendor folder only what changes is read.

const (
	vendorDir  = "vendor"
	vendorFile = vendorDir + "/modules.txt"
	// vendoredReason starts the reason of every step that changes a vendored file.
	vendoredReason = "vendored: "
)

// mostRounds bounds how often a raised module may raise a further one.
const mostRounds = 8

// vendor plans the changes of the vendor folder for the foreign packages that the
// copy imports, once go.mod and go.sum are planned.
func (b *builder) vendor(ctx context.Context, foreign []string) error {
	src := b.readOld(vendorFile)
	if src == nil {
		return fmt.Errorf("%s: there is no such file, though builds use the vendor folder (GOFLAGS): run go mod vendor", vendorFile)
	}
	have := parseVendorList(src)
	if bytes.Equal(b.mod, b.prog.ModSrc) && have.has(foreign) {
		return nil
	}
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	fresh, err := b.vendorAside(ctx, scratch, have, foreign)
	if err != nil {
		return err
	}
	if err := b.vendorFiles(filepath.Join(scratch, vendorDir), have, fresh); err != nil {
		return err
	}
	have.merge(fresh)
	b.change(FileChange{Rel: vendorFile, Old: src, New: have.format()},
		Step{Kind: StepEdit, File: vendorFile, Reason: "the list of vendored packages, as go mod vendor writes it"})
	return nil
}

// vendorAside runs go mod vendor in a scratch module with the planned go.mod and
// the foreign packages, and returns its list. A module that changes its version
// brings all packages along that are vendored of it.
func (b *builder) vendorAside(ctx context.Context, scratch string, have *vendorList, foreign []string) (*vendorList, error) {
	back, err := b.scratchModule(scratch)
	if err != nil {
		return nil, err
	}
	seeds := united(foreign, nil)
	for range mostRounds {
		list, err := b.vendorOnce(ctx, scratch, seeds)
		if err != nil {
			return nil, err
		}
		fresh := parseVendorList([]byte(back.Replace(string(list))))
		more := united(seeds, alongWith(have, fresh))
		if len(more) == len(seeds) {
			return fresh, nil
		}
		seeds = more
	}
	return nil, fmt.Errorf("%s: go.mod does not settle: run go mod tidy and go mod vendor first", vendorFile)
}

// vendorOnce vendors the packages in the scratch module, and returns the list. What
// a raised module asks for goes into the planned go.mod and go.sum: go mod vendor
// itself adds nothing there.
func (b *builder) vendorOnce(ctx context.Context, scratch string, seeds []string) ([]byte, error) {
	if err := os.WriteFile(filepath.Join(scratch, "seeds.go"), importing(seeds), 0o600); err != nil {
		return nil, err
	}
	for _, args := range [][]string{{"list", "-mod=mod", "-deps", "-f", "{{.ImportPath}}", "."}, {"mod", "vendor"}} {
		if _, err := gocmd.Run(ctx, scratch, []string{"GOWORK=off", "GOFLAGS="}, args...); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, fmt.Errorf("%s: what sign-in needs can't be vendored, so nothing was written: "+
				"make the modules available, or run migrate on a copy without vendor/, then run go mod vendor\n%s", vendorFile, said(err))
		}
	}
	if err := b.takeRaised(filepath.Join(scratch, "go.mod")); err != nil {
		return nil, err
	}
	sums, err := os.ReadFile(filepath.Join(scratch, "go.sum"))
	if err != nil {
		return nil, err
	}
	b.addSums(sums)
	return os.ReadFile(filepath.Join(scratch, filepath.FromSlash(vendorFile)))
}

// scratchModule writes the planned go.mod and go.sum into dir, folders that replace
// modules by their absolute paths; back makes those what they were.
func (b *builder) scratchModule(dir string) (back *strings.Replacer, err error) {
	mod, err := modfile.Parse("go.mod", b.mod, nil)
	if err != nil {
		return nil, err
	}
	var pairs []string
	for _, r := range slices.Clone(mod.Replace) {
		if r.New.Version != "" || filepath.IsAbs(r.New.Path) {
			continue
		}
		abs := filepath.Join(b.prog.Dir, filepath.FromSlash(r.New.Path))
		pairs = append(pairs, " => "+abs+"\n", " => "+r.New.Path+"\n")
		if err := mod.AddReplace(r.Old.Path, r.Old.Version, abs, ""); err != nil {
			return nil, err
		}
	}
	out, err := mod.Format()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), out, 0o600); err != nil {
		return nil, err
	}
	return strings.NewReplacer(pairs...), os.WriteFile(filepath.Join(dir, "go.sum"), b.sum, 0o600)
}

// importing returns a Go file that imports the packages.
func importing(packages []string) []byte {
	var out bytes.Buffer
	out.WriteString("package seeds\n\n")
	for _, p := range packages {
		fmt.Fprintf(&out, "import _ %q\n", p)
	}
	return out.Bytes()
}

// alongWith returns the packages that are vendored of modules which have another
// version in fresh. Internal ones can't be imported; what needs them brings them.
func alongWith(have, fresh *vendorList) []string {
	var out []string
	for _, f := range fresh.sections {
		old := have.find(f.mod.Path)
		if f.unused() || old == nil || old.mod == f.mod {
			continue
		}
		for _, p := range old.packages {
			if !slices.Contains(strings.Split(p, "/"), "internal") {
				out = append(out, p)
			}
		}
	}
	return out
}

// vendorFiles plans the files below dir, the vendor folder aside, that those on
// disk lack. What is vendored at the same version stays, whatever was done to it.
func (b *builder) vendorFiles(dir string, have, fresh *vendorList) error {
	found := map[string]bool{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		own := fresh.owner(rel)
		if own == nil {
			return nil // modules.txt itself
		}
		found[rel] = true
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		b.vendorOne(rel, content, own, have)
		return nil
	})
	if err != nil {
		return err
	}
	return b.dropVendored(have, fresh, found)
}

func (b *builder) vendorOne(rel string, content []byte, own *vendorSection, have *vendorList) {
	name := vendorDir + "/" + rel
	old := b.readOld(name)
	if before := have.find(own.mod.Path); old != nil && before != nil && before.mod == own.mod {
		return
	}
	kind := StepEdit
	if old == nil {
		kind = StepCreate
	}
	b.change(FileChange{Rel: name, Old: old, New: content, Mode: 0o644}, Step{Kind: kind, File: name, Reason: vendoredReason + own.mod.String()})
}

// dropVendored plans the removal of files that a module's new version no longer has.
func (b *builder) dropVendored(have, fresh *vendorList, found map[string]bool) error {
	root := filepath.Join(b.prog.Dir, vendorDir)
	for _, f := range fresh.sections {
		old := have.find(f.mod.Path)
		if f.unused() || old == nil || old.mod == f.mod || len(old.packages) == 0 {
			continue
		}
		err := filepath.WalkDir(filepath.Join(root, filepath.FromSlash(f.mod.Path)), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(root, name)
			if rel = filepath.ToSlash(rel); err != nil || found[rel] || have.owner(rel) != old {
				return err
			}
			name = vendorDir + "/" + rel
			b.change(FileChange{Rel: name, Old: b.readOld(name)}, Step{Kind: StepEdit, File: name, Reason: vendoredReason + f.mod.String() + " does not have it"})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
