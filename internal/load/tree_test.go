package load

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestGoFilesEndAtNestedModules(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"go.mod", "a.go", "a_test.go", "_b.go", ".c.go", "text.txt", "x/x.go", "x/y/y.go",
		"in/go.mod", "in/in.go", "in/deep/deep.go", "in/deep/of/go.mod", "in/deep/of/of.go", "inside/i.go",
		"vendor/v/v.go", "testdata/t.go", ".hidden/h.go", "_off/o.go", "node_modules/n.go",
		"folder/go.mod/readme", "folder/f.go",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("module example.com/m\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := &Program{Dir: dir}
	files, err := p.GoFiles(&Module{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, name := range files {
		rel, _ := filepath.Rel(dir, name)
		got = append(got, filepath.ToSlash(rel))
	}
	want := []string{"a.go", "folder/f.go", "inside/i.go", "x/x.go", "x/y/y.go"}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var mods []string
	for _, n := range nested(dir, p.treeOf(dir)) {
		mods = append(mods, n.Rel)
	}
	if want := []string{"in", "in/deep/of"}; !slices.Equal(mods, want) {
		t.Errorf("nested modules %q, want %q", mods, want)
	}
	if got := Below(dir); len(got) != 2 {
		t.Errorf("below: %v", got)
	}
}

// TestGoFilesSayWhatCannotBeRead: a folder that can't be read may hold anything.
func TestGoFilesSayWhatCannotBeRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if _, err := (&Program{}).GoFiles(&Module{Dir: dir}); err == nil {
		t.Error("a folder that is not there has files")
	}
}
