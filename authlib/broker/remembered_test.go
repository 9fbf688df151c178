package broker

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// What is remembered of a memory store's tokens ends with a revocation, also by
// another broker over the same store, and with a refresh that changes the roles.
func TestWhatMemoryRemembersEndsAtOnce(t *testing.T) {
	store, roles := memstore.New(), []string{"ops"}
	change := func(c *Config) {
		store.Now, c.Store, c.Keys = c.Now, store, [][]byte{bytes.Repeat([]byte{1}, 32)}
		c.Roles = func(context.Context, *provider.Identity) ([]string, error) { return slices.Clone(roles), nil }
	}
	be := newBench(t, change)
	other := be.newBroker(change)
	signedIn := be.signIn()
	if p := be.wantValid(signedIn.access); !p.HasRole("ops") || be.b.cache.order.Len() != 1 {
		t.Fatalf("%v, %d remembered", p.Roles, be.b.cache.order.Len())
	}
	roles = nil
	be.tokens(signedIn.refreshForm())
	p := be.wantValid(signedIn.access)
	if p.HasRole("ops") {
		t.Error("a role is remembered that the refresh took away")
	}
	if err := other.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.wantInvalid(signedIn.access)
}
