package rewrite

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// With --authlib import the wiring imports authlib out of this module instead of
// a copy. That takes more of the user's module than a copy does: this module's go
// line and the versions of the SDKs that it requires hold there too. So it is only
// done where they hold already.

// toolModule is the path of this module.
var toolModule = path.Dir(bundlePath)

// importAuthlib plans the requirement of this module.
func (b *builder) importAuthlib(ctx context.Context) error {
	if b.prog.Workspace != nil {
		return b.refuseImport("in a workspace the other members' requirements hold as well, and whether they would be raised is not checked by this version", "answer copy")
	}
	if b.prog.Vendored {
		return b.refuseImport("the module builds from a vendor folder, and nobody can vouch for what stands there", "answer copy")
	}
	if dir := b.presentCopy(); dir != "" {
		return b.refuseImport(dir+" holds a copy that wiring of this module imports, and one program can't have both",
			"answer copy, or undo that migration first")
	}
	if replaces(b.prog.Mod) {
		return b.refuseImport("go.mod replaces "+toolModule+", and nobody can vouch for what stands in its place", "drop the replacement, or answer copy")
	}
	if !released(b.opt.Version) {
		return b.refuseImport("this build of mcp-migrate ("+b.opt.Version+") has no released version that could be required", "answer copy")
	}
	if err := b.checkImport(ctx); err != nil {
		return err
	}
	return b.requireImport(ctx)
}

// presentCopy returns the folder of a copy of authlib in the module, or "".
func (b *builder) presentCopy() string {
	for _, pkg := range b.prog.Packages {
		rel, err := filepath.Rel(b.prog.Dir, pkg.Dir)
		if err == nil && ourCopy(b.prog.Dir, filepath.ToSlash(rel)) {
			return filepath.ToSlash(rel)
		}
	}
	return ""
}

// released reports whether version is one that a module can be required at.
func released(version string) bool { return semver.IsValid(version) && semver.Build(version) == "" }

func (b *builder) refuseImport(what, cure string) error {
	return &wizard.FlagError{Flag: "authlib", Value: "import", What: what, Cure: cure}
}

// checkImport looks at this module's go.mod before anything is resolved: a go
// command older than that go line could only say that it is too old.
func (b *builder) checkImport(ctx context.Context) error {
	scratch, err := os.MkdirTemp("", "mcp-migrate-") // outside of the module, whose replacements say nothing of ours
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	out, err := gocmd.Run(ctx, scratch, []string{"GOWORK=off", "GOFLAGS=-mod=mod"}, "list", "-m", "-json", toolModule+"@"+b.opt.Version)
	if err != nil {
		return b.unresolved(ctx, err)
	}
	var m struct{ GoMod string }
	if err := json.Unmarshal(out, &m); err != nil {
		return fmt.Errorf("go list -m -json: %w", err)
	}
	src, err := os.ReadFile(m.GoMod)
	if err != nil {
		return err
	}
	mod, err := modfile.ParseLax("go.mod", src, nil)
	if err != nil {
		return err
	}
	return b.mustNotRaise(mod)
}

// unresolved says that this module can't be had, in the go command's words.
func (b *builder) unresolved(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return b.refuseImport(fmt.Sprintf("%s@%s can't be resolved (%s)", toolModule, b.opt.Version, strings.TrimSpace(err.Error())),
		"answer copy, or make the module reachable through GOPROXY")
}

// mustNotRaise refuses requirements, of this module or of the user's after the
// change, that are above the user's go line or the versions of the SDKs in use.
func (b *builder) mustNotRaise(mod *modfile.File) error {
	var raised []string
	if mod.Go != nil && olderThan(b.prog.GoVersion, mod.Go.Version) {
		raised = append(raised, "the go line from "+b.prog.GoVersion+" to "+mod.Go.Version)
	}
	sdks := b.sdkVersions()
	for _, r := range mod.Require {
		if v := sdks[r.Mod.Path]; v != "" && semver.Compare(v, r.Mod.Version) < 0 {
			raised = append(raised, r.Mod.Path+" from "+v+" to "+r.Mod.Version)
		}
	}
	if len(raised) == 0 {
		return nil
	}
	return b.refuseImport("requiring "+toolModule+" "+b.opt.Version+" would raise "+strings.Join(raised, " and "),
		"answer copy, or raise them yourself first")
}

// sdkVersions returns the versions of the SDKs in use, by module.
func (b *builder) sdkVersions() map[string]string {
	out := map[string]string{}
	for _, s := range b.res.Servers {
		out[s.Spec.Module] = s.Version
	}
	return out
}

// requireImport plans the changes of go.mod and go.sum, which the go command works
// out from the wiring files.
func (b *builder) requireImport(ctx context.Context) error {
	mod, sum, err := b.resolveImport(ctx)
	if err != nil {
		return err
	}
	after, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		return err
	}
	if err := b.mustNotRaise(after); err != nil {
		return err
	}
	b.mod, b.sum = mod, mergeSums(b.prog.SumSrc, sum)
	b.noteRaised(after)
	if !bytes.Equal(mod, b.prog.ModSrc) {
		b.change(FileChange{Rel: "go.mod", Old: b.prog.ModSrc, New: mod},
			Step{Kind: StepRequire, File: "go.mod", Reason: "the wiring imports authlib out of " + toolModule + " " + b.opt.Version})
	}
	b.change(FileChange{Rel: "go.sum", Old: b.prog.SumSrc, New: b.sum, Mode: 0o644},
		Step{Kind: StepRequire, File: "go.sum", Reason: "checksums of the modules that go.mod gained"})
	return nil
}

// resolveImport returns go.mod and go.sum as the go command completes them when
// this module is required and the wiring files are there.
func (b *builder) resolveImport(ctx context.Context) (mod, sum []byte, err error) {
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(scratch)
	want, err := modfile.Parse("go.mod", b.prog.ModSrc, nil)
	if err != nil {
		return nil, nil, err
	}
	own := module.Version{Path: toolModule, Version: b.opt.Version}
	if have := b.prog.Requires[toolModule]; semver.Compare(have, own.Version) > 0 {
		own.Version = have
	}
	setRequire(want, own, false)
	want.Cleanup()
	src, err := want.Format()
	if err != nil {
		return nil, nil, err
	}
	tree, err := planned{prog: b.prog, files: b.files, modules: []moduleChange{{mod: src, sum: b.prog.SumSrc}}}.stand(scratch)
	if err != nil {
		return nil, nil, err
	}
	args := append(append([]string{"list", "-mod=mod", "-deps", "-f", "{{.ImportPath}}"}, tree.flags...), b.sidecarPackages()...)
	if _, err := gocmd.Run(ctx, b.prog.Dir, tree.env, args...); err != nil {
		return nil, nil, b.unresolved(ctx, err)
	}
	if mod, err = os.ReadFile(filepath.Join(scratch, "go.mod")); err != nil {
		return nil, nil, err
	}
	sum, err = os.ReadFile(filepath.Join(scratch, "go.sum"))
	return mod, sum, err
}

func (b *builder) sidecarPackages() []string {
	var out []string
	for _, s := range b.sidecars {
		out = append(out, s.pkg.Path)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// noteRaised tells which other modules of the user's are newer afterwards.
func (b *builder) noteRaised(after *modfile.File) {
	for _, r := range after.Require {
		if have := b.prog.Requires[r.Mod.Path]; have != "" && semver.Compare(have, r.Mod.Version) < 0 {
			b.steps = append(b.steps, Step{Kind: StepNote, File: "go.mod", Reason: r.Mod.Path + " goes from " + have + " to " + r.Mod.Version})
		}
	}
}
