package rewrite

import "testing"

const vendored = `# example.com/a v1.0.0
## explicit; go 1.21
example.com/a
# example.com/c v1.0.0 => ../c
## go 1.21
example.com/c
example.com/c/sub
# example.com/m v1.0.0
## go 1.20
example.com/m/one
# example.com/z v1.0.0 => example.com/fork v1.2.0
`

func TestVendorListMerge(t *testing.T) {
	for name, tt := range map[string]struct{ fresh, want string }{
		"nothing new":                      {"# example.com/m v1.0.0\n## go 1.20\nexample.com/m/one\n", vendored},
		"required, and nothing of it used": {"# example.com/a v1.0.0\n## explicit; go 1.21\n", vendored},
		"another package, and required by name now": {
			"# example.com/m v1.0.0\n## explicit; go 1.20\nexample.com/m/a\n",
			"# example.com/a v1.0.0\n## explicit; go 1.21\nexample.com/a\n" +
				"# example.com/c v1.0.0 => ../c\n## go 1.21\nexample.com/c\nexample.com/c/sub\n" +
				"# example.com/m v1.0.0\n## explicit; go 1.20\nexample.com/m/a\nexample.com/m/one\n" +
				"# example.com/z v1.0.0 => example.com/fork v1.2.0\n"},
		"another module, and one that was replaced for nothing": {
			"# example.com/b v0.1.0\n## explicit\nexample.com/b\n# example.com/z v1.0.0 => example.com/fork v1.2.0\n## explicit; go 1.21\nexample.com/z\n",
			"# example.com/a v1.0.0\n## explicit; go 1.21\nexample.com/a\n" +
				"# example.com/b v0.1.0\n## explicit\nexample.com/b\n" +
				"# example.com/c v1.0.0 => ../c\n## go 1.21\nexample.com/c\nexample.com/c/sub\n" +
				"# example.com/m v1.0.0\n## go 1.20\nexample.com/m/one\n" +
				"# example.com/z v1.0.0 => example.com/fork v1.2.0\n## explicit; go 1.21\nexample.com/z\n"},
		"another version": {
			"# example.com/m v1.1.0\n## go 1.22\nexample.com/m/one\n",
			"# example.com/a v1.0.0\n## explicit; go 1.21\nexample.com/a\n" +
				"# example.com/c v1.0.0 => ../c\n## go 1.21\nexample.com/c\nexample.com/c/sub\n" +
				"# example.com/m v1.1.0\n## go 1.22\nexample.com/m/one\n" +
				"# example.com/z v1.0.0 => example.com/fork v1.2.0\n"},
	} {
		l := parseVendorList([]byte(vendored))
		l.merge(parseVendorList([]byte(tt.fresh)))
		if got := string(l.format()); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tt.want)
		}
	}
}

// A file belongs to the module with the longest path, as a module may lie below another.
func TestVendorListOwner(t *testing.T) {
	l := parseVendorList([]byte("# example.com/c v1.0.0\nexample.com/c\n# example.com/c/sub v1.0.0\nexample.com/c/sub\n# example.com/z => ../z\n"))
	for name, want := range map[string]string{"example.com/c/c.go": "example.com/c", "example.com/c/sub/s.go": "example.com/c/sub", "example.com/z/z.go": "", "modules.txt": ""} {
		got := ""
		if s := l.owner(name); s != nil {
			got = s.mod.Path
		}
		if got != want {
			t.Errorf("%s belongs to %q, want %q", name, got, want)
		}
	}
}

// What is vendored of a module comes along when it moves to another version, but for
// what nobody can import from outside.
func TestVendorAlongWith(t *testing.T) {
	have := parseVendorList([]byte("# example.com/m v1.0.0\n## go 1.20\nexample.com/m/internal/x\nexample.com/m/one\n# example.com/n v1.0.0\n## go 1.20\nexample.com/n\n"))
	fresh := parseVendorList([]byte("# example.com/m v1.1.0\n## explicit\n# example.com/n v1.0.0\n## explicit\n"))
	if got := alongWith(have, fresh); len(got) != 1 || got[0] != "example.com/m/one" {
		t.Errorf("got %q", got)
	}
}
