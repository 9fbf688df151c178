//go:build !race

package jwtauth

import (
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/beside"
)

// A guarded call with a token that is known makes few allocations, however it was
// signed. The race detector makes some of its own.
func TestAGuardedCallAllocatesLittle(t *testing.T) {
	for _, alg := range algorithms {
		v, token := signedBy(t, alg)
		beside.CheckAllocs(t, alg, beside.Guarded(t, resource, v, token, beside.Call("echo", beside.Arguments["small"])))
	}
}
