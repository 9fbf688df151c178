package main

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

// TestMain makes the test binary answer to the name mcp-migrate as well, so that
// scripts run the real program without building it; and to three more, as builds
// that have a version; one of them brings another authlib along.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mcp-migrate":             main,
		"mcp-migrate-released":    func() { released = release; main() },
		"mcp-migrate-next":        func() { released, library = "v0.10.0", nextLibrary(); main() },
		"mcp-migrate-unpublished": func() { released = "v0.9.8"; main() },
	})
}

// TestScript runs every script of testdata/script, as testdata/script/README.md
// explains.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// A script means a person at home, whatever runs the tests.
			env.Setenv("CI", "")
			env.Setenv("HOME", filepath.Join(env.WorkDir, ".home")) // not one that runs share
			env.Setenv("GOFLAGS", "-mod=mod -trimpath -ldflags=-w") // what one script has built serves the others
			return shareCaches(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "server": layServer, "tree": sameTree, "publish": publish, "signedin": signedIn(t)},
	})
}
