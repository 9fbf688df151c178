package main

import (
	"os"
	"runtime/debug"
)

// heapGrowth is by how much per cent the heap may grow between two collections while
// a module is read without the go command. The process ends soon after, and what was
// read is needed until then: to collect as often as a server does is a fifth of the time.
const heapGrowth = 400

// collectSeldom makes collections rare, unless GOGC says what to do.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}
