package rewrite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A module with a vendor folder is verified as it is built: from that folder. The
// go command reads vendor/modules.txt past every overlay, and takes no -modfile
// there. So the planned tree stands in a folder of its own: what changes is written
// there, everything else is a place in the overlay, and nothing is copied.

// skippedFolders hold no source of the module, and may be large.
var skippedFolders = []string{".git", "node_modules"}

// standVendored lays the planned tree out in dir.
func (t planned) standVendored(dir string) (stood, error) {
	root := filepath.Join(dir, "module")
	replace, err := t.mirror(root)
	if err != nil {
		return stood{}, err
	}
	for _, f := range t.files {
		name := filepath.Join(root, filepath.FromSlash(f.Rel))
		delete(replace, name)
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) { // a link to the file on disk
			return stood{}, err
		}
		if f.New == nil {
			continue
		}
		if err := writeNew(name, f.New); err != nil {
			return stood{}, err
		}
	}
	s, err := t.withOverlay(dir, replace)
	s.dir, s.env = root, []string{"GOWORK=off"}
	s.flags = append(s.flags, "-mod=vendor", "-trimpath") // else every folder is compiled anew
	return s, err
}

// mirror makes the folders of the module below root, and returns the overlay that
// puts its files there. What is no Go source is linked as well, where the system
// lets us: a cgo directive may name it to another program than the go command.
func (t planned) mirror(root string) (map[string]string, error) {
	replace := map[string]string{}
	err := filepath.WalkDir(t.prog.Dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) && d != nil && d.IsDir() {
			return fs.SkipDir // a folder that the build can't read either
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(t.prog.Dir, name)
		if err != nil {
			return err
		}
		there := filepath.Join(root, rel)
		switch {
		case d.IsDir() && slices.Contains(skippedFolders, d.Name()):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(there, 0o700)
		case rel == "go.mod" || rel == "go.sum" || filepath.ToSlash(rel) == vendorFile:
			return copyFile(there, name)
		case !d.Type().IsRegular():
			return linkIfThere(there, name)
		}
		replace[there] = name
		if filepath.Ext(name) != ".go" {
			_ = os.Symlink(name, there) // without it only such a directive fails, and says so
		}
		return nil
	})
	return replace, err
}

// linkIfThere links to what a link of the module leads to. One that leads nowhere
// is no part of a build.
func linkIfThere(there, name string) error {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return nil
	}
	return os.Symlink(real, there)
}

func copyFile(to, from string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeNew(to, content)
}
