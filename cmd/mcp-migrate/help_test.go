package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpFits: the help of every command fits a window of 80 columns, and shows
// how the command is called.
func TestHelpFits(t *testing.T) {
	for _, name := range []string{"", "migrate", "inspect", "lint", "verify", "undo", "upgrade", "explain", "version", "completion", "help"} {
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

// TestHelpPromisesNothing: commands and flags that this version doesn't have are
// not in the help.
func TestHelpPromisesNothing(t *testing.T) {
	f := newFake(t)
	all := f.run("--help").stdout + f.run("migrate", "--help").stdout
	for _, word := range []string{"doctor"} {
		if strings.Contains(all, word) {
			t.Errorf("the help speaks of %s", word)
		}
	}
}
