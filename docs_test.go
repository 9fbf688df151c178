package mcpmigrate_test

import (
	"os"
	"path/filepath"
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
