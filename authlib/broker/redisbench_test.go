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
)

// What every request pays with Redis: the embedded one, or the one that
// REDIS_TEST_URL names.
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

func benchAddress(b *testing.B) string {
	if address := os.Getenv("REDIS_TEST_URL"); address != "" {
		return address
	}
	return "redis://" + miniredis.RunT(b).Addr()
}

func redisBench(b *testing.B, address string, cached bool) *bench {
	return newBench(b, func(c *Config) {
		s, err := redisstore.Open(redisstore.Config{URL: address, Resource: c.Resource, Logger: quiet(), Now: c.Now})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		c.Store, c.Keys = s, [][]byte{make([]byte, 32)}
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
