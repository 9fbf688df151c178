package main

import (
	"testing"
)

const smallDiff = "diff --git a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n a\t\r\n-\x1b[2Jb\n+c\n+--- d\n\\ No newline at end of file"

func TestDiffInColour(t *testing.T) {
	want := "\x1b[1mdiff --git a/x b/x\x1b[0m\n\x1b[1mnew file mode 100644\x1b[0m\n\x1b[1m--- a/x\x1b[0m\n\x1b[1m+++ b/x\x1b[0m\n" +
		"\x1b[36m@@ -1 +1,2 @@\x1b[0m\n a\t\n\x1b[31m-\\x1b[2Jb\x1b[0m\n\x1b[32m+c\x1b[0m\n\x1b[32m+--- d\x1b[0m\n\\ No newline at end of file"
	if got := (palette{on: true}).diff(smallDiff); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if got := (palette{}).diff(smallDiff); got != smallDiff {
		t.Errorf("without colours it is not what it was: %q", got)
	}
}

// TestDryRunBytes: git gets what the plan's diff is, a person sees it painted.
func TestDryRunBytes(t *testing.T) {
	plain := "diff --git a/main.go b/main.go\n"
	painted := "\x1b[1mdiff --git a/main.go b/main.go\x1b[0m\n"
	for _, c := range []struct {
		terminal bool
		env      []string
		args     []string
		want     string
	}{
		{want: plain},
		{terminal: true, want: painted},
		{terminal: true, env: []string{"NO_COLOR=1"}, want: plain},
		{terminal: true, env: []string{"TERM=dumb"}, want: plain},
		{terminal: true, args: []string{"--color", "never"}, want: plain},
		{args: []string{"--color", "always"}, want: painted},
	} {
		f := newFake(t)
		f.terminal, f.env = c.terminal, c.env
		got := f.run(append(c.args, "migrate", "--provider", "dev", "--yes", "--dry-run")...)
		if got.code != 0 || got.stdout != c.want {
			t.Errorf("%+v: exit %d, %q", c, got.code, got.stdout)
		}
	}
}
