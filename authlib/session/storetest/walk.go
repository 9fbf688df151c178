package storetest

import (
	"fmt"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// testWalk is for stores that can go through what they hold: every living record of the
// kind is shown once, with its key, no other is, and visit can stop it.
func testWalk(t *testing.T, b *bench) {
	w, ok := b.s.(session.Walker)
	if !ok {
		return
	}
	const n = 250
	for i := range n {
		b.put(t, "walk", fmt.Sprint("key ", i), fmt.Sprint("value ", i), 0)
	}
	b.put(t, "walker", "other", "kind", 0)
	seen := map[string]string{}
	walk := func(kind session.Kind, most int) error {
		clear(seen)
		return w.Walk(b.ctx, kind, func(key string, r session.Record, err error) bool {
			if _, twice := seen[key]; twice || err != nil || r.Version != 1 || !b.clock.Now().Before(r.Expires) {
				t.Errorf("%q: twice %v, %v, %v", key, twice, r, err)
			}
			seen[key] = string(r.Value)
			return len(seen) < most
		})
	}
	if err := walk("walk", n+1); err != nil || len(seen) != n || seen["key 7"] != "value 7" {
		t.Errorf("%v: %d records seen, want %d", err, len(seen), n)
	}
	if err := walk("walk", 3); err != nil || len(seen) != 3 {
		t.Errorf("%v: %d records seen, want 3", err, len(seen))
	}
	if err := walk("nothing", 1); err != nil || len(seen) != 0 {
		t.Errorf("%v: %d records of a kind that is not there", err, len(seen))
	}
	if w.Walk(b.ctx, "UPPER", nil) == nil {
		t.Error("a kind that is none was walked")
	}
}
