package broker

import (
	"context"
	"os"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
)

// What every request pays with Redis: the embedded one, or the one that
// REDIS_TEST_URL names.
func BenchmarkVerifyRedis(b *testing.B) {
	address := os.Getenv("REDIS_TEST_URL")
	if address == "" {
		address = "redis://" + miniredis.RunT(b).Addr()
	}
	for name, cached := range map[string]bool{"asked": false, "cached": true} {
		b.Run(name, func(b *testing.B) {
			be := newBench(b, func(c *Config) {
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
