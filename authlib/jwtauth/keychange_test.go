package jwtauth

import (
	"fmt"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
)

// An issuer that changes its key before each call, and drops the old one at once,
// is followed: a new key is no invention, though it comes every second.
func TestKeysThatChangeBetweenCalls(t *testing.T) {
	b := newBench(t, nil)
	for range 10 {
		b.is.Rotate()
		b.good(b.mint(nil))
		b.clock.Advance(time.Second)
	}
	if n := b.is.Calls(authtest.IssuerKeys); n != 10 {
		t.Errorf("%d fetches of the keys, want 10", n)
	}
}

// What strangers make up is looked for once in 30 seconds, and a key that is new
// then has to wait that long, and no longer.
func TestInventedKeysHoldANewOneUpForAWhileOnly(t *testing.T) {
	b := newBench(t, nil)
	b.good(b.mint(nil))
	b.clock.Advance(time.Second)
	b.bad("invented", b.is.MintAs("at+jwt", "invented", b.claims(nil)), authlib.ErrInvalidToken)
	b.clock.Advance(time.Second)
	b.is.Rotate()
	b.bad("new, but somebody just asked in vain", b.mint(nil), authlib.ErrInvalidToken)
	b.clock.Advance(29 * time.Second)
	b.good(b.mint(nil))
	b.clock.Advance(time.Second)
	before := b.is.Calls(authtest.IssuerKeys)
	for n := range 50 {
		b.bad("invented", b.is.MintAs("at+jwt", fmt.Sprint("invented-", n), b.claims(nil)), authlib.ErrInvalidToken)
	}
	if n := b.is.Calls(authtest.IssuerKeys) - before; n != 1 {
		t.Errorf("%d fetches of the keys for invented ones, want 1", n)
	}
}
