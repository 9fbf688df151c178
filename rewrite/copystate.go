package rewrite

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// Copies says of every copy of authlib in the modules that res looked at whether it is
// what opt's version of the tool copies, for the SDK that go.mod has. It reads the files
// of the copies, and nothing else.
func Copies(res *analyze.Result, opt Options) []analyze.Copy {
	b := newBuilder(res, upgradeAnswers, opt)
	copies := b.copies()
	var out []analyze.Copy
	for _, m := range b.prog.Modules {
		for _, dir := range copies[m] {
			c := stateOf(filepath.Join(m.Dir, filepath.FromSlash(dir)), sdkVersions(res, m, opt), opt)
			c.Dir = rebase(dir, m.Dir, b.prog.Dir)
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(x, y analyze.Copy) int { return strings.Compare(x.Dir, y.Dir) })
	return out
}

// stateOf compares the copy in dir with its manifest, and that with what opt renders.
func stateOf(dir string, sdks map[string]string, opt Options) analyze.Copy {
	m, _ := readManifest(dir)
	c := analyze.Copy{Version: m.Version, Latest: opt.Version, Changed: append([]string{}, m.changedIn(dir)...)}
	files, ok := renderLike(m, opt)
	c.Old = !ok || slices.ContainsFunc(slices.Collect(maps.Keys(m.Files)), func(name string) bool { return files[name] == nil || sumOf(files[name]) != m.Files[name] }) ||
		len(files) != len(m.Files)+1 // the manifest itself
	fitting := copySpec{off: m.Off, sdkVersion: sdks}
	off := []string{}
	for _, sub := range m.bundled(opt.Authlib) {
		tags, err := fitting.offTags(opt.Authlib, sub)
		if err != nil {
			c.Old = true
		}
		off = append(off, tags...)
	}
	c.Hooks, c.Missing = hooksBeside(m.Off, off), hooksBeside(off, m.Off)
	return c
}

// hooksBeside returns the hooks of the tags in a that b lacks.
func hooksBeside(a, b []string) []string {
	out := []string{}
	for _, tag := range a {
		if !slices.Contains(b, tag) {
			out = append(out, strings.TrimPrefix(tag, "authlib_no_"))
		}
	}
	slices.Sort(out)
	return out
}

// changedIn returns the files of the copy in dir that are not as m has them: changed,
// gone, or not of the copy and built with it.
func (m manifest) changedIn(dir string) []string {
	var out []string
	for name, sum := range m.Files {
		if src, linked := readRegular(filepath.Join(dir, filepath.FromSlash(name))); linked || src == nil || sumOf(src) != sum {
			out = append(out, name)
		}
	}
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(name, dir), string(filepath.Separator)))
		if _, known := m.Files[rel]; !known && rel != manifestName && (built[path.Ext(rel)] || !d.Type().IsRegular()) {
			out = append(out, rel)
		}
		return nil
	})
	if src, err := os.ReadFile(filepath.Join(dir, manifestName)); err == nil && bytes.Contains(src, []byte("\r\n")) {
		out = append(out, manifestName)
	}
	slices.Sort(out)
	return out
}
