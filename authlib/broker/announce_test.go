package broker

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
)

// overRedis keeps everything in m and caches for as long as is allowed. The clock of
// these tests stands still, so that nothing cached ends by itself.
func overRedis(t testing.TB, m *miniredis.Miniredis) func(*Config) {
	return func(c *Config) {
		s, err := redisstore.Open(redisstore.Config{URL: "redis://" + m.Addr(), Resource: c.Resource, Logger: quiet(), Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		c.Store, c.Keys, c.CacheFor = s, [][]byte{make([]byte, 32)}, maxCacheFor
	}
}

// replicas are two brokers over one Redis that listen to each other.
func replicas(t *testing.T) (be *bench, other *Broker, m *miniredis.Miniredis) {
	t.Helper()
	m = miniredis.RunT(t)
	be = newBench(t, overRedis(t, m))
	other = be.newBroker(overRedis(t, m))
	listening(t, be.b, true)
	listening(t, other, true)
	return be, other, m
}

// soon waits until is holds.
func soon(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("%s did not come about", what)
}

func listening(t testing.TB, b *Broker, want bool) {
	t.Helper()
	soon(t, "listening", func() bool {
		b.cache.mu.Lock()
		defer b.cache.mu.Unlock()
		return b.cache.off != want
	})
}

func valid(b *Broker, token string) bool {
	_, err := b.Verify(context.Background(), token)
	return err == nil
}

// However a sign-in ends at one replica, the other refuses its token at once, and
// keeps what it knows of others.
func TestRevocationIsHeardByOtherReplicas(t *testing.T) {
	for name, end := range map[string]func(be *bench, tok tokens){
		"the client revokes": func(be *bench, tok tokens) {
			if res := be.post(pathRevoke, url.Values{"client_id": {tok.client}, "token": {tok.access}}); res.StatusCode != http.StatusOK {
				be.Fatalf("revoke: %d", res.StatusCode)
			}
		},
		"the user is signed out": func(be *bench, tok tokens) {
			p := be.wantValid(tok.access)
			if err := be.b.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
				be.Fatal(err)
			}
		},
		"a refresh token is used again": func(be *bench, tok tokens) {
			be.tokens(be.tokens(tok.refreshForm()).refreshForm())
			be.b.cfg.Now = func() time.Time { return be.clock.Now().Add(2 * reuseGrace) }
			be.refused(tok.refreshForm(), "invalid_grant")
		},
	} {
		t.Run(name, func(t *testing.T) {
			be, other, _ := replicas(t)
			tok := be.signIn()
			for range 2 {
				if !valid(other, tok.access) {
					t.Fatal("the other replica does not know the token")
				}
			}
			end(be, tok)
			soon(t, "the refusal at the other replica", func() bool { return !valid(other, tok.access) })
			be.wantInvalid(tok.access)
		})
	}
}

func TestRevocationLeavesOthersCached(t *testing.T) {
	be, other, m := replicas(t)
	stays, goes := be.signIn(), be.signIn()
	p := be.wantValid(goes.access)
	if !valid(other, stays.access) || !valid(other, goes.access) {
		t.Fatal("the other replica does not know the tokens")
	}
	if err := be.b.dropGrant(context.Background(), p.Claims[claimSession].(string)); err != nil {
		t.Fatal(err)
	}
	soon(t, "the refusal", func() bool { return !valid(other, goes.access) })
	m.FlushAll() // nobody is told; whoever has not cached asks, and refuses
	if !valid(other, stays.access) {
		t.Error("another sign-in was dropped as well, or is never cached")
	}
	be.advance(maxCacheFor)
	if valid(other, stays.access) {
		t.Error("it is believed for longer than CacheFor")
	}
}

// mute is a store that cannot tell anybody.
type mute struct{ session.Store }

// A store without messages leaves the bound.
func TestWithoutMessagesTheBoundHolds(t *testing.T) {
	m := miniredis.RunT(t)
	silently := func(c *Config) { overRedis(t, m)(c); c.Store = mute{c.Store} }
	be := newBench(t, silently)
	other := be.newBroker(silently)
	tok := be.signIn()
	p := be.wantValid(tok.access)
	if !valid(other, tok.access) {
		t.Fatal("the other replica does not know the token")
	}
	if err := be.b.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.advance(maxCacheFor - time.Millisecond)
	if !valid(other, tok.access) {
		t.Error("it was not cached, so this test shows nothing")
	}
	be.advance(time.Millisecond)
	if valid(other, tok.access) {
		t.Error("it is believed for longer than CacheFor")
	}
}

// unheard is a store whose messages do not come, and cannot be sent.
type unheard struct{ session.Store }

func (unheard) Listen(session.Listener) {}

func (unheard) Broadcast(context.Context, string) error { return errors.New("nobody is there") }

// Until messages come nothing is remembered, and a revocation that nobody could be
// told of is one all the same.
func TestBeforeItHearsAReplicaRemembersNothing(t *testing.T) {
	m := miniredis.RunT(t)
	be := newBench(t, func(c *Config) { overRedis(t, m)(c); c.Store = unheard{c.Store} })
	tok := be.signIn()
	be.wantValid(tok.access)
	m.FlushAll()
	be.wantInvalid(tok.access)
	tok = be.signIn()
	p := be.wantValid(tok.access)
	if err := be.b.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Errorf("Revoke: %v", err)
	}
	be.wantInvalid(tok.access)
}

// Whoever is deaf believes nothing that it remembers: without Redis there is no
// answer, and what was revoked meanwhile is refused when it is back.
func TestDeafReplicasRememberNothing(t *testing.T) {
	be, other, m := replicas(t)
	tok := be.signIn()
	if !valid(other, tok.access) {
		t.Fatal("the other replica does not know the token")
	}
	m.Close()
	soon(t, "the outage at the other replica", func() bool {
		_, err := other.Verify(context.Background(), tok.access)
		if errors.Is(err, authlib.ErrInvalidToken) {
			t.Fatalf("an outage was taken for a refusal: %v", err)
		}
		return err != nil
	})
	m.FlushAll()
	if err := m.Restart(); err != nil {
		t.Fatal(err)
	}
	listening(t, other, true)
	if valid(other, tok.access) {
		t.Error("it remembers what was revoked while it was deaf")
	}
}

// Whoever can write to Redis can send messages. They make replicas forget, and
// nothing else.
func TestForgedMessagesOpenNothing(t *testing.T) {
	be, other, m := replicas(t)
	tok, ended := be.signIn(), be.signIn()
	p, q := be.wantValid(tok.access), be.wantValid(ended.access)
	if err := be.b.dropGrant(context.Background(), q.Claims[claimSession].(string)); err != nil {
		t.Fatal(err)
	}
	channel := m.PubSubChannels("")
	if len(channel) != 1 {
		t.Fatalf("channels %q", channel)
	}
	for _, message := range []string{"", "*", revocation(p.Claims[claimSession].(string)), revocation(q.Claims[claimSession].(string)), tok.access, strings.Repeat("x", 1<<20)} {
		m.Publish(channel[0], message)
		if !valid(other, tok.access) || valid(other, ended.access) {
			t.Fatalf("after %.20q another token is valid than before", message)
		}
	}
}

// during runs f while a grant is on its way out of the store.
type during struct {
	session.Store
	f func()
}

func (d *during) Get(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	r, err := d.Store.Get(ctx, kind, key)
	if kind == kindGrant && d.f != nil {
		f := d.f
		d.f = nil
		f()
	}
	return r, err
}

// A token that is being looked up while it is revoked is not remembered.
func TestRevocationDuringALookUpHolds(t *testing.T) {
	slow := &during{}
	be := newBench(t, func(c *Config) {
		files(t.TempDir(), 1)(c)
		slow.Store = c.Store
		c.Store, c.CacheFor = slow, maxCacheFor
	})
	tok := be.signIn()
	id := be.wantValid(tok.access).Claims[claimSession].(string)
	be.advance(maxCacheFor)
	slow.f = func() {
		if err := be.b.dropGrant(context.Background(), id); err != nil {
			t.Error(err)
		}
	}
	_ = valid(be.b, tok.access) // read before the revocation: either answer is right
	be.wantInvalid(tok.access)
}

// Two replicas that refresh one token at once over Redis give one answer.
func TestRefreshRaceOverRedis(t *testing.T) {
	be, second, _ := replicas(t)
	tok := be.signIn()
	c, err := second.findClient(context.Background(), tok.client)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			a, err := []*Broker{be.b, second}[i%2].refresh(context.Background(), c, tok.refreshForm())
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			got[a.RefreshToken+" "+a.AccessToken]++
		}()
	}
	wg.Wait()
	if len(got) != 1 {
		t.Errorf("%d different answers, want 1", len(got))
	}
}
