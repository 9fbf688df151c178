package broker

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// heard waits until the other replica knows what the first one has ended.
func heard(t *testing.T, be *bench, other *Broker) {
	t.Helper()
	tok := be.signIn()
	if !valid(other, tok.access) {
		t.Fatal("the other replica does not know the token")
	}
	if err := be.b.dropGrant(context.Background(), be.wantValid(tok.access).Claims[claimSession].(string)); err != nil {
		t.Fatal(err)
	}
	soon(t, "the message", func() bool { return !valid(other, tok.access) })
}

// forget makes the replicas ask the store.
func forget(be *bench) { be.advance(maxCacheFor) }

// When Redis goes back to before a token was revoked, or a user signed out, no replica
// takes the token again; and neither does one that starts afterwards, once the others
// have looked.
func TestNoRevokedTokenComesBack(t *testing.T) {
	for name, end := range map[string]func(be *bench, tok tokens){
		"revoked by its client": func(be *bench, tok tokens) {
			be.post(pathRevoke, url.Values{"client_id": {tok.client}, "token": {tok.refresh}})
		},
		"signed out everywhere": func(be *bench, tok tokens) {
			p := be.wantValid(tok.access)
			if err := be.b.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
				be.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			be, other, m := replicas(t)
			tok := be.signIn()
			back := redistest.Remember(t, m)
			end(be, tok)
			heard(t, be, other)
			back()
			forget(be)
			be.wantInvalid(tok.access)
			if valid(other, tok.access) {
				t.Error("the other replica takes it")
			}
			be.refused(tok.refreshForm(), "invalid_grant")
			soon(t, "protection of a new replica", func() bool { return !valid(be.newBroker(overRedis(t, m)), tok.access) })
			be.wantValid(be.signIn().access)
		})
	}
}

// When Redis goes back to before a refresh, the user of the new tokens signs in again,
// and neither the old refresh token nor the new one gives anything at any replica. Who
// did not refresh meanwhile goes on.
func TestNoUsedRefreshTokenComesBack(t *testing.T) {
	be, other, m := replicas(t)
	before, stays := be.signIn(), be.signIn()
	back := redistest.Remember(t, m)
	after := be.tokens(before.refreshForm())
	heard(t, be, other)
	back()
	forget(be)
	for what, b := range map[string]*Broker{"the replica that refreshed": be.b, "the other": other} {
		be.serve(b)
		be.refused(before.refreshForm(), "invalid_grant")
		be.refused(after.refreshForm(), "invalid_grant")
		if valid(b, before.access) || valid(b, after.access) {
			t.Errorf("%s takes an access token of the family", what)
		}
		if !valid(b, stays.access) {
			t.Errorf("%s ended somebody else's", what)
		}
	}
	be.tokens(stays.refreshForm())
}

// A used code, a used login and a used-up consent are used for good.
func TestNoUsedCodeComesBack(t *testing.T) {
	be, other, m := replicas(t)
	f := be.newFlow(be.register("")["client_id"].(string))
	code := be.code(f)
	back := redistest.Remember(t, m)
	tok := be.tokens(f.exchange(code))
	heard(t, be, other)
	back()
	for _, b := range []*Broker{be.b, other} {
		be.serve(b)
		be.refused(f.exchange(code), "invalid_grant")
	}
	forget(be)
	be.wantInvalid(tok.access) // it was lost: the user signs in again
	be.tokens(f.exchange(be.code(f)))
}

// A user whose newest sign-in was lost keeps the others, and is signed out of them.
func TestAfterGoingBackSignOutFindsTheOthers(t *testing.T) {
	be, _, m := replicas(t)
	first := be.signIn()
	back := redistest.Remember(t, m)
	lost := be.signIn()
	back()
	forget(be)
	be.wantInvalid(lost.access)
	p := be.wantValid(first.access)
	if err := be.b.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.wantInvalid(first.access)
	be.refused(first.refreshForm(), "invalid_grant")
}

// Where every process has stopped that knew of a revocation, and Redis goes back to
// before it, nobody can know; a new key ends everything.
func TestWhenNobodyIsLeftWhoKnowsANewKeyEndsAll(t *testing.T) {
	be, other, m := replicas(t)
	tok := be.signIn()
	back := redistest.Remember(t, m)
	be.post(pathRevoke, url.Values{"client_id": {tok.client}, "token": {tok.access}})
	for _, b := range []*Broker{be.b, other} {
		if err := b.cfg.Store.(interface{ Close() error }).Close(); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(10 * time.Millisecond)
	back()
	if !valid(be.newBroker(overRedis(t, m)), tok.access) {
		t.Error("a new process knows; say so in docs/redis.md")
	}
	if valid(be.newBroker(newKey(t, m)), tok.access) {
		t.Error("the token is taken with a new key")
	}
}

func newKey(t *testing.T, m *miniredis.Miniredis) func(*Config) {
	return func(c *Config) {
		overRedis(t, m)(c)
		keys, err := session.ParseKeys(session.NewKey())
		if err != nil {
			t.Fatal(err)
		}
		c.Keys = keys
	}
}
