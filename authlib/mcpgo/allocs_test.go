//go:build !race

package mcpgo_test

import (
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/beside"
)

// Guard and hooks make few allocations more than the bare server, whatever the
// arguments. The race detector makes some of its own.
func TestAGuardedCallAllocatesLittleMore(t *testing.T) {
	for name, arguments := range beside.Arguments {
		for _, stateless := range []bool{false, true} {
			bare, guarded := within(t, stateless, arguments)
			n := beside.Allocs(bare, guarded)
			t.Logf("%s, stateless %v: %.0f allocations", name, stateless, n)
			if n > beside.MostAllocs {
				t.Errorf("%s, stateless %v: %.0f allocations more, want %d at most", name, stateless, n, beside.MostAllocs)
			}
		}
	}
}
