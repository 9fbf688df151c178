package broker

import (
	"context"
	"testing"
	"time"
)

// What every request pays, by store.
func BenchmarkVerify(b *testing.B) {
	for name, change := range map[string]func(*Config){
		"memory":       nil,
		"files":        files(b.TempDir(), 1),
		"files cached": func(c *Config) { files(b.TempDir(), 1)(c); c.CacheFor = 5 * time.Second },
	} {
		b.Run(name, func(b *testing.B) {
			be := newBench(b, change)
			token := be.signIn().access
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				if _, err := be.b.Verify(context.Background(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
