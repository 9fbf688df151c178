package load

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
)

// A Workspace is a go.work file as it was read (go.dev/ref/mod#workspaces).
type Workspace struct {
	File    string            // absolute path of go.work
	Src     []byte            // its bytes
	Sum     []byte            // bytes of go.work.sum; nil if there is none
	Work    *modfile.WorkFile // parsed
	Members []string          // absolute folders of the modules that it uses, in its order
}

// Dir returns the folder that go.work lies in.
func (w *Workspace) Dir() string { return filepath.Dir(w.File) }

// readWorkspace reads a go.work file. With an error about what it says, such as a
// folder that is missing, the workspace is returned too, as far as it was read.
func readWorkspace(file string) (*Workspace, error) {
	w := &Workspace{File: file}
	var err error
	if w.Src, err = os.ReadFile(file); err != nil {
		return w, fmt.Errorf("go.work can't be read: %w: mend it, or set GOWORK=off to look at one module alone", err)
	}
	if w.Sum, err = os.ReadFile(file + ".sum"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return w, err
	}
	if w.Work, err = modfile.ParseWork(file, w.Src, nil); err != nil {
		return w, fmt.Errorf("go.work can't be read: %w: mend it, or set GOWORK=off to look at one module alone", err)
	}
	for _, use := range w.Work.Use {
		dir := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(w.Dir(), dir)
		}
		w.Members = append(w.Members, filepath.Clean(dir))
	}
	return w, w.check()
}

// check names the first use line that leads nowhere, or to no module.
func (w *Workspace) check() error {
	if len(w.Members) == 0 {
		return fmt.Errorf("%s: the workspace uses no module: add one with go work use DIR, or set GOWORK=off", w.File)
	}
	for i, dir := range w.Members {
		use := w.Work.Use[i]
		place := fmt.Sprintf("%s:%d: use %s", w.File, use.Syntax.Start.Line, use.Path)
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf("%s: there is no such folder: bring it back, or take the line out with go work edit -dropuse=%s", place, use.Path)
		}
		if !isFile(filepath.Join(dir, "go.mod")) {
			return fmt.Errorf("%s: the folder has no go.mod: go mod init makes one there, or take the line out with go work edit -dropuse=%s", place, use.Path)
		}
	}
	return nil
}

// uses reports whether the module in dir is one of the workspace.
func (w *Workspace) uses(dir string) bool {
	return slices.ContainsFunc(w.Members, func(m string) bool { return sameDir(m, dir) })
}

// Standing returns go.work with every path absolute, so that it means the same
// wherever it lies; dirs are used as well.
func (w *Workspace) Standing(dirs ...string) ([]byte, error) {
	work, err := modfile.ParseWork(w.File, w.Src, nil)
	if err != nil {
		return nil, err
	}
	for _, path := range usePaths(work) {
		if err := work.DropUse(path); err != nil {
			return nil, err
		}
	}
	for _, dir := range append(slices.Clone(w.Members), dirs...) {
		if err := work.AddUse(filepath.ToSlash(dir), ""); err != nil {
			return nil, err
		}
	}
	for _, r := range slices.Clone(work.Replace) {
		if r.New.Version != "" || filepath.IsAbs(filepath.FromSlash(r.New.Path)) {
			continue
		}
		abs := filepath.Join(w.Dir(), filepath.FromSlash(r.New.Path))
		if err := work.AddReplace(r.Old.Path, r.Old.Version, filepath.ToSlash(abs), ""); err != nil {
			return nil, err
		}
	}
	work.Cleanup()
	return modfile.Format(work.Syntax), nil
}

func usePaths(work *modfile.WorkFile) []string {
	var paths []string
	for _, u := range work.Use {
		paths = append(paths, u.Path)
	}
	return paths
}

// WriteStanding writes go.work, as [Workspace.Standing] has it, and go.work.sum
// into dir, and returns the path for the variable GOWORK. The go command, which
// completes go.work.sum as it goes along, then does so there and not in the
// user's tree.
func (w *Workspace) WriteStanding(dir string, more ...string) (string, error) {
	src, err := w.Standing(more...)
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "go.work")
	if err := os.WriteFile(name, src, 0o600); err != nil {
		return "", err
	}
	if w.Sum == nil {
		return name, nil
	}
	return name, os.WriteFile(name+".sum", w.Sum, 0o600)
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// sameDir reports whether a and b are one folder, also where one of them leads
// through a symbolic link.
func sameDir(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
