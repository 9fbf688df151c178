package authlib

import (
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/matrix"
)

// The matrix that the adapters are tested with has every method that the protocol
// defines for clients, so that none is decided by accident.
func TestMatrixHasEveryMethod(t *testing.T) {
	has := map[string]bool{}
	for _, r := range append(matrix.Rows(), matrix.Listening()...) {
		has[r.Method] = true
		ops, err := Operations([]byte(r.Message()))
		if err != nil || len(ops) == 0 {
			t.Errorf("%s: %v, %v", r, ops, err)
		}
	}
	for m := range protocolMethods {
		if !has[m] {
			t.Errorf("the matrix has no row for %s", m)
		}
	}
}
