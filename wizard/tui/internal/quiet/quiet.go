// Package quiet keeps bubbletea from asking the terminal a question at start.
//
// When it is initialised, bubbletea v1 asks the terminal on stdout for its
// background colour, in every program that links it and whatever the program is
// about to do. A terminal that does not answer costs every command 5 s (measured
// on a pty; termenv.OSCTimeout), what was typed ahead is swallowed, and a screen
// reader gets escape sequences. There is no switch, but termenv asks nothing
// where CI is set. So CI is set while packages are initialised, and put back
// before main runs.
//
// The order holds by the Go specification ("Program initialization", Go 1.21):
// of the packages whose imports are initialised, the one with the smallest import
// path comes next. This one imports only os, and sorts before
// github.com/muesli/termenv, which bubbletea needs. Package tui, which imports
// both, comes last and calls [Restore]. A test in cmd/mcp-migrate fails when a
// command draws anything on its own.
package quiet

import "os"

// before is what CI was. It is written once, while packages are initialised.
var before = hide()

type setting struct {
	value string
	set   bool
}

func hide() setting {
	value, set := os.LookupEnv("CI")
	if value == "" {
		// It fails only for names and values that hold a zero byte.
		_ = os.Setenv("CI", "quiet")
	}
	return setting{value, set}
}

// Restore puts CI back as it was. Calling it again changes nothing.
func Restore() bool {
	if os.Getenv("CI") != "quiet" {
		return true
	}
	if before.set {
		return os.Setenv("CI", before.value) == nil
	}
	return os.Unsetenv("CI") == nil
}
