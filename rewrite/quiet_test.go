package rewrite_test

import (
	"strings"
	"testing"
)

// quiet keeps the go command off a workspace and other toolchains around the test,
// and gives the journal a place of the test's own. What is built is the same for
// every folder, and nobody debugs it; it stays in the build cache of the machine,
// which would else move with the journal and begin empty.
func quiet(t *testing.T) {
	t.Helper()
	t.Setenv("GOCACHE", strings.TrimSpace(runGo(t, ".", "env", "GOCACHE")))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("GOFLAGS", "-trimpath -ldflags=-w")
	t.Setenv("GOWORK", "off")
	t.Setenv("GOTOOLCHAIN", "local")
}
