package mcpmigrate_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What docs/testing-your-server.md shows is code of authtest's own tests, line by
// line: it compiles, and it passes.
func TestTestingPageShowsTestedCode(t *testing.T) {
	page, err := os.ReadFile("docs/testing-your-server.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("authlib/authtest/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(src)
	}
	blocks := strings.Split(string(page), "```go\n")
	if len(blocks) != 3 {
		t.Fatalf("%d blocks of Go", len(blocks)-1)
	}
	for _, block := range blocks[1:] {
		code, _, found := strings.Cut(block, "```\n")
		if !found || !strings.Contains(tests.String(), code) {
			t.Errorf("no test of authtest has this:\n%s", code)
		}
	}
}

// A page that names a test as proof names one that is there.
func TestPagesNameTestsThatExist(t *testing.T) {
	have, named := map[string]bool{}, 0
	each := func(root, suffix string, f func(name, text string)) {
		err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, suffix) {
				return err
			}
			text, err := os.ReadFile(name)
			f(name, string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	each(".", "_test.go", func(_, text string) {
		for _, m := range testDecl.FindAllStringSubmatch(text, -1) {
			have[m[1]] = true
		}
	})
	each("docs", ".md", func(page, text string) {
		for _, m := range testName.FindAllStringSubmatch(text, -1) {
			if named++; !have[m[1]] {
				t.Errorf("%s names %s, which is no test", page, m[1])
			}
		}
	})
	if named < 20 {
		t.Errorf("the pages name %d tests", named)
	}
}

var (
	testDecl = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	testName = regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Z]\\w+)`")
)
