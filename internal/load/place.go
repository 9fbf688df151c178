package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoModule says that neither the folder nor one above it has a go.mod, and
// that no workspace holds it.
var ErrNoModule = errors.New("not inside a Go module")

// A Place is what a folder belongs to.
type Place struct {
	Root      string     // absolute: the folder of the module, or at a workspace root that of go.work
	Module    string     // absolute: the folder of the module; "" at a workspace root
	Workspace *Workspace // nil if none is in effect
}

// Locate finds the module or the workspace that dir belongs to, "" being the
// current folder, as the go command does: gowork is the value of the variable
// GOWORK. A folder from which a go.work is met before a go.mod, or together with
// it, is a workspace root.
//
// With an error about the workspace, Root is set all the same, so that what an
// earlier run wrote can be taken back. Locate reads files only.
func Locate(dir, gowork string) (Place, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return Place{}, err
	}
	if _, err := os.Stat(abs); err != nil {
		return Place{}, err
	}
	mod, work := above(abs, "go.mod"), workFile(abs, gowork)
	p := Place{Root: mod, Module: mod}
	if work == "" {
		if mod == "" {
			return p, fmt.Errorf("%s: %w: there is no go.mod here or above (go mod init makes one)", abs, ErrNoModule)
		}
		return p, nil
	}
	w, err := readWorkspace(work)
	p.Workspace = w
	if p.atRoot(abs) {
		p.Root, p.Module = w.Dir(), ""
	}
	if err == nil {
		err = p.belongs(abs)
	}
	return p, err
}

// atRoot reports whether no go.mod below the workspace's folder is met on the way up.
func (p Place) atRoot(abs string) bool {
	dir := p.Workspace.Dir()
	return within(abs, dir) && (abs == dir || !within(p.Module, dir))
}

// belongs refuses a folder whose module is not of the workspace: the go command
// does not build it either.
func (p Place) belongs(abs string) error {
	w := p.Workspace
	switch {
	case p.Module == "" && p.Root != "":
		return nil
	case p.Module == "":
		return fmt.Errorf("%s: %w: there is no go.mod here or above, and GOWORK names a workspace elsewhere: %s", abs, ErrNoModule, w.File)
	case w.uses(p.Module):
		return nil
	}
	return fmt.Errorf("%s: the module is not one of the workspace %s, so that the go command does not build it: "+
		"add it with go work use %s, or set GOWORK=off", p.Module, w.File, p.Module)
}

// workFile returns the go.work in effect: what GOWORK names, or the nearest one
// at or above dir; "" if none.
func workFile(dir, gowork string) string {
	switch gowork {
	case "off":
		return ""
	case "":
		if found := above(dir, "go.work"); found != "" {
			return filepath.Join(found, "go.work")
		}
		return ""
	}
	if abs, err := filepath.Abs(gowork); err == nil {
		return abs
	}
	return gowork
}

// above returns the nearest folder at or above dir that holds the file name; "" if none.
func above(dir, name string) string {
	for d := dir; ; d = filepath.Dir(d) {
		if isFile(filepath.Join(d, name)) {
			return d
		}
		if d == filepath.Dir(d) {
			return ""
		}
	}
}

// within reports whether dir is base or lies below it.
func within(dir, base string) bool {
	rel, err := filepath.Rel(base, dir)
	return base != "" && dir != "" && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
