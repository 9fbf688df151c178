package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

const resource = "https://mcp.acme.test/mcp"

func quietly() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// open opens the store at url, for the life of the test.
func open(t testing.TB, url string, change ...func(*Config)) *Store {
	t.Helper()
	cfg := Config{URL: url, Resource: resource, Logger: quietly()}
	for _, c := range change {
		c(&cfg)
	}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func embedded(t testing.TB) (*miniredis.Miniredis, string) {
	t.Helper()
	m := miniredis.RunT(t)
	return m, "redis://" + m.Addr()
}

func inAnHour(v string) session.Record {
	return session.Record{Value: []byte(v), Expires: time.Now().Add(time.Hour)}
}

func put(t testing.TB, s session.Store, kind session.Kind, key, v string) {
	t.Helper()
	if err := s.Put(context.Background(), kind, key, inAnHour(v), 0); err != nil {
		t.Fatal(err)
	}
}

// suite gives each test of the suite a server of its own resource at url.
func suite(url func(t *testing.T) string) storetest.Opener {
	urls := map[*testing.T]string{}
	return func(t *testing.T, now func() time.Time) session.Store {
		if urls[t] == "" {
			urls[t] = url(t)
		}
		return open(t, urls[t], func(c *Config) { c.Now, c.Resource = now, "https://mcp.acme.test/"+t.Name() })
	}
}

func sealed(t *testing.T, open storetest.Opener) storetest.Opener {
	ring, err := session.NewRing(resource, [][]byte{bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, now func() time.Time) session.Store { return session.Seal(open(t, now), ring, now) }
}

func ownServer(t *testing.T) string { _, url := embedded(t); return url }

func TestStore(t *testing.T) { storetest.Run(t, suite(ownServer)) }

func TestSealedStore(t *testing.T) { storetest.Run(t, sealed(t, suite(ownServer))) }

// A record leaves Redis at its end, to the millisecond, and nothing else stays.
func TestNothingStaysAfterItsEnd(t *testing.T) {
	m, url := embedded(t)
	s := open(t, url)
	for i, d := range []time.Duration{1500 * time.Millisecond, time.Minute} {
		r := session.Record{Value: []byte("v"), Expires: time.Now().Add(d)}
		if err := s.Put(context.Background(), "code", fmt.Sprint(i), r, 0); err != nil {
			t.Fatal(err)
		}
	}
	if ttl := m.TTL(s.names.record("code", "0")); ttl <= 1300*time.Millisecond || ttl > 1500*time.Millisecond {
		t.Errorf("a record of 1.5 s stays for %v", ttl)
	}
	m.FastForward(2 * time.Second)
	if m.Exists(s.names.record("code", "0")) || !m.Exists(s.names.index("code")) {
		t.Errorf("after 2 s there are %q", m.Keys())
	}
	m.FastForward(witnessLives)
	if left := m.Keys(); len(left) > 0 {
		t.Errorf("after all ended there are %q", left)
	}
}

// The index of a kind that nobody counts does not grow for ever.
func TestPutSweepsTheIndex(t *testing.T) {
	m, url := embedded(t)
	clock := storetest.NewClock()
	s := open(t, url, func(c *Config) { c.Now = clock.Now })
	put := func(key string, d time.Duration) {
		t.Helper()
		if err := s.Put(context.Background(), "access", key, session.Record{Expires: clock.Now().Add(d)}, 0); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 250 {
		put(fmt.Sprint(i), time.Minute)
	}
	put("long", time.Hour)
	clock.Advance(2 * time.Minute)
	if n, err := s.Count(context.Background(), "access"); n != 1 || err != nil {
		t.Errorf("Count = %d, %v; want 1", n, err)
	}
	for i := range 3 {
		put(fmt.Sprint("new", i), time.Hour)
	}
	if members, err := m.ZMembers(s.names.index("access")); len(members) != 4 || err != nil {
		t.Errorf("%d members in the index, %v; want 4", len(members), err)
	}
}

// A client that lost the answer sends the same write again: that is no conflict.
func TestTheSameWriteTwiceIsOne(t *testing.T) {
	_, url := embedded(t)
	s, ctx := open(t, url), context.Background()
	args, err := putArgs("a", inAnHour("1"), 0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := s.run(ctx, putScript, "code", "a", append(args, s.tells("code")...), 3); err != nil || got[0] != "done" {
			t.Fatalf("put: %v, %v", got, err)
		}
	}
	if r, err := s.Get(ctx, "code", "a"); err != nil || r.Version != 1 {
		t.Errorf("version %d, %v; want 1", r.Version, err)
	}
	if err := s.Put(ctx, "code", "a", inAnHour("1"), 0); !errors.Is(err, session.ErrConflict) {
		t.Errorf("another write of the same: %v, want ErrConflict", err)
	}
}

// What is not whole is an error until it is deleted, never "not found".
func TestDamaged(t *testing.T) {
	m, url := embedded(t)
	s, ctx := open(t, url), context.Background()
	name := s.names.record("code", "a")
	r := inAnHour("v")
	r.Version = 1
	whole := encode(r, mark([]byte(strings.Repeat("w", 22))))
	for what, planted := range map[string]string{
		"short": whole[:headSize-1], "other": `{"subject":"root"}`, "other magic": "x" + whole[1:],
		"version": whole[:6] + "x" + whole[7:], "end": whole[:27] + "x" + whole[28:],
		"first space": whole[:26] + "x" + whole[27:], "second space": whole[:43] + "x" + whole[44:], "last space": whole[:headSize-1] + "x" + whole[headSize:],
		"too long": whole + strings.Repeat("v", maxRecord),
	} {
		if err := m.Set(name, planted); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(ctx, "code", "a"); !errors.Is(err, session.ErrCorrupt) {
			t.Errorf("%s: Get: %v, want ErrCorrupt", what, err)
		}
		if err := s.Put(ctx, "code", "a", r, 0); err == nil || errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: Put over it: %v", what, err)
		}
		if _, err := s.Take(ctx, "code", "a"); !errors.Is(err, session.ErrCorrupt) {
			t.Errorf("%s: Take: %v, want ErrCorrupt", what, err)
		}
	}
	m.HSet(name, "a", "b")
	if _, err := s.Get(ctx, "code", "a"); err == nil || errors.Is(err, session.ErrNotFound) {
		t.Errorf("a value of another type: %v", err)
	}
	if err := s.Delete(ctx, "code", "a"); err != nil || m.Exists(name) {
		t.Errorf("Delete: %v", err)
	}
}

// Two servers that share a Redis find, count and end nothing of each other.
func TestResourcesAreApart(t *testing.T) {
	m, url := embedded(t)
	a, ctx := open(t, url), context.Background()
	b := open(t, url, func(c *Config) { c.Resource = "https://other.acme.test/mcp" })
	put(t, a, "grant", "k", "v")
	if _, err := b.Get(ctx, "grant", "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("the other's Get: %v, want ErrNotFound", err)
	}
	if n, err := b.Count(ctx, "grant"); n != 0 || err != nil {
		t.Errorf("the other's Count: %d, %v", n, err)
	}
	if err := b.Delete(ctx, "grant", "k"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Get(ctx, "grant", "k"); err != nil {
		t.Errorf("after the other's Delete: %v", err)
	}
	for _, key := range m.Keys() {
		if key == b.names.witness(b.process) {
			continue
		}
		if !strings.HasPrefix(key, a.names.prefix) || strings.Contains(key, "acme") {
			t.Errorf("key %q", key)
		}
	}
}

// While Redis is gone every call fails, and nothing is "not found"; when it is back,
// so is the store.
func TestOutage(t *testing.T) {
	m, url := embedded(t)
	s := open(t, url)
	put(t, s, "grant", "k", "v")
	m.Close()
	mustFail(t, s)
	if err := m.Restart(); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Get(context.Background(), "grant", "k"); err != nil || string(r.Value) != "v" {
		t.Errorf("after the outage: %q, %v", r.Value, err)
	}
}

// mustFail makes every call, and wants errors that say that nobody could be asked.
func mustFail(t *testing.T, s *Store) {
	t.Helper()
	ctx := context.Background()
	_, getErr := s.Get(ctx, "grant", "k")
	_, takeErr := s.Take(ctx, "grant", "k")
	_, countErr := s.Count(ctx, "grant")
	for op, err := range map[string]error{
		"get": getErr, "take": takeErr, "count": countErr, "broadcast": s.Broadcast(ctx, "m"),
		"put": s.Put(ctx, "grant", "k", inAnHour("v"), 1), "delete": s.Delete(ctx, "grant", "k"),
	} {
		switch {
		case err == nil:
			t.Errorf("%s works without Redis", op)
		case errors.Is(err, session.ErrNotFound), errors.Is(err, session.ErrConflict), errors.Is(err, session.ErrCorrupt):
			t.Errorf("%s without Redis: %v", op, err)
		}
	}
}

func TestPrintsNoURL(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireUserAuth("ada", "the-password")
	cfg := Config{URL: "redis://ada:the-password@" + m.Addr(), Resource: resource}
	s := open(t, cfg.URL)
	for _, f := range []string{"%v", "%+v", "%#v"} {
		if out := fmt.Sprintf(f+f+f, s, cfg, &cfg); strings.Contains(out, "the-password") || strings.Contains(out, m.Addr()) {
			t.Errorf("%s prints %s", f, out)
		}
	}
}

func FuzzDecode(f *testing.F) {
	r := inAnHour("v")
	r.Version = 1
	f.Add(encode(r, mark([]byte(strings.Repeat("w", 22)))))
	f.Add(magic)
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := decode(raw)
		if err != nil {
			if !errors.Is(err, session.ErrCorrupt) {
				t.Errorf("%v", err)
			}
			return
		}
		if again, err := decode(encode(r, markOf(raw))); err != nil || again.Version != r.Version || !bytes.Equal(again.Value, r.Value) {
			t.Errorf("%+v, %v; want %+v", again, err, r)
		}
	})
}

// A Redis that does not answer reads is no store, whatever else it answers.
func TestPingReads(t *testing.T) {
	m, url := embedded(t)
	s := open(t, url)
	if err := s.Ping(context.Background()); err != nil {
		t.Error(err)
	}
	m.SetError("LOADING Redis is loading the dataset in memory")
	if err := s.Ping(context.Background()); err == nil || !strings.Contains(err.Error(), "it is starting") {
		t.Errorf("while it starts: %v", err)
	}
	m.SetError("")
	m.Close()
	if s.Ping(context.Background()) == nil {
		t.Error("fine without Redis")
	}
}
