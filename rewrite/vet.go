package rewrite

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// noVersion is the version by which the go command asks for a replaced module.
const noVersion = "v0.0.0-00010101000000-000000000000"

// vetOverlay returns the flags with which go vet sees the migrated program. go vet
// changes into each package's folder, so that a folder which exists in an overlay
// only is a fault to it. The new copy of authlib is therefore given to it as a
// module of its own in the scratch folder, under the import path that the copy
// will have.
func vetOverlay(p *Plan, scratch string) ([]string, error) {
	if p.copyDir == "" || fileExists(filepath.Join(p.Program.Dir, filepath.FromSlash(p.copyDir))) {
		return overlay(p, filepath.Join(scratch, "vet"), p.Files, p.mod)
	}
	var rest []FileChange
	copied := filepath.Join(scratch, "authlib")
	for _, f := range p.Files {
		name, ok := strings.CutPrefix(f.Rel, p.copyDir+"/")
		if !ok {
			rest = append(rest, f)
			continue
		}
		if err := writeNew(filepath.Join(copied, filepath.FromSlash(name)), f.New); err != nil {
			return nil, err
		}
	}
	mod, err := withCopy(p, copied)
	if err != nil {
		return nil, err
	}
	return overlay(p, filepath.Join(scratch, "vet"), rest, mod)
}

// withCopy makes the folder copied a module, and returns the plan's go.mod with
// that module in it.
func withCopy(p *Plan, copied string) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", p.mod, nil)
	if err != nil {
		return nil, err
	}
	importPath := path.Join(p.Program.Module, p.copyDir)
	var own bytes.Buffer
	fmt.Fprintf(&own, "module %s\n\ngo %s\n", importPath, p.Program.GoVersion)
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
