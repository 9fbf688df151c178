package rewrite

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// createModuleFiles plans what goes beside the edits of one module: the copy of
// authlib, the wiring, go.mod, the list of variables and the page about it.
func (b *builder) createModuleFiles(ctx context.Context) error {
	importPath, err := b.authlibPath()
	if err != nil {
		return err
	}
	for _, s := range b.sidecars {
		if s.adopted() {
			if err := b.rewire(s, importPath); err != nil {
				return err
			}
			continue
		}
		text, err := s.render(b, importPath)
		if err != nil {
			return err
		}
		b.create(s.rel, s.constrained(text), "the wiring of the guard; it is yours to change")
		b.touch(s.pkg.Path)
	}
	if err := b.bringAuthlib(ctx, importPath); err != nil {
		return err
	}
	b.writeEnvExample()
	return b.writeAuthPage()
}

// imports reports whether the wiring imports authlib out of this tool's module.
func (b *builder) imports() bool { return b.ans.Authlib == "import" }

// bringAuthlib plans the copy and what it needs, or the requirement of this module.
func (b *builder) bringAuthlib(ctx context.Context, importPath string) error {
	if b.imports() {
		b.noteImported()
		return b.importAuthlib(ctx)
	}
	foreign, err := b.copyAuthlib(b.copyDir, importPath)
	if err != nil {
		return err
	}
	if err := b.require(ctx, foreign); err != nil {
		return err
	}
	if b.prog.Vendored {
		return b.vendor(ctx, foreign)
	}
	if len(b.gone) == 0 || b.prog.Workspace != nil {
		return nil
	}
	return b.dropRequirements(ctx, b.gone, foreign)
}

// authlibPath returns the path by which the wiring imports authlib, and decides on
// the folder of a copy.
func (b *builder) authlibPath() (string, error) {
	if b.imports() {
		return bundlePath, nil
	}
	dir, err := b.authlibDir()
	b.copyDir = dir
	return path.Join(b.prog.Module, dir), err
}

// authlibDir returns the folder for the copy: the answer, or a neighbour of it
// when something that is not ours lives there.
func (b *builder) authlibDir() (string, error) {
	dir := path.Clean(filepath.ToSlash(b.ans.AuthlibDir))
	if dir == "." || path.IsAbs(dir) || strings.HasPrefix(dir, "..") {
		return "", fmt.Errorf("--authlib-dir %q: give a folder inside the module, such as internal/authlib", b.ans.AuthlibDir)
	}
	for _, candidate := range []string{dir, path.Join(path.Dir(dir), "mcp"+path.Base(dir))} {
		if b.free(candidate) || ourCopy(b.prog.Dir, candidate) {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("%s: the folder holds something else: name another one with --authlib-dir", dir)
}

func (b *builder) free(rel string) bool {
	entries, err := os.ReadDir(filepath.Join(b.prog.Dir, filepath.FromSlash(rel)))
	return err != nil && os.IsNotExist(err) || err == nil && len(entries) == 0
}

// ourCopy reports whether the folder holds a manifest of ours.
func ourCopy(moduleDir, rel string) bool {
	_, ok := readManifest(filepath.Join(moduleDir, filepath.FromSlash(rel)))
	return ok
}

// copyAuthlib plans the copy, and returns the foreign packages that it imports.
func (b *builder) copyAuthlib(dir, importPath string) ([]string, error) {
	spec := copySpec{importPath: importPath, version: b.opt.Version, sdkVersion: map[string]string{}}
	for _, s := range b.sidecars {
		for _, g := range s.guards {
			if g.was == nil || !b.rerun() { // the hooks of a copy that is there stay those that it has
				spec.sdkVersion[s.adapter] = sdkVersion(g.servers[0], s.pkg)
			}
		}
		spec.packages = append(spec.packages, authlibPackages(b.ans, s.adapter)...)
	}
	spec.packages = append(spec.packages, furtherPackages(b.ans)...)
	if b.rerun() {
		if same, err := b.asCopied(&spec, dir); err != nil || !same {
			return nil, err
		}
	}
	was, err := b.keepPackages(&spec, dir)
	if err != nil {
		return nil, err
	}
	files, foreign, err := spec.render(b.opt.Authlib)
	if err != nil {
		return nil, err
	}
	if m, ok := readManifest(filepath.Join(b.prog.Dir, filepath.FromSlash(dir))); ok && b.rerun() {
		b.removeCopied(dir, m, files)
	}
	b.layCopy(dir, importPath, files)
	b.gone = slices.DeleteFunc(was, func(p string) bool { return slices.Contains(foreign, p) })
	return foreign, nil
}

// asCopied reports whether the copy in dir, if there is one, is as this version of the
// tool would have written it. One that is not stays, and what the plan needs of it is
// left to a person.
func (b *builder) asCopied(spec *copySpec, dir string) (bool, error) {
	at := filepath.Join(b.prog.Dir, filepath.FromSlash(dir))
	m, ok := readManifest(at)
	if !ok {
		return true, nil
	}
	spec.version = m.Version // that of another version may have the same bytes
	if files, ok := renderLike(m, b.opt); ok && sameOnDisk(at, files) {
		return true, nil
	}
	if lacks := func(p string) bool { return !slices.Contains(m.packages(), p) }; slices.ContainsFunc(furtherPackages(b.ans), lacks) {
		return false, b.refuseChanged(dir)
	}
	if b.reanswered() || len(b.files)+len(b.edits) > 0 {
		b.held = true
		b.steps = append(b.steps, Step{Kind: StepManual, File: dir, Reason: "the copy of authlib is not as this version of mcp-migrate copies it, " +
			"so nothing was changed: run mcp-migrate upgrade if another version copied it (it says " + m.Version + "), or take the changes there back"})
	}
	return false, nil
}

// layCopy plans the files of a copy.
func (b *builder) layCopy(dir, importPath string, files map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		rel := path.Join(dir, name)
		old := b.readOld(rel)
		b.change(FileChange{Rel: rel, Old: old, New: files[name], Mode: 0o644},
			Step{Kind: StepCreate, File: rel, Reason: copiedReason + " " + b.opt.Version})
		if strings.HasSuffix(name, ".go") {
			b.touch(path.Join(importPath, path.Dir(name)))
		}
	}
}

// readOld returns the bytes of a file that may exist; nil if it does not.
func (b *builder) readOld(rel string) []byte {
	src, err := os.ReadFile(filepath.Join(b.prog.Dir, filepath.FromSlash(rel)))
	if err != nil {
		return nil
	}
	if src == nil {
		src = []byte{}
	}
	return src
}

// writeAnswers plans the file that repeats this run.
func (b *builder) writeAnswers() error {
	if b.opt.AnswersFile == "" || b.opt.Answers == nil || b.held {
		return nil
	}
	if b.rerun() && !b.reanswered() && len(b.files)+len(b.edits) == 0 { // as it is written there, it says the same
		return nil
	}
	old := b.readOld(b.opt.AnswersFile)
	out, err := b.opt.Answers(old, b.ans)
	if err != nil {
		return fmt.Errorf("%s: %w", b.opt.AnswersFile, err)
	}
	b.change(FileChange{Rel: b.opt.AnswersFile, Old: old, New: out, Mode: 0o644},
		Step{Kind: StepCreate, File: b.opt.AnswersFile, Reason: "the answers of this run; a second run reads them"})
	return nil
}

func fileExists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// TrustedCopy returns a function that reports whether a package of prog belongs
// to a copy of authlib that is, byte for byte, what this version of the tool
// writes. A copy that was changed or gutted is not trusted.
func TrustedCopy(prog *load.Program, opt Options) func(pkgPath string) bool {
	trusted := map[string]bool{}
	for _, pkg := range prog.Packages {
		dir := filepath.Join(pkg.Dir, manifestName)
		src, err := os.ReadFile(dir)
		if err != nil {
			continue
		}
		for _, p := range verifiedPackages(prog, pkg, src, opt) {
			trusted[p] = true
		}
	}
	return func(pkgPath string) bool { return trusted[pkgPath] }
}

// verifiedPackages renders the copy that the manifest describes, and returns its
// packages when every file on disk is the same.
func verifiedPackages(prog *load.Program, core *load.Package, src []byte, opt Options) []string {
	m, ok := parseManifest(src)
	if !ok || m.Import != core.Path {
		return nil
	}
	files, ok := renderLike(m, opt)
	if !ok || !sameOnDisk(core.Dir, files) {
		return nil
	}
	var out []string
	for _, pkg := range prog.Packages {
		if pkg.Path == core.Path || strings.HasPrefix(pkg.Path, core.Path+"/") {
			out = append(out, pkg.Path)
		}
	}
	return out
}

// renderLike renders the packages that m lists, with the hooks that m says.
func renderLike(m manifest, opt Options) (map[string][]byte, bool) {
	spec := copySpec{importPath: m.Import, version: m.Version, off: m.Off, packages: m.packages()}
	files, _, err := spec.render(opt.Authlib)
	return files, err == nil
}

// sameOnDisk reports whether dir holds exactly files: nothing else that the go
// command builds from, no link to a place outside of it, none changed.
func sameOnDisk(dir string, files map[string][]byte) bool {
	found := 0
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		want, ok := files[filepath.ToSlash(rel)]
		if !ok && d.Type().IsRegular() && !built[filepath.Ext(name)] {
			return nil
		}
		if !ok || !d.Type().IsRegular() {
			return fmt.Errorf("%s is not of the copy", name)
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != string(want) {
			return fmt.Errorf("%s differs", name)
		}
		found++
		return nil
	})
	return err == nil && found == len(files)
}

// built are the extensions of files that become part of a package.
var built = map[string]bool{
	".go": true, ".s": true, ".S": true, ".sx": true, ".syso": true, ".c": true, ".cc": true, ".cpp": true, ".cxx": true,
	".m": true, ".h": true, ".hh": true, ".hpp": true, ".hxx": true, ".f": true, ".F": true, ".for": true, ".f90": true,
	".swig": true, ".swigcxx": true, ".mod": true,
}
