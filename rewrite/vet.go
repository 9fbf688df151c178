package rewrite

import (
	"bytes"
	"fmt"
	"go/version"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// noVersion is the version by which the go command asks for a replaced module.
const noVersion = "v0.0.0-00010101000000-000000000000"

// vetsOverlays reports whether the go command of that version hands its overlay on
// to go vet. An older one looks for new files on disk, and at edited ones as they
// are there.
func vetsOverlays(toolchain string) bool {
	return !version.IsValid(toolchain) || version.Compare(toolchain, "go1.24") >= 0
}

// noteUnvetted tells who has an older go command what is left to do.
func (b *builder) noteUnvetted() {
	if !vetsOverlays(b.prog.Toolchain) {
		b.steps = append(b.steps, Step{Kind: StepNote, File: "go.mod",
			Reason: b.prog.Toolchain + " can't vet files before they are written, so the changed program is built but not vetted: run go vet ./... afterwards"})
	}
}

// vetTree returns the tree that go vet sees of the migrated program. go vet changes
// into each package's folder, so that a folder which exists in an overlay only is
// a fault to it. A copy of authlib that is new or gains packages is therefore given to
// it as a module of its own in the scratch folder, under the import path that the copy
// will have.
func vetTree(p *Plan, scratch string) (planned, error) {
	t := p.asPlanned()
	t.modules = slices.Clone(p.modules)
	for i, m := range p.modules {
		rel := path.Join(m.Rel, m.copyDir)
		if m.copyDir == "" || !p.newFolder(rel) {
			continue
		}
		aside := filepath.Join(scratch, "authlib"+strconv.Itoa(i))
		var err error
		if t.files, err = setAside(t.files, rel, aside); err != nil {
			return t, err
		}
		gone, err := takeAside(p.Program.Dir, rel, aside, t.files)
		if err != nil {
			return t, err
		}
		t.files = append(t.files, gone...)
		if t.modules[i].mod, err = withCopy(m, aside); err != nil {
			return t, err
		}
		t.uses = append(t.uses, aside)
	}
	return t, nil
}

// newFolder reports whether the plan makes a folder in or below rel.
func (p *Plan) newFolder(rel string) bool {
	return slices.ContainsFunc(p.Files, func(f FileChange) bool {
		return strings.HasPrefix(f.Rel, rel+"/") && !fileExists(filepath.Join(p.Program.Dir, filepath.FromSlash(path.Dir(f.Rel))))
	})
}

// takeAside copies the files on disk below root and rel into dir, unless a planned one
// is there, and returns all of them as removed: the packages are found in one place.
func takeAside(root, rel, dir string, files []FileChange) (gone []FileChange, err error) {
	from := filepath.Join(root, filepath.FromSlash(rel))
	if !fileExists(from) {
		return nil, nil
	}
	err = filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if removes(files, rel+"/"+strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(name, from)), "/")) {
			return nil
		}
		below := strings.TrimPrefix(filepath.ToSlash(strings.TrimPrefix(name, from)), "/")
		gone = append(gone, FileChange{Rel: rel + "/" + below, Old: append([]byte{}, content...)})
		there := filepath.Join(dir, filepath.FromSlash(below))
		if fileExists(there) {
			return nil
		}
		return writeNew(there, content)
	})
	return gone, err
}

// removes reports whether the file goes.
func removes(files []FileChange, rel string) bool {
	return slices.ContainsFunc(files, func(f FileChange) bool { return f.Rel == rel && f.removed() })
}

// setAside writes the files below the folder rel into dir, and returns the others.
func setAside(files []FileChange, rel, dir string) (rest []FileChange, err error) {
	for _, f := range files {
		name, ok := strings.CutPrefix(f.Rel, rel+"/")
		if !ok || f.removed() {
			rest = append(rest, f)
			continue
		}
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(name)), f.New); err != nil {
			return nil, err
		}
	}
	return rest, nil
}

// withCopy makes the folder copied a module, and returns the go.mod of m with that
// module in it. A workspace finds it by a use line instead.
func withCopy(m moduleChange, copied string) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", m.mod, nil)
	if err != nil {
		return nil, err
	}
	importPath := path.Join(m.Path, m.copyDir)
	var own bytes.Buffer
	fmt.Fprintf(&own, "module %s\n\ngo %s\n", importPath, m.GoVersion)
	for _, r := range mod.Require {
		fmt.Fprintf(&own, "\nrequire %s %s\n", r.Mod.Path, r.Mod.Version)
	}
	if err := writeNew(filepath.Join(copied, "go.mod"), own.Bytes()); err != nil {
		return nil, err
	}
	if err := mod.AddRequire(importPath, noVersion); err != nil {
		return nil, err
	}
	if err := mod.AddReplace(importPath, "", copied, ""); err != nil {
		return nil, err
	}
	return mod.Format()
}

func writeNew(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return os.WriteFile(name, content, 0o600)
}
