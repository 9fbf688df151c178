package load

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// A tree is what lies below a folder, found in one walk.
type tree struct {
	files []string // Go files that are no tests, nested modules' included
	mods  []string // folders below it that hold a go.mod, outer ones first

	unread map[string]error // by folder or file that can't be read; what could be is there
}

// treeOf walks the folder of a module once for all who ask.
func (p *Program) treeOf(dir string) *tree {
	t := p.trees[dir]
	if t == nil {
		t = walkTree(dir, -1)
		if p.trees == nil {
			p.trees = map[string]*tree{}
		}
		p.trees[dir] = t
	}
	return t
}

// GoFiles lists the Go files of a module that "./..." would build, whatever the build,
// without tests: absolute, by name within each folder.
func (p *Program) GoFiles(m *Module) ([]string, error) {
	t, root := p.treeOf(m.Dir), filepath.Clean(m.Dir)
	other := map[string]bool{}
	for _, dir := range t.mods {
		other[dir] = true
	}
	for _, name := range slices.Sorted(maps.Keys(t.unread)) {
		if !inFolder(name, root, other) {
			return nil, t.unread[name]
		}
	}
	var list []string
	for _, name := range t.files {
		if len(t.mods) == 0 || !inFolder(filepath.Dir(name), root, other) {
			list = append(list, name)
		}
	}
	return list, nil
}

// inFolder reports whether dir is one of the folders or lies below one; what is known of
// the folders on the way up to root is added.
func inFolder(dir, root string, folders map[string]bool) bool {
	if dir == root || len(dir) < len(root) {
		return false
	}
	is, known := folders[dir]
	if !known {
		is = inFolder(filepath.Dir(dir), root, folders)
		folders[dir] = is
	}
	return is
}

// walkTree walks the folders below dir, as deep as depth says; a negative one has no end.
func walkTree(dir string, depth int) *tree {
	t := &tree{unread: map[string]error{}}
	root := dir + string(filepath.Separator) // also where dir is a link
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			t.unread[filepath.Clean(name)] = err
			return nil
		}
		base := d.Name()
		switch {
		case d.IsDir():
			if name != root && (LeaveOut(base) || depth >= 0 && strings.Count(name[len(root):], string(filepath.Separator)) >= depth) {
				return filepath.SkipDir
			}
		case base == "go.mod":
			if in := filepath.Dir(name); in != filepath.Clean(dir) && (d.Type()&fs.ModeSymlink == 0 || isFile(name)) {
				t.mods = append(t.mods, in)
			}
		case strings.HasSuffix(base, ".go") && !strings.HasSuffix(base, "_test.go") && base[0] != '_' && base[0] != '.':
			t.files = append(t.files, name)
		}
		return nil
	})
	slices.Sort(t.mods)
	return t
}
