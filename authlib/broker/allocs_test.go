//go:build !race

package broker

import (
	"cmp"
	"os"
	"strconv"
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
// allocation, whether its token is remembered or the store is asked. MANY_USERS names
// how many more to try it with: a million need some 2 GB.
func TestARequestCostsTheSameAmongMany(t *testing.T) {
	first := costAmong(t, 10)
	for _, n := range []int{10_000, users(t)} {
		if cost := costAmong(t, n); cost != first {
			t.Errorf("allocations among 10 and %d users: %+v, %+v", n, first, cost)
		}
	}
}

// So it does in Redis, which a process of its own has to be for as many as a hundred
// thousand.
func TestARequestCostsTheSameAmongManyInRedis(t *testing.T) {
	address, many := benchAddress(t), 2_000
	if os.Getenv("REDIS_TEST_SERVER") != "" {
		many = 100_000
	}
	var first float64
	for _, n := range []int{10, many} {
		be := newBench(t, at(t, address))
		tokens, next := be.populate(n), 0
		cost := leastAllocs(func() { next++; be.wantValid(tokens[next*7919%n]) })
		t.Logf("%v allocations among %d users", cost, n)
		if n == 10 {
			first = cost
		}
		if cost != first {
			t.Errorf("allocations among 10 and %d users: %v, %v", n, first, cost)
		}
	}
}

// users is how many MANY_USERS says.
func users(t *testing.T) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("MANY_USERS"), "100"))
	if err != nil || n < 10 {
		t.Fatalf("MANY_USERS is %q", os.Getenv("MANY_USERS"))
	}
	return n
}

// A cost is in allocations: of a call whose token is remembered, and of asking the store.
type cost struct{ remembered, asked float64 }

func costAmong(t *testing.T, n int) (c cost) {
	t.Helper()
	be := newBench(t, roomy)
	tokens := be.crowd(n)
	call := be.guarded(tokens[n/2])
	c.remembered = leastAllocs(call)
	be.b.cache = nil
	next := 0
	c.asked = leastAllocs(func() { next++; be.mustVerify(tokens[next*7919%n]) })
	t.Logf("%+v among %d users", c, n)
	return c
}

// leastAllocs is what a call allocates, where nothing goes on beside it: that can only add
// to it, so that many short looks find a quiet one, also on a busy machine.
func leastAllocs(call func()) float64 {
	call()
	least := testing.AllocsPerRun(20, call)
	for range 50 {
		least = min(least, testing.AllocsPerRun(20, call))
	}
	return least
}
