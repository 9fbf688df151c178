package broker

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/beside"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// keptIn are the ways to keep who is signed in, by whether answers are remembered.
func keptIn(tb testing.TB) map[string]func(*Config) {
	cached := func(change func(*Config)) func(*Config) {
		return func(c *Config) { change(c); c.CacheFor = maxCacheFor }
	}
	return map[string]func(*Config){
		"memory":       func(*Config) {},
		"files":        files(tb.TempDir(), 1),
		"files-cached": cached(files(tb.TempDir(), 1)),
		"redis":        inRedis(tb),
		"redis-cached": cached(inRedis(tb)),
	}
}

// guarded returns a small call through a guard that asks be's broker.
func (be *bench) guarded(token string) (call func()) {
	return beside.Guarded(be, be.b.resource.String(), be.b, token, beside.Call("echo", beside.Arguments["small"]))
}

// BenchmarkGuarded is what a guard with the broker's own tokens costs a small call.
func BenchmarkGuarded(b *testing.B) {
	for name, change := range keptIn(b) {
		b.Run(name, func(b *testing.B) {
			be := newBench(b, change)
			be.awaitMessages()
			beside.Each(b, be.guarded(be.signIn().access))
		})
	}
}

// awaitMessages waits until the cache, if there is one, is in use.
func (be *bench) awaitMessages() {
	if be.b.cache != nil {
		listening(be, be.b, true)
	}
}

// crowd signs n users in, and returns their tokens.
func (be *bench) crowd(n int) []string {
	be.Helper()
	tokens := make([]string, n)
	for i := range tokens {
		who := provider.Identity{Issuer: "https://id.example.com", Subject: fmt.Sprint("user-", i), Username: "User", Email: "user@example.com"}
		a, err := be.b.newShortGrant(context.Background(), &grant{ClientID: "client", SignIn: signIn{Provider: "dev", Identity: who, Scopes: be.b.cfg.Scopes}})
		if err != nil {
			be.Fatal(err)
		}
		tokens[i] = a.AccessToken
	}
	return tokens
}

func roomy(c *Config) {
	s := memstore.New()
	s.Now, s.Max, c.Store, c.AccessTTL = c.Now, 10_000_000, s, 24*time.Hour
}

// BenchmarkSessions is one user's call among many who are signed in ("again"), and
// what the store is asked for users in turn whom nobody remembers ("others"). For
// Redis see BenchmarkPopulatedRedis.
func BenchmarkSessions(b *testing.B) {
	for _, n := range []int{10, 10_000, 1_000_000} {
		b.Run(fmt.Sprint("memory/", n), func(b *testing.B) { benchmarkSessions(b, n, roomy) })
	}
}

func benchmarkSessions(b *testing.B, n int, change func(*Config)) {
	be := newBench(b, change)
	be.awaitMessages()
	before := heap()
	tokens := be.crowd(n)
	perSession := float64(heap()-before) / float64(n)
	b.Run("again", func(b *testing.B) {
		beside.Each(b, be.guarded(tokens[n/2]))
		b.ReportMetric(perSession, "B/session")
	})
	b.Run("others", func(b *testing.B) {
		cache := be.b.cache
		be.b.cache = nil
		defer func() { be.b.cache = cache }()
		next := 0
		beside.Each(b, func() { next++; be.mustVerify(tokens[next*7919%n]) })
	})
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (be *bench) mustVerify(token string) {
	if _, err := be.b.Verify(context.Background(), token); err != nil {
		be.Fatal(err)
	}
}
