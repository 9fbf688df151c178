package rewrite

import (
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	mcpmigrate "github.com/mcp-migrate/mcp-migrate"
)

// hooks.json, the files and their build tags have to agree: a copy of an adapter
// takes a hook's file or its twin by that table.
func TestHooksTables(t *testing.T) {
	tables, err := fs.Glob(mcpmigrate.Bundle, "authlib/*/hooks.json")
	if err != nil || len(tables) < 2 {
		t.Fatalf("tables %q, %v", tables, err)
	}
	for _, table := range tables {
		checkHooks(t, path.Dir(table))
	}
}

func checkHooks(t *testing.T, dir string) {
	t.Helper()
	b, err := fs.ReadFile(mcpmigrate.Bundle, dir+"/hooks.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct{ Hook, Since string }
	if err := json.Unmarshal(b, &table); err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	if files, err := fs.Glob(mcpmigrate.Bundle, dir+"/hook_*"); err != nil || len(files) != 2*len(table) {
		t.Errorf("%s: %d files for %d hooks, %v", dir, len(files), len(table), err)
	}
	for _, h := range table {
		if !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(h.Since) {
			t.Errorf("%s: %s: since %q", dir, h.Hook, h.Since)
		}
		for file, tag := range map[string]string{
			"hook_" + h.Hook + ".go":     "//go:build !authlib_no_" + h.Hook + "\n",
			"hook_" + h.Hook + "_off.go": "//go:build authlib_no_" + h.Hook + "\n",
		} {
			if src, err := fs.ReadFile(mcpmigrate.Bundle, path.Join(dir, file)); err != nil || !strings.HasPrefix(string(src), tag) {
				t.Errorf("%s/%s does not begin with %q: %v", dir, file, tag, err)
			}
		}
	}
}
