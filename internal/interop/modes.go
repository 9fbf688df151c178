package main

import (
	"context"
	"flag"
)

// A mode is something else that this program does than letting clients meet
// servers, when its flag is set.
type mode struct {
	wanted func() bool
	run    func(ctx context.Context, clients string) error
}

var (
	strictFlag  = flag.Bool("strict", false, "let a strict OAuth client and the suite for authorization servers try ours")
	emulateFlag = flag.Bool("emulate", false, "let users sign in at emulated GitHub and Google")
	screensFlag = flag.String("screens", "", "take pictures of the pages that people see into this `folder`, and check them; needs chromium")
	dexFlag     = flag.String("dex", "", "let users sign in at this dex `program` while it changes its keys; takes minutes, and no -clients")
)

var modes = []mode{
	{func() bool { return *strictFlag }, strict},
	{func() bool { return *emulateFlag }, emulate},
	{func() bool { return *screensFlag != "" }, func(ctx context.Context, clients string) error { return screens(ctx, clients, *screensFlag) }},
	{func() bool { return *dexFlag != "" }, func(ctx context.Context, _ string) error { return behindDex(ctx, *dexFlag) }},
}

// chosen returns the mode whose flag is set, or nil.
func chosen() *mode {
	for i := range modes {
		if modes[i].wanted() {
			return &modes[i]
		}
	}
	return nil
}
