package rewrite

import (
	"fmt"
	"testing"
)

// Who writes a manifest says which files an upgrade may replace and remove.
func TestManifestNamesNothingOutsideTheCopy(t *testing.T) {
	for name, want := range map[string]bool{
		"guard.go": true, "session/store.go": true,
		"../main.go": false, "session/../../main.go": false, "/etc/hosts": false, "": false, "./guard.go": false, "a//b.go": false,
	} {
		src := fmt.Sprintf(`{"tool": "mcp-migrate", "version": "v0.1.0", "files": {%q: "00"}}`, name)
		if m, ok := parseManifest([]byte(src)); ok != want || !ok && m.Files != nil {
			t.Errorf("a manifest that names %q: %v, want %v", name, ok, want)
		}
	}
}
