package main

import (
	"os"
	"runtime/debug"
)

// By how much per cent the heap may grow between two collections. While a module is
// read without the go command it is small, and what was read is needed to the end: to
// collect as often as a server does would be a fifth of the time. Looking at it then
// leaves more behind, and there is more to lose.
const (
	growthReading = 400
	growthLooking = 150
)

// collectSeldom sets how rare collections are, unless GOGC in the environment does.
func collectSeldom(growth int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
}
