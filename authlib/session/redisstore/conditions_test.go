package redisstore

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// Whatever REDIS_URL says, nothing is read from a replica, which may be behind, and
// nothing is sent again: what was taken can't be taken twice.
func TestTheURLChoosesNeitherReplicasNorRetries(t *testing.T) {
	ctx := context.Background()
	const options = "max_retries=5&dial_timeout=1h&protocol=3"
	_, url := embedded(t)
	one, err := newClient(ctx, url+"?"+options)
	must(t, err)
	seeded, err := newClient(ctx, "redis://10.0.0.1:1?addr=10.0.0.2:1&read_only=true&route_by_latency=true&route_randomly=true&"+options)
	must(t, err)
	named, err := newClient(ctx, "redis://10.0.0.1:1?master_name=m&replica_only=true&use_disconnected_replicas=true&"+options)
	must(t, err)
	for _, c := range []redis.UniversalClient{one, seeded, named} {
		t.Cleanup(func() { _ = c.Close() })
	}
	for name, o := range map[string]*redis.Options{"one": one.(*redis.Client).Options(), "named by Sentinels": named.(*redis.Client).Options()} {
		if o.MaxRetries > 0 || o.DialTimeout != dialTimeout || !o.ContextTimeoutEnabled || o.Protocol != 2 {
			t.Errorf("%s: %d retries, %v to connect, context %v, protocol %d", name, o.MaxRetries, o.DialTimeout, o.ContextTimeoutEnabled, o.Protocol)
		}
	}
	if o := seeded.(*redis.ClusterClient).Options(); o.ReadOnly || o.RouteByLatency || o.RouteRandomly || o.MaxRetries > 0 || o.DialTimeout != dialTimeout || !o.ContextTimeoutEnabled || o.Protocol != 2 {
		t.Errorf("a cluster: %+v", o)
	}
	failover, err := failoverOptions("redis://10.0.0.1:1?master_name=m&replica_only=true&use_disconnected_replicas=true&route_by_latency=true&route_randomly=true")
	must(t, err)
	if failover.ReplicaOnly || failover.UseDisconnectedReplicas || failover.RouteByLatency || failover.RouteRandomly {
		t.Errorf("Sentinels: %+v", failover)
	}
}

// A client of the program's own is used, and stays the program's to close.
func TestAClientOfTheProgramsOwnStaysOpen(t *testing.T) {
	m, _ := embedded(t)
	c := redis.NewClient(&redis.Options{Addr: m.Addr(), MaxRetries: -1, ContextTimeoutEnabled: true})
	defer c.Close()
	s := open(t, "", func(cfg *Config) { cfg.Client = c })
	put(t, s, "grant", "k", "v")
	must(t, s.Close())
	if err := c.Ping(context.Background()).Err(); err != nil {
		t.Errorf("after the store's end: %v", err)
	}
}

// A caller who leaves is told from a Redis that is gone; so is a store that is closed.
func TestWhyACallFailedIsSaid(t *testing.T) {
	m, _ := embedded(t)
	w := redistest.NewWire(t, m.Addr())
	s := open(t, w.URL())
	w.Cut()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	if _, err := s.Get(ctx, "grant", "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who left: %v", err)
	}
	must(t, s.Close())
	if _, err := s.Get(context.Background(), "grant", "k"); err == nil || !strings.Contains(err.Error(), "the store is closed") {
		t.Errorf("after Close: %v", err)
	}
}

// A mark says nothing of its time where it has none, whoever planted it.
func TestAMarkWithoutATime(t *testing.T) {
	for _, m := range []string{strings.Repeat("!", markSize), "AAA" + strings.Repeat("=", markSize-3)} {
		if n := mark([]byte(m)).millis(); n != 0 {
			t.Errorf("%s: %d", m, n)
		}
	}
}

// Where the floor can't be read, nobody knows what is still to be believed: no store.
func TestNoStoreWithoutAFloor(t *testing.T) {
	m, url := embedded(t)
	m.HSet(newNames(resource).floor(), "a", "b")
	if s, err := Open(Config{URL: url, Resource: resource, Logger: quietly()}); err == nil {
		_ = s.Close()
		t.Error("opened")
	}
}

// A clock that was wrong at this process does not end everything for ever, here and
// at the others.
func TestAFloorOfOurOwnWrongClockDoesNotStay(t *testing.T) {
	_, url := embedded(t)
	s, ctx := still(t, url), context.Background()
	s.floor.Store(time.Now().Add(24 * time.Hour).UnixMilli())
	must(t, s.look(ctx))
	if here := s.floor.Load(); here > time.Now().UnixMilli() {
		t.Errorf("the floor is %v", time.UnixMilli(here))
	}
	time.Sleep(2 * time.Millisecond) // times are in milliseconds
	put(t, s, "grant", "again", "v")
	for name, o := range map[string]*Store{"here": s, "elsewhere": open(t, url)} {
		if got := found(t, o, "grant", "again"); got != "v" {
			t.Errorf("%s: who signed in again is found as %q", name, got)
		}
	}
}

// An outage is no sign that Redis went back, however much this process has forgotten of
// what it ended: nobody has to sign in again for it.
func TestAnOutageIsNoRollback(t *testing.T) {
	m, url := embedded(t)
	s, ctx := still(t, url), context.Background()
	s.mine.max = 2
	for _, key := range []string{"a", "b", "c", "d"} {
		put(t, s, "code", key, "v")
		must(t, s.Delete(ctx, "code", key))
	}
	put(t, s, "grant", "k", "v")
	must(t, s.look(ctx))
	m.Close()
	if s.look(ctx) == nil {
		t.Fatal("a look at nothing")
	}
	must(t, m.Restart())
	must(t, s.look(ctx))
	if s.tooFar.Load() || s.floor.Load() != 0 || found(t, s, "grant", "k") != "v" {
		t.Errorf("taken for a rollback: too far %v, floor %d", s.tooFar.Load(), s.floor.Load())
	}
}

// A look that failed half-way is done again: what it had still to end is ended later.
func TestALookThatFailedIsDoneAgain(t *testing.T) {
	m, url := embedded(t)
	s, ctx := open(t, url), context.Background()
	put(t, s, "grant", "k", "v")
	put(t, s, "code", "odd", "v")
	record, err := m.Get(s.names.record("grant", "k"))
	must(t, err)
	must(t, s.Delete(ctx, "grant", "k"))
	must(t, s.Delete(ctx, "code", "odd"))
	m.HSet(s.names.record("code", "odd"), "a", "b") // which the script can't look at
	s.wake()
	redistest.Within(t, 5*time.Second, "a look", func() bool { return len(s.alarm) == 0 })
	time.Sleep(pulse / 2)
	must(t, m.Set(s.names.record("grant", "k"), record))
	m.Del(s.names.record("code", "odd"))
	redistest.Within(t, 4*pulse, "the removal", func() bool { return !m.Exists(s.names.record("grant", "k")) })
}

// Two processes that both ended one record show to a third that Redis went back between:
// it removes what the second made of it.
func TestABystanderRemovesWhatABranchBecame(t *testing.T) {
	m, url := embedded(t)
	s := open(t, url)
	put(t, s, "grant", "k", "what the second made of it")
	const one, other, ended = "AAAAAAAAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBBBBBBBB", "CCCCCCCCCCCCCCCCCCCCCC"
	for range 2 { // told twice by one is told once
		s.heardEnding("ended " + one + " " + ended + " grant k")
	}
	time.Sleep(20 * time.Millisecond)
	if !m.Exists(s.names.record("grant", "k")) {
		t.Fatal("removed for one ending")
	}
	s.heardEnding("ended " + other + " " + ended + " grant k")
	redistest.Within(t, 5*time.Second, "the removal", func() bool { return !m.Exists(s.names.record("grant", "k")) })
}

// What a process hears of its own endings ends nothing more.
func TestOwnEndingsAreHeardOnce(t *testing.T) {
	m, url := embedded(t)
	s, ctx := open(t, url), context.Background()
	put(t, s, "grant", "k", "v")
	raw, err := m.Get(s.names.record("grant", "k"))
	must(t, err)
	ended := markOf(raw)
	must(t, s.Put(ctx, "grant", "k", inAnHour("v2"), 1))
	s.heardEnding("ended " + s.process + " " + string(ended[:]) + " grant k")
	time.Sleep(50 * time.Millisecond)
	if got := found(t, s, "grant", "k"); got != "v2" {
		t.Errorf("%q", got)
	}
}

// An ending without a whole mark is not remembered.
func TestEndingsOfNoMark(t *testing.T) {
	_, url := embedded(t)
	s := still(t, url)
	s.heardEnding("ended " + strings.Repeat("x", markSize) + " short grant k")
	if n := len(s.others.ring); n != 0 {
		t.Errorf("%d are remembered", n)
	}
}

// scripted is a Redis whose scripts answer with something else, once there is such an
// answer.
type scripted struct {
	redis.UniversalClient
	answer atomic.Pointer[[]any]
}

func (s *scripted) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	answer := s.answer.Load()
	if answer == nil {
		return s.UniversalClient.EvalSha(ctx, sha, keys, args...)
	}
	c := redis.NewCmd(ctx)
	c.SetVal(*answer)
	return c
}

// What is no answer of the script's is an error, and neither done nor refused.
func TestAnswersOfAnotherScript(t *testing.T) {
	m, _ := embedded(t)
	c := &scripted{UniversalClient: redis.NewClient(&redis.Options{Addr: m.Addr(), MaxRetries: -1, ContextTimeoutEnabled: true})}
	t.Cleanup(func() { _ = c.Close() })
	s := open(t, "", func(cfg *Config) { cfg.Client = c })
	ctx := context.Background()
	for _, answer := range [][]any{{}, {"done"}, {"yes", "", int64(0)}, {int64(1), "", int64(0)}} {
		c.answer.Store(&answer)
		err := s.Put(ctx, "grant", "k", inAnHour("v"), 0)
		if err == nil || errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrCorrupt) {
			t.Errorf("Put, %v: %v", answer, err)
		}
		if _, err := s.Take(ctx, "grant", "k"); err == nil || errors.Is(err, session.ErrNotFound) {
			t.Errorf("Take, %v: %v", answer, err)
		}
	}
}
