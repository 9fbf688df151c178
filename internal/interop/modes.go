package main

import (
	"context"
	"flag"
)

// A mode is something else that this program does than letting clients meet
// servers, when its flag is set.
type mode struct {
	wanted *bool
	run    func(ctx context.Context, clients string) error
}

var modes = []mode{
	{flag.Bool("strict", false, "let a strict OAuth client and the suite for authorization servers try ours"), strict},
}

// chosen returns the mode whose flag is set, or nil.
func chosen() *mode {
	for i := range modes {
		if *modes[i].wanted {
			return &modes[i]
		}
	}
	return nil
}
