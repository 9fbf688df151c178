//go:build !race

package broker

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/beside"
)

// A guarded call whose token is remembered makes few allocations, wherever sign-ins
// are kept. The race detector makes some of its own.
func TestAGuardedCallAllocatesLittle(t *testing.T) {
	for name, change := range keptIn(t) {
		if name != "memory" && !strings.HasSuffix(name, "-cached") {
			continue
		}
		be := newBench(t, change)
		be.awaitMessages()
		beside.CheckAllocs(t, name, be.guarded(be.signIn().access))
	}
}

// A request costs the same among ten thousand users as among ten: to the last
// allocation, whether its token is remembered or the store is asked.
func TestARequestCostsTheSameAmongMany(t *testing.T) {
	var again, others [2]float64
	for i, n := range []int{10, 10_000} {
		be := newBench(t, roomy)
		tokens := be.crowd(n)
		call := be.guarded(tokens[n/2])
		call()
		again[i] = testing.AllocsPerRun(200, call)
		be.b.cache = nil
		next := 0
		others[i] = testing.AllocsPerRun(200, func() { next++; be.mustVerify(tokens[next*7919%n]) })
	}
	t.Logf("allocations: %v remembered, %v asked", again, others)
	if again[0] != again[1] || others[0] != others[1] {
		t.Errorf("allocations among 10 and 10,000 users: %v remembered, %v asked", again, others)
	}
}
