//go:build !race

package authlib

import (
	"strings"
	"testing"
)

// What the guard adds to each call has a bound: of allocations, since time depends
// on the machine and on what else runs there. They do not grow with the body.
// The race detector makes some of its own.
func TestTheWarmPathAllocatesLittle(t *testing.T) {
	const bound = 25
	for name, body := range map[string]string{
		"a small call": call("tools/call", `{"name":"echo"}`),
		"4 KiB":        call("tools/call", `{"name":"echo","arguments":{"text":"`+strings.Repeat("x", 4<<10)+`"}}`),
		"60 KiB":       call("tools/call", `{"name":"echo","arguments":{"items":[`+strings.Repeat(`{"id":12345},`, 60<<10/13)+`{}]}}`),
	} {
		serve := warm(t, body)
		if n := testing.AllocsPerRun(200, serve); n > bound {
			t.Errorf("%s: %.0f allocations, want %d at most", name, n, bound)
		}
	}
}
