package main

import (
	"strings"
	"testing"
)

const twoFiles = `diff --git a/main.go b/main.go
--- a/main.go
+++ b/main.go
@@ -1 +1 @@
-diff --git is only text here
+new
diff --git a/internal/authlib/guard.go b/internal/authlib/guard.go
new file mode 100644
--- /dev/null
+++ b/internal/authlib/guard.go
@@ -0,0 +1,2 @@
+package authlib
+// end
`

func TestDiffShowsTheLibraryInOneLine(t *testing.T) {
	var out strings.Builder
	d := &demo{out: &out}
	d.diff(twoFiles)
	got := out.String()
	if !strings.Contains(got, "   +new\n") || strings.Contains(got, "package authlib") {
		t.Errorf("diff:\n%s", got)
	}
	if !strings.Contains(got, "1 new files of the library authlib below internal/authlib (2 lines)") {
		t.Errorf("no line for the library:\n%s", got)
	}
}

func TestSplitLosesNothing(t *testing.T) {
	if got := strings.Join(split(twoFiles), "\n"); got != twoFiles {
		t.Errorf("split and joined:\n%s", got)
	}
}

func TestWrongCalls(t *testing.T) {
	for _, args := range [][]string{{"-server", "none"}, {"-server", "mcpgo-stdio"}, {"-server", "mcpgo-fiber"}, {"-nonsense"}} {
		var stdout, stderr strings.Builder
		if code := run(t.Context(), args, &stdout, &stderr); code != 2 || stderr.Len() == 0 || stdout.Len() > 0 {
			t.Errorf("demo %q: code %d, stdout %q, stderr %q", args, code, stdout.String(), stderr.String())
		}
	}
}
