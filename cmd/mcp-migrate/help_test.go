package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpFits: the help of every command fits a window of 80 columns, and shows
// how the command is called.
func TestHelpFits(t *testing.T) {
	for _, name := range []string{"", "migrate", "inspect", "lint", "verify", "doctor", "doctor url", "doctor sessions", "doctor token", "undo", "upgrade", "explain", "version", "completion", "help"} {
		f := newFake(t)
		got := f.run(append(strings.Fields(name), "--help")...)
		if got.code != 0 || got.stderr != "" || !strings.Contains(got.stdout, "Usage:\n  "+strings.TrimSpace("mcp-migrate "+name)) {
			t.Errorf("%s: %+v", name, got)
		}
		for _, line := range strings.Split(got.stdout, "\n") {
			if n := utf8.RuneCountInString(line); n > 80 {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}
