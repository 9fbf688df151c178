package authlib

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// A verifier that panics over the token of an open stream ends that stream, and not the
// program.
func TestAPanicOfTheVerifierEndsTheStreamOnly(t *testing.T) {
	var asked atomic.Int64
	g := newGuard(t, func(c *Config) {
		c.Verifier = VerifierFunc(func(ctx context.Context, token string) (*Principal, error) {
			if asked.Add(1) > 1 {
				panic("the issuer's keys are nil")
			}
			return people(ctx, token)
		})
	})
	g.recheck = 5 * time.Millisecond
	through(g, post(call("tools/call", `{"name":"echo"}`), as("alice")...), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
			t.Error("it went on")
		}
	}))
}
