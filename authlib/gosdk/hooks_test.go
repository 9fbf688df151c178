package gosdk

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// hooks.json, the files and their build tags have to agree: whoever copies the
// adapter takes a hook's file or its twin by that table.
func TestHooksTable(t *testing.T) {
	b, err := os.ReadFile("hooks.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct{ Hook, Since string }
	if err := json.Unmarshal(b, &table); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		if strings.HasPrefix(f.Name(), "hook_") {
			n++
		}
	}
	if n != 2*len(table) {
		t.Errorf("%d files for %d hooks", n, len(table))
	}
	for _, h := range table {
		if !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(h.Since) {
			t.Errorf("%s: since %q", h.Hook, h.Since)
		}
		for file, tag := range map[string]string{
			"hook_" + h.Hook + ".go":     "//go:build !authlib_no_" + h.Hook + "\n",
			"hook_" + h.Hook + "_off.go": "//go:build authlib_no_" + h.Hook + "\n",
		} {
			if src, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(src), tag) {
				t.Errorf("%s does not begin with %q: %v", file, tag, err)
			}
		}
	}
}
