// Package storetest is the suite that every session.Store has to pass. It checks what
// the interface promises, by one caller and by many at once: versions, ends, copies,
// counts, and arguments that have to be refused. It does not crash the store.
//
// # What it does not do
//
// It does not crash the store or the machine, measure speed, or look at what a store writes:
// tests of a store that promises to outlive a crash have to do that themselves.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// An Opener returns a store that takes the time from now and is empty the first
// time it is called in a test. Called again in the same test it returns another
// handle on the same records, as another process would have, or nil if there is
// no such thing.
type Opener func(t *testing.T, now func() time.Time) session.Store

// Run runs the suite. open gets a fresh *testing.T for each part.
func Run(t *testing.T, open Opener) {
	parts := []struct {
		name string
		run  func(*testing.T, *bench)
	}{
		{"missing", testMissing}, {"round trip", testRoundTrip}, {"compare and swap", testCAS},
		{"delete", testDelete}, {"take", testTake}, {"end", testEnd}, {"copies", testCopies},
		{"kinds and keys are apart", testApart}, {"bad arguments", testBadArguments},
		{"count", testCount}, {"cancelled", testCancelled},
		{"one writer wins", testOneWriter}, {"increments", testIncrements}, {"one taker wins", testOneTaker},
		{"two handles", testTwoHandles}, {"sweeping keeps what lives", testSweepingKeeps}, {"ping", testPing}, {"walk", testWalk},
	}
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			b := &bench{ctx: context.Background(), clock: NewClock(), open: open}
			b.s = open(t, b.clock.Now)
			p.run(t, b)
		})
	}
}

// A Clock stands still until it is moved. It is safe for concurrent use.
type Clock struct{ nanos atomic.Int64 }

// NewClock returns a clock that shows the present.
func NewClock() *Clock {
	c := &Clock{}
	c.nanos.Store(time.Now().UnixNano())
	return c
}

// Now returns what the clock shows.
func (c *Clock) Now() time.Time { return time.Unix(0, c.nanos.Load()) }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) { c.nanos.Add(int64(d)) }

type bench struct {
	ctx   context.Context
	clock *Clock
	open  Opener
	s     session.Store
}

func (b *bench) record(v string) session.Record {
	return session.Record{Value: []byte(v), Expires: b.clock.Now().Add(time.Hour)}
}

func (b *bench) put(t *testing.T, kind session.Kind, key, v string, ifVersion uint64) {
	t.Helper()
	if err := b.s.Put(b.ctx, kind, key, b.record(v), ifVersion); err != nil {
		t.Fatalf("Put(%s, %q): %v", kind, key, err)
	}
}

func (b *bench) want(t *testing.T, s session.Store, kind session.Kind, key, v string, version uint64) {
	t.Helper()
	r, err := s.Get(b.ctx, kind, key)
	if err != nil || string(r.Value) != v || r.Version != version {
		t.Fatalf("Get(%s, %q) = %q version %d, %v; want %q version %d", kind, key, r.Value, r.Version, err, v, version)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: error %v, want %v", what, err, want)
	}
}

func (b *bench) gone(t *testing.T, kind session.Kind, key string) {
	t.Helper()
	_, err := b.s.Get(b.ctx, kind, key)
	wantErr(t, "Get", err, session.ErrNotFound)
}

func testMissing(t *testing.T, b *bench) {
	b.gone(t, "grant", "a")
	_, err := b.s.Take(b.ctx, "grant", "a")
	wantErr(t, "Take", err, session.ErrNotFound)
	if err := b.s.Delete(b.ctx, "grant", "a"); err != nil {
		t.Fatalf("Delete of nothing: %v", err)
	}
}

func testRoundTrip(t *testing.T, b *bench) {
	long := strings.Repeat("\x00\xff\n", 10_000)
	b.put(t, "grant", "a/../b\x00", long, 0)
	b.want(t, b.s, "grant", "a/../b\x00", long, 1)
	r, err := b.s.Get(b.ctx, "grant", "a/../b\x00")
	if want := b.clock.Now().Add(time.Hour).Truncate(time.Millisecond); err != nil || !r.Expires.Equal(want) {
		t.Errorf("end is %v, want %v (%v)", r.Expires, want, err)
	}
	b.put(t, "grant", "empty", "", 0)
	b.want(t, b.s, "grant", "empty", "", 1)
}

func testCAS(t *testing.T, b *bench) {
	wantErr(t, "Put over nothing", b.s.Put(b.ctx, "grant", "a", b.record("x"), 1), session.ErrConflict)
	b.put(t, "grant", "a", "1", 0)
	wantErr(t, "Put of what exists", b.s.Put(b.ctx, "grant", "a", b.record("x"), 0), session.ErrConflict)
	b.put(t, "grant", "a", "2", 1)
	wantErr(t, "Put over old", b.s.Put(b.ctx, "grant", "a", b.record("x"), 1), session.ErrConflict)
	wantErr(t, "Put over future", b.s.Put(b.ctx, "grant", "a", b.record("x"), 3), session.ErrConflict)
	b.want(t, b.s, "grant", "a", "2", 2)
}

func testDelete(t *testing.T, b *bench) {
	b.put(t, "grant", "a", "1", 0)
	if err := b.s.Delete(b.ctx, "grant", "a"); err != nil {
		t.Fatal(err)
	}
	b.gone(t, "grant", "a")
	wantErr(t, "Put over deleted", b.s.Put(b.ctx, "grant", "a", b.record("x"), 1), session.ErrConflict)
	b.put(t, "grant", "a", "2", 0)
}

func testTake(t *testing.T, b *bench) {
	b.put(t, "code", "a", "1", 0)
	r, err := b.s.Take(b.ctx, "code", "a")
	if err != nil || string(r.Value) != "1" {
		t.Fatalf("Take = %q, %v", r.Value, err)
	}
	_, err = b.s.Take(b.ctx, "code", "a")
	wantErr(t, "second Take", err, session.ErrNotFound)
}

func testEnd(t *testing.T, b *bench) {
	b.put(t, "grant", "a", "1", 0)
	b.put(t, "code", "a", "1", 0)
	b.clock.Advance(time.Hour - 10*time.Millisecond)
	b.want(t, b.s, "grant", "a", "1", 1)
	b.clock.Advance(10 * time.Millisecond)
	b.gone(t, "grant", "a")
	_, err := b.s.Take(b.ctx, "code", "a")
	wantErr(t, "Take of ended", err, session.ErrNotFound)
	wantErr(t, "Put over ended", b.s.Put(b.ctx, "grant", "a", b.record("x"), 1), session.ErrConflict)
	b.put(t, "grant", "a", "2", 0)
	b.want(t, b.s, "grant", "a", "2", 1)
}

func testCopies(t *testing.T, b *bench) {
	v := []byte("abc")
	if err := b.s.Put(b.ctx, "grant", "a", session.Record{Value: v, Expires: b.clock.Now().Add(time.Hour)}, 0); err != nil {
		t.Fatal(err)
	}
	v[0] = 'X'
	r, _ := b.s.Get(b.ctx, "grant", "a")
	if len(r.Value) > 0 {
		r.Value[0] = 'Y'
	}
	b.want(t, b.s, "grant", "a", "abc", 1)
}

func testApart(t *testing.T, b *bench) {
	b.put(t, "grant", "a", "1", 0)
	b.gone(t, "code", "a")
	b.gone(t, "grant", "A")
	b.gone(t, "granta", "x")
	b.put(t, "code", "a", "2", 0)
	b.want(t, b.s, "grant", "a", "1", 1)
}

func testBadArguments(t *testing.T, b *bench) {
	for _, kind := range []session.Kind{"", "Grant", "../x", "a b", "abcdefghijklmnopq"} {
		if err := b.s.Put(b.ctx, kind, "a", b.record("1"), 0); err == nil {
			t.Errorf("kind %q was taken", kind)
		}
		b.refuses(t, kind, "a")
		if _, err := b.s.Count(b.ctx, kind); err == nil {
			t.Errorf("kind %q was counted", kind)
		}
	}
	for _, key := range []string{"", strings.Repeat("k", 513)} {
		if err := b.s.Put(b.ctx, "grant", key, b.record("1"), 0); err == nil {
			t.Errorf("key of %d bytes was taken", len(key))
		}
		b.refuses(t, "grant", key)
	}
	if err := b.s.Put(b.ctx, "grant", "a", session.Record{Value: []byte("1")}, 0); err == nil {
		t.Error("a record without an end was taken")
	}
	big := b.record(strings.Repeat("v", session.MaxValue+1))
	if err := b.s.Put(b.ctx, "grant", "a", big, 0); err == nil {
		t.Error("a value above MaxValue was taken")
	}
}

// refuses wants errors that are none of the answers which mean something.
func (b *bench) refuses(t *testing.T, kind session.Kind, key string) {
	t.Helper()
	_, err1 := b.s.Get(b.ctx, kind, key)
	_, err2 := b.s.Take(b.ctx, kind, key)
	for what, err := range map[string]error{"Get": err1, "Take": err2, "Delete": b.s.Delete(b.ctx, kind, key)} {
		if err == nil || errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s of kind %q and a key of %d bytes: %v", what, kind, len(key), err)
		}
	}
}

func testCount(t *testing.T, b *bench) {
	for i := range 3 {
		b.put(t, "client", fmt.Sprint(i), "1", 0)
	}
	b.put(t, "client", "0", "2", 1)
	b.put(t, "code", "0", "1", 0)
	if err := b.s.Delete(b.ctx, "client", "1"); err != nil {
		t.Fatal(err)
	}
	if n, err := b.s.Count(b.ctx, "client"); n != 2 || err != nil {
		t.Errorf("Count = %d, %v; want 2", n, err)
	}
	if n, err := b.s.Count(b.ctx, "nothing"); n != 0 || err != nil {
		t.Errorf("Count of an unused kind = %d, %v; want 0", n, err)
	}
}

func testCancelled(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	b.put(t, "code", "kept", "1", 0)
	_, err := b.s.Take(ctx, "code", "kept")
	wantErr(t, "Take", err, context.Canceled)
	wantErr(t, "Delete", b.s.Delete(ctx, "code", "kept"), context.Canceled)
	_, err = b.s.Count(ctx, "code")
	wantErr(t, "Count", err, context.Canceled)
	b.want(t, b.s, "code", "kept", "1", 1)
	wantErr(t, "Put", b.s.Put(ctx, "grant", "a", b.record("1"), 0), context.Canceled)
	_, err = b.s.Get(ctx, "grant", "a")
	wantErr(t, "Get", err, context.Canceled)
}

// testPing holds for stores that are a session.Pinger.
func testPing(t *testing.T, b *bench) {
	p, ok := b.s.(session.Pinger)
	if !ok {
		t.Skip("the store is no session.Pinger")
	}
	if err := p.Ping(b.ctx); err != nil {
		t.Errorf("Ping of an empty store: %v", err)
	}
	b.put(t, "grant", "a", "1", 0)
	if err := p.Ping(b.ctx); err != nil {
		t.Errorf("Ping: %v", err)
	}
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	wantErr(t, "Ping", p.Ping(ctx), context.Canceled)
}

// each runs f in n goroutines at once and returns how many said true.
func each(n int, f func(i int) bool) int {
	var wg sync.WaitGroup
	var yes atomic.Int64
	start := make(chan struct{})
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-start
			if f(i) {
				yes.Add(1)
			}
		}()
	}
	close(start)
	wg.Wait()
	return int(yes.Load())
}

func testOneWriter(t *testing.T, b *bench) {
	for round := range uint64(3) {
		won := each(20, func(i int) bool {
			err := b.s.Put(b.ctx, "grant", "a", b.record(fmt.Sprint(i)), round)
			if err != nil && !errors.Is(err, session.ErrConflict) {
				t.Errorf("Put: %v", err)
			}
			return err == nil
		})
		if won != 1 {
			t.Fatalf("%d writers won at version %d, want 1", won, round)
		}
	}
}

func increment(b *bench, s session.Store) bool {
	for range 10_000 {
		r, err := s.Get(b.ctx, "grant", "n")
		if err != nil {
			return false
		}
		next := b.record(string(r.Value) + "+")
		if err = s.Put(b.ctx, "grant", "n", next, r.Version); err == nil {
			return true
		} else if !errors.Is(err, session.ErrConflict) {
			return false
		}
	}
	return false
}

func testIncrements(t *testing.T, b *bench) {
	b.put(t, "grant", "n", "", 0)
	if ok := each(16, func(int) bool { return increment(b, b.s) }); ok != 16 {
		t.Errorf("%d of 16 increments succeeded", ok)
	}
	b.want(t, b.s, "grant", "n", strings.Repeat("+", 16), 17)
}

func testOneTaker(t *testing.T, b *bench) {
	b.put(t, "code", "a", "1", 0)
	won := each(20, func(int) bool { _, err := b.s.Take(b.ctx, "code", "a"); return err == nil })
	if won != 1 {
		t.Errorf("%d takers got the record, want 1", won)
	}
}

func testTwoHandles(t *testing.T, b *bench) {
	other := b.open(t, b.clock.Now)
	if other == nil {
		t.Log("this store has no second handle")
		return
	}
	b.put(t, "grant", "n", "", 0)
	b.want(t, other, "grant", "n", "", 1)
	handles := []session.Store{b.s, other}
	if ok := each(16, func(i int) bool { return increment(b, handles[i%2]) }); ok != 16 {
		t.Errorf("%d of 16 increments over two handles succeeded", ok)
	}
	b.want(t, other, "grant", "n", strings.Repeat("+", 16), 17)
	b.put(t, "code", "a", "1", 0)
	won := each(20, func(i int) bool { _, err := handles[i%2].Take(b.ctx, "code", "a"); return err == nil })
	if won != 1 {
		t.Errorf("%d takers over two handles got the record, want 1", won)
	}
}

// testSweepingKeeps makes a store sweep, in the ways that stores do: on writes, on
// counts and by a method of its own. What has not ended is there afterwards, whatever
// ended around it.
func testSweepingKeeps(t *testing.T, b *bench) {
	long := b.clock.Now().Add(90 * 24 * time.Hour)
	put := func(kind session.Kind, key string, ends time.Time) {
		if err := b.s.Put(b.ctx, kind, key, session.Record{Value: []byte(key), Expires: ends}, 0); err != nil {
			t.Fatalf("Put(%s, %q): %v", kind, key, err)
		}
	}
	for i := range 20 {
		put("grant", fmt.Sprint("kept", i), long)
	}
	for day := range 3 {
		for i := range 40 {
			put("grant", fmt.Sprint(day, " ended ", i), b.clock.Now().Add(time.Minute))
		}
		b.clock.Advance(24 * time.Hour)
		if _, err := b.s.Count(b.ctx, "grant"); err != nil {
			t.Fatal(err)
		}
		if s, ok := b.s.(interface {
			Sweep(context.Context) (int, error)
		}); ok {
			if _, err := s.Sweep(b.ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 20 {
		key := fmt.Sprint("kept", i)
		b.want(t, b.s, "grant", key, key, 1)
	}
	if n, err := b.s.Count(b.ctx, "grant"); err != nil || n < 20 || n > 60 {
		t.Errorf("Count = %d, %v; want the 20 that live and at most what ended last", n, err)
	}
}
