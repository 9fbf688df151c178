package redisstore

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// benchURL is what REDIS_TEST_URL names, or the embedded Redis.
func benchURL(b *testing.B) string {
	if url := os.Getenv("REDIS_TEST_URL"); url != "" {
		return url
	}
	_, url := embedded(b)
	return url
}

// The calls of the store, one after the other, with values of the size of a grant.
func BenchmarkStore(b *testing.B) {
	ctx, value := context.Background(), strings.Repeat("v", 900)
	s := open(b, benchURL(b), func(c *Config) { c.Resource = "https://mcp.acme.test/" + fmt.Sprint(time.Now().UnixNano()) })
	put(b, s, "grant", "k", value)
	n := 0
	fresh := func() string { n++; return fmt.Sprint(n) }
	for _, c := range []struct {
		name string
		do   func() error
	}{
		{"Get", func() error { _, err := s.Get(ctx, "grant", "k"); return err }},
		{"Put", func() error { return s.Put(ctx, "access", fresh(), inAnHour(value), 0) }},
		{"PutAndTake", func() error {
			key := fresh()
			if err := s.Put(ctx, "code", key, inAnHour(value), 0); err != nil {
				return err
			}
			_, err := s.Take(ctx, "code", key)
			return err
		}},
		{"Count", func() error { _, err := s.Count(ctx, "grant"); return err }},
		{"Broadcast", func() error { return s.Broadcast(ctx, "m") }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if err := c.do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
