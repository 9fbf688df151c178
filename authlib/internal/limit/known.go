package limit

import (
	"hash/maphash"
	"sync"
	"time"
)

// Known remembers which strings were seen lately, by a keyed hash of 64 bits and so
// without keeping them. It may forget early, and two strings may have one hash: it is
// for deciding whom to serve first, and not whom to trust. It is safe for concurrent
// use.
type Known struct {
	seed maphash.Seed
	max  int
	keep time.Duration
	now  func() time.Time

	mu         sync.RWMutex
	young, old map[uint64]struct{}
	turned     time.Time // when young was begun
}

// NewKnown remembers strings for keep to 2·keep after they were added, and at most
// the last max to 2·max.
func NewKnown(max int, keep time.Duration, now func() time.Time) *Known {
	return &Known{seed: maphash.MakeSeed(), max: max, keep: keep, now: now, young: map[uint64]struct{}{}, turned: now()}
}

// Has reports whether s was added lately.
func (k *Known) Has(s string) bool {
	h := maphash.String(k.seed, s)
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, young := k.young[h]
	_, old := k.old[h]
	return young || old
}

// Add remembers s.
func (k *Known) Add(s string) {
	h := maphash.String(k.seed, s)
	now := k.now()
	k.mu.RLock()
	_, young := k.young[h]
	due := now.Sub(k.turned) >= k.keep
	k.mu.RUnlock()
	if young && !due {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if now.Sub(k.turned) >= k.keep || len(k.young) >= k.max {
		k.old, k.young, k.turned = k.young, map[uint64]struct{}{}, now
	}
	k.young[h] = struct{}{}
}

// Forget forgets s.
func (k *Known) Forget(s string) {
	h := maphash.String(k.seed, s)
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.young, h)
	delete(k.old, h)
}
