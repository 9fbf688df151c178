package broker

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// What every request pays with Redis: the one of benchAddress.
func BenchmarkVerifyRedis(b *testing.B) {
	address := benchAddress(b)
	for name, cached := range map[string]bool{"asked": false, "cached": true} {
		b.Run(name, func(b *testing.B) {
			be := redisBench(b, address, cached)
			if cached {
				listening(b, be.b, true)
			}
			token := be.signIn().access
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := be.b.Verify(context.Background(), token); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}

// benchAddress is the Redis that REDIS_TEST_URL names, one that the program of
// REDIS_TEST_SERVER starts, or the embedded one.
func benchAddress(tb testing.TB) string {
	switch {
	case os.Getenv("REDIS_TEST_URL") != "":
		return os.Getenv("REDIS_TEST_URL")
	case os.Getenv("REDIS_TEST_SERVER") != "":
		return redistest.Start(tb).URL()
	}
	return "redis://" + miniredis.RunT(tb).Addr()
}

// inRedis keeps sign-ins in a Redis of their own.
func inRedis(tb testing.TB) func(*Config) { return at(tb, benchAddress(tb)) }

func at(tb testing.TB, address string) func(*Config) {
	return func(c *Config) {
		s, err := redisstore.Open(redisstore.Config{URL: address, Resource: c.Resource, Logger: quiet(), Now: c.Now})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = s.Close() })
		c.Store, c.Keys = s, [][]byte{make([]byte, 32)}
	}
}

func redisBench(b *testing.B, address string, cached bool) *bench {
	return newBench(b, func(c *Config) {
		at(b, address)(c)
		if cached {
			c.CacheFor = maxCacheFor
		}
	})
}

// What a request, a refresh's write and a count cost in a Redis with many signed-in
// users: each has to be the same for all sizes.
func BenchmarkPopulatedRedis(b *testing.B) {
	address := benchAddress(b)
	for _, n := range []int{10, 10_000, 100_000} {
		b.Run(fmt.Sprint("sessions=", n), func(b *testing.B) {
			be := redisBench(b, address, false)
			tokens := be.populate(n)
			b.Run("Verify", func(b *testing.B) {
				for i := range b.N {
					be.wantValid(tokens[i*7919%n])
				}
			})
			b.Run("Write", func(b *testing.B) { // a grant's, as a refresh makes it
				ctx := context.Background()
				for i := range b.N {
					id := grantName(i * 7919 % n)
					g, version, err := load[grant](ctx, be.b.store, kindGrant, id)
					if err == nil {
						err = save(ctx, be.b.store, kindGrant, id, g, g.Ends, version)
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("Count", func(b *testing.B) {
				for range b.N {
					if got, err := be.b.store.Count(context.Background(), kindGrant); err != nil || got < n {
						b.Fatal(got, err)
					}
				}
			})
		})
	}
}

func grantName(i int) string { return hashKey(fmt.Sprint("grant ", i)) }

// populate stores n sessions like that of one who signed in, and returns their access
// tokens.
func (be *bench) populate(n int) []string {
	be.Helper()
	ctx := context.Background()
	like := be.wantValid(be.signIn().access)
	first, _, err := load[grant](ctx, be.b.store, kindGrant, like.Claims[claimSession].(string))
	if err != nil {
		be.Fatal(err)
	}
	tokens, ends := make([]string, n), be.clock.Now().Add(24*time.Hour)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < n; i += 8 {
				g := *first
				g.ID, g.Ends, tokens[i] = grantName(i), ends, accessPrefix+hashKey(fmt.Sprint("access ", i))
				err := save(ctx, be.b.store, kindGrant, g.ID, &g, ends, 0)
				if err == nil {
					a := &access{Grant: g.ID, Resource: be.b.resource.String(), Scopes: g.SignIn.Scopes, Ends: ends}
					err = save(ctx, be.b.store, kindAccess, hashKey(tokens[i]), a, ends, 0)
				}
				if err != nil {
					be.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	return tokens
}
