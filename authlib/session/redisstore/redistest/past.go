package redistest

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Remember returns a function that takes an embedded Redis back to what it has now, as
// a failover to a replica does that got nothing from now on.
func Remember(t testing.TB, m *miniredis.Miniredis) (back func()) {
	t.Helper()
	type set = map[string]float64
	texts, sets, ends := map[string]string{}, map[string]set{}, map[string]time.Duration{}
	for _, key := range m.Keys() {
		var err error
		if m.Type(key) == "zset" {
			sets[key], err = m.SortedSet(key)
		} else {
			texts[key], err = m.Get(key)
		}
		if err != nil {
			t.Fatal(err)
		}
		ends[key] = m.TTL(key)
	}
	return func() {
		m.FlushAll()
		for key, v := range texts {
			_ = m.Set(key, v)
		}
		for key, members := range sets {
			for member, score := range members {
				_, _ = m.ZAdd(key, score, member)
			}
		}
		for key, d := range ends {
			if d > 0 {
				m.SetTTL(key, d)
			}
		}
	}
}
