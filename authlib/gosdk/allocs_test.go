//go:build !race

package gosdk_test

import (
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/beside"
)

// Guard and middleware make few allocations more than the bare server, whatever the
// arguments. The race detector makes some of its own.
func TestAGuardedCallAllocatesLittleMore(t *testing.T) {
	for name, arguments := range beside.Arguments {
		bare, guarded := within(t, arguments)
		n := beside.Allocs(bare, guarded)
		t.Logf("%s: %.0f allocations", name, n)
		if n > beside.MostAllocs {
			t.Errorf("%s: %.0f allocations more, want %d at most", name, n, beside.MostAllocs)
		}
	}
}
