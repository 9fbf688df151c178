package broker

import (
	"bytes"
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

// The keys of MCP sessions are those of the key ring, of this resource only, and no
// key of the ring itself.
func TestSessionKeysFollowTheRing(t *testing.T) {
	k1, k2 := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	be := newBench(t, func(c *Config) { c.Keys = [][]byte{k1} })
	first := be.b.SessionKeys()
	both := be.newBroker(func(c *Config) { c.Keys = [][]byte{k2, k1} }).SessionKeys()
	other := newBench(t, func(c *Config) { c.Keys = [][]byte{k1} }).b.SessionKeys()
	if len(first) != 1 || len(both) != 2 || len(first[0]) != 32 || !bytes.Equal(both[1], first[0]) || bytes.Equal(both[0], both[1]) {
		t.Errorf("%d and %d keys", len(first), len(both))
	}
	if bytes.Equal(first[0], other[0]) || bytes.Equal(first[0], k1) || bytes.Equal(first[0], be.b.ring.MAC("csrf", nil)) {
		t.Error("a key serves something else as well")
	}
}
