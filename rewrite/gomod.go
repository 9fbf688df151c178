package rewrite

import (
	"bytes"
	"context"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/mcp-migrate/mcp-migrate/internal/gocmd"
)

// A dependency is a module that authlib's copied packages import, with the
// version that fits a go line: the newest one that does not raise it.
type dependency struct {
	module   string
	versions []goVersion // newest first
}

// The oldest go line: no dependency that can be recommended is content with the
// bare one, which is the same language and every release of it.
const (
	bareOldest = "1.23"
	oldest     = "1.23.0"
)

type goVersion struct {
	minGo, version string
	brings         []brought // what its go.mod requires and its packages import, with some toolchain
	warn           string    // what is known of this version
}

// A brought is a module that comes with a dependency, and the package of it that
// is imported: an older toolchain may need it where the present one does not.
type brought struct {
	module.Version
	pkg string
}

// dependencies lists what authlib may bring into a user's module. The versions
// were found by building the copy with each toolchain.
var dependencies = []dependency{
	{"golang.org/x/oauth2", []goVersion{{minGo: "1.24.0", version: "v0.35.0"}, {minGo: "1.23.0", version: "v0.30.0"}}},
	{"github.com/go-jose/go-jose/v4", []goVersion{{minGo: "1.24.0", version: "v4.1.8"}, {
		minGo: "1.23.0", version: "v4.1.2", brings: []brought{{module.Version{Path: "golang.org/x/crypto", Version: "v0.39.0"}, "golang.org/x/crypto/pbkdf2"}},
		warn: "versions before v4.1.4 have a known fault in reading encrypted tokens, which authlib does not do; later ones need go 1.24",
	}}},
	{"go.yaml.in/yaml/v3", []goVersion{{minGo: "1.23.0", version: "v3.0.4"}}}, // itself content with go 1.16
	{"github.com/redis/go-redis/v9", []goVersion{
		{minGo: "1.24.0", version: "v9.22.0", brings: redisBrings("golang.org/x/sys", "v0.30.0", "golang.org/x/sys/cpu")},
		{minGo: "1.23.0", version: "v9.18.0", brings: redisBrings("github.com/dgryski/go-rendezvous", "v0.0.0-20200823014737-9f7001d12a5f", "github.com/dgryski/go-rendezvous")},
	}},
	{"go.opentelemetry.io/otel/metric", otelVersions},
	{"go.opentelemetry.io/otel/trace", otelVersions},
	{"go.opentelemetry.io/otel", otelVersions},
}

// otelVersions are those of each module of OpenTelemetry's API, which go together.
var otelVersions = []goVersion{
	{minGo: "1.24.0", version: "v1.41.0", brings: []brought{{module.Version{Path: "github.com/cespare/xxhash/v2", Version: "v2.3.0"}, "github.com/cespare/xxhash/v2"}}},
	{minGo: "1.23.0", version: "v1.38.0"},
}

// redisBrings is what go-redis imports from outside: two modules at either version,
// and one more.
func redisBrings(path, version, pkg string) []brought {
	return []brought{
		{module.Version{Path: "github.com/cespare/xxhash/v2", Version: "v2.3.0"}, "github.com/cespare/xxhash/v2"},
		{module.Version{Path: "go.uber.org/atomic", Version: "v1.11.0"}, "go.uber.org/atomic"},
		{module.Version{Path: path, Version: version}, pkg},
	}
}

// require plans the changes of go.mod and go.sum for the foreign packages that
// the copy imports.
func (b *builder) require(ctx context.Context, foreign []string) error {
	mod, err := modfile.Parse("go.mod", b.prog.ModSrc, nil)
	if err != nil {
		return err
	}
	needed := slices.DeleteFunc(slices.Clone(dependencies), func(d dependency) bool { return !d.neededBy(foreign) })
	for _, d := range needed {
		if err := b.requireOne(mod, d); err != nil {
			return err
		}
	}
	reason := "authlib's copied packages import " + strings.Join(modules(needed), " and ")
	if b.prog.GoVersion == bareOldest {
		if err := mod.AddGoStmt(oldest); err != nil {
			return err
		}
		reason += ", which asks for go " + oldest + ": the first release of the go " + bareOldest + " that is there"
	}
	mod.Cleanup()
	out, err := mod.Format()
	if err != nil {
		return err
	}
	b.mod, b.sum = out, b.prog.SumSrc
	if bytes.Equal(out, b.prog.ModSrc) {
		return nil
	}
	b.change(FileChange{Rel: "go.mod", Old: b.prog.ModSrc, New: out},
		Step{Kind: StepRequire, File: "go.mod", Reason: reason})
	return b.resolveSums(ctx, append(modules(needed), b.broughtPackages(needed)...))
}

func modules(list []dependency) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.module)
	}
	return out
}

// broughtPackages returns what comes along with the modules at this go line.
func (b *builder) broughtPackages(list []dependency) []string {
	var out []string
	for _, d := range list {
		for _, m := range d.versionFor(b.prog.GoVersion).brings {
			out = append(out, m.pkg)
		}
	}
	return out
}

func (d dependency) neededBy(imports []string) bool {
	return slices.ContainsFunc(imports, func(p string) bool {
		return p == d.module || strings.HasPrefix(p, d.module+"/")
	})
}

// requireOne makes mod require d directly, and what d brings along. A newer
// version of the user's own is kept.
func (b *builder) requireOne(mod *modfile.File, d dependency) error {
	goLine := b.prog.GoVersion
	if goLine == bareOldest {
		goLine = oldest
	}
	want := d.versionFor(goLine)
	if want.version == "" {
		return fmt.Errorf("go.mod: go %s is older than %s allows", b.prog.GoVersion, d.module)
	}
	if have := b.prog.Requires[d.module]; semver.Compare(have, want.version) > 0 {
		setRequire(mod, module.Version{Path: d.module, Version: have}, false)
		return nil
	}
	setRequire(mod, module.Version{Path: d.module, Version: want.version}, false)
	for _, m := range want.brings {
		if semver.Compare(b.prog.Requires[m.Path], m.Version.Version) < 0 {
			setRequire(mod, m.Version, !requiredDirectly(mod, m.Path))
		}
	}
	if want.warn != "" {
		b.steps = append(b.steps, Step{Kind: StepNote, File: "go.mod", Reason: d.module + " " + want.version + ": " + want.warn})
	}
	return nil
}

func requiredDirectly(mod *modfile.File, path string) bool {
	return slices.ContainsFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == path && !r.Indirect })
}

// setRequire makes mod require m, and leaves it alone if it does so already.
func setRequire(mod *modfile.File, m module.Version, indirect bool) {
	for _, r := range mod.Require {
		if r.Mod == m && r.Indirect == indirect {
			return
		}
	}
	reqs := slices.Clone(mod.Require)
	reqs = slices.DeleteFunc(reqs, func(r *modfile.Require) bool { return r.Mod.Path == m.Path })
	mod.SetRequireSeparateIndirect(append(reqs, &modfile.Require{Mod: m, Indirect: indirect}))
}

func (d dependency) versionFor(goLine string) goVersion {
	for _, v := range d.versions {
		if !olderThan(goLine, v.minGo) {
			return v
		}
	}
	return goVersion{}
}

// olderThan reports whether go line a, such as "1.22" or "1.24.1", is before b. To
// the go command "1.24" is before "1.24.0": it means the language, candidates
// included (go.dev/doc/toolchain, Go versions).
func olderThan(a, b string) bool {
	return version.Compare("go"+a, "go"+b) < 0
}

// resolveSums lets the go command complete go.sum in a scratch folder. It adds
// lines only; what the module had stays.
func (b *builder) resolveSums(ctx context.Context, packages []string) error {
	scratch, err := os.MkdirTemp("", "mcp-migrate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	mod, dir := b.mod, b.prog.Dir
	if b.prog.Workspace != nil {
		dir = scratch
		if mod, err = b.only(packages); err != nil {
			return err
		}
	}
	modFile := filepath.Join(scratch, "go.mod")
	if err := os.WriteFile(modFile, mod, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(scratch, "go.sum"), b.prog.SumSrc, 0o600); err != nil {
		return err
	}
	if err := b.resolve(ctx, dir, modFile, packages); err != nil {
		return err
	}
	if b.prog.Workspace == nil {
		planned := b.mod
		if err := b.takeRaised(modFile); err != nil {
			return err
		}
		if !b.prog.Vendored && !bytes.Equal(b.mod, planned) { // what the module itself imports of the raised ones
			if err := b.resolve(ctx, dir, modFile, []string{"./..."}); err != nil {
				return err
			}
		}
	}
	return b.takeSums(filepath.Join(scratch, "go.sum"))
}

// resolve lets the go command complete modFile and the go.sum beside it for packages.
func (b *builder) resolve(ctx context.Context, dir, modFile string, packages []string) error {
	args := []string{"list", "-mod=mod", "-modfile=" + modFile, "-deps", "-f", "{{.ImportPath}}", "-tags=" + strings.Join(b.prog.Tags, ",")}
	if _, err := gocmd.Run(ctx, dir, []string{"GOWORK=off"}, append(args, packages...)...); err != nil {
		return fmt.Errorf("go.mod: the modules that sign-in needs can't be fetched: %w", err)
	}
	return nil
}

// takeRaised plans what the go command had to raise in go.mod: a module that was
// gained may ask for a newer version of one that is required already. Every
// further build would refuse a go.mod without that.
func (b *builder) takeRaised(name string) error {
	src, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	got, err := modfile.Parse("go.mod", src, nil)
	if err != nil {
		return err
	}
	mod, err := modfile.Parse("go.mod", b.mod, nil)
	if err != nil {
		return err
	}
	for _, r := range got.Require {
		i := slices.IndexFunc(mod.Require, func(m *modfile.Require) bool { return m.Mod.Path == r.Mod.Path })
		switch {
		case i < 0:
			setRequire(mod, r.Mod, true)
		case semver.Compare(mod.Require[i].Mod.Version, r.Mod.Version) < 0:
			b.steps = append(b.steps, Step{Kind: StepNote, File: "go.mod",
				Reason: fmt.Sprintf("%s is raised from %s to %s, since what sign-in needs asks for it", r.Mod.Path, mod.Require[i].Mod.Version, r.Mod.Version)})
			setRequire(mod, r.Mod, mod.Require[i].Indirect)
		}
	}
	mod.Cleanup()
	return b.changeMod(mod)
}

// changeMod puts mod in place of the go.mod that is planned.
func (b *builder) changeMod(mod *modfile.File) error {
	out, err := mod.Format()
	if err != nil {
		return err
	}
	b.mod = out
	for i := range b.files {
		if b.files[i].Rel == "go.mod" {
			b.files[i].New = out
		}
	}
	return nil
}

// only returns a go.mod of what packages are in alone, at the versions of the
// module's. A module of a workspace may import its neighbours without saying where
// they are; then the go command can't list it alone, and in a workspace it
// completes go.work.sum and no go.sum.
func (b *builder) only(packages []string) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", b.mod, nil)
	if err != nil {
		return nil, err
	}
	var reqs []*modfile.Require
	for _, r := range mod.Require {
		if (dependency{module: r.Mod.Path}).neededBy(packages) {
			reqs = append(reqs, r)
		}
	}
	mod.SetRequire(reqs)
	for _, r := range slices.Clone(mod.Replace) {
		if r.New.Version == "" { // a folder, which may be relative
			if err := mod.DropReplace(r.Old.Path, r.Old.Version); err != nil {
				return nil, err
			}
		}
	}
	mod.Cleanup()
	return mod.Format()
}

// takeSums plans the go.sum that the go command wrote, with every old line kept.
func (b *builder) takeSums(name string) error {
	got, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	b.addSums(got)
	return nil
}

// addSums plans a go.sum that has the lines of got as well.
func (b *builder) addSums(got []byte) {
	sum := mergeSums(b.sum, got)
	if b.sum != nil && bytes.Equal(sum, b.sum) {
		return
	}
	b.sum = sum
	b.files = slices.DeleteFunc(b.files, func(f FileChange) bool { return f.Rel == "go.sum" })
	b.steps = slices.DeleteFunc(b.steps, func(s Step) bool { return s.File == "go.sum" && s.Kind == StepRequire })
	b.change(FileChange{Rel: "go.sum", Old: b.prog.SumSrc, New: b.sum, Mode: 0o644},
		Step{Kind: StepRequire, File: "go.sum", Reason: "checksums of the modules that go.mod gained"})
}

// mergeSums adds the lines of got that old lacks, each after the last old line
// that sorts before it.
func mergeSums(old, got []byte) []byte {
	lines := splitLines(old)
	have := map[string]bool{}
	for _, l := range lines {
		have[l] = true
	}
	for _, l := range splitLines(got) {
		if have[l] {
			continue
		}
		have[l] = true
		at, _ := slices.BinarySearch(lines, l)
		lines = slices.Insert(lines, at, l)
	}
	if len(lines) == 0 {
		return old
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

func splitLines(b []byte) []string {
	s := strings.TrimRight(string(b), "\n")
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
