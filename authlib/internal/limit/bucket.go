package limit

import (
	"container/list"
	"sync"
	"time"
)

// A Rate is how often something may happen: burst times at once, and then once
// in every.
type Rate struct {
	Every time.Duration
	Burst int
}

// tokens is a token bucket. It is as many tokens as there were at the time "at".
type tokens struct {
	left float64
	at   time.Time
}

// take takes a token, or says how long it takes until there is one.
func (t *tokens) take(r Rate, now time.Time) (wait time.Duration, ok bool) {
	t.left = min(float64(r.Burst), t.left+max(0, float64(now.Sub(t.at))/float64(r.Every)))
	t.at = now
	if t.left < 1 {
		return time.Duration((1 - t.left) * float64(r.Every)), false
	}
	t.left--
	return 0, true
}

// maxDebt is how many bursts may be charged beyond what there is.
const maxDebt = 10

// charge takes a token even where there is none, so that it takes longer until there is.
func (t *tokens) charge(r Rate, now time.Time) {
	if _, ok := t.take(r, now); !ok {
		t.left = max(t.left-1, float64(-maxDebt*r.Burst))
	}
}

// Keys is a token bucket for each of some keys: the least recently used one is
// forgotten when there are more than max. It is safe for concurrent use.
type Keys struct {
	rate Rate
	max  int
	now  func() time.Time

	mu    sync.Mutex
	byKey map[string]*list.Element
	order list.List // of *keyed, most recently used first
}

type keyed struct {
	key string
	tokens
}

// NewKeys returns buckets for at most max keys at a time, which are full at first.
func NewKeys(rate Rate, max int, now func() time.Time) *Keys {
	return &Keys{rate: rate, max: max, now: now, byKey: map[string]*list.Element{}}
}

// Take takes a token of key's, or says how long it takes until there is one.
func (k *Keys) Take(key string) (wait time.Duration, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.of(key).take(k.rate, k.now())
}

// Charge takes a token of key's for what has happened already. What happens at once
// while there are tokens is charged in full, so that in the long run it is no more than
// the rate allows.
func (k *Keys) Charge(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.of(key).charge(k.rate, k.now())
}

// Left reports whether key has a token, and how long it takes until it has one.
func (k *Keys) Left(key string) (wait time.Duration, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	looked := k.of(key).tokens
	return looked.take(k.rate, k.now())
}

func (k *Keys) of(key string) *keyed {
	if el := k.byKey[key]; el != nil {
		k.order.MoveToFront(el)
		return el.Value.(*keyed)
	}
	e := &keyed{key, tokens{float64(k.rate.Burst), k.now()}}
	k.byKey[key] = k.order.PushFront(e)
	if k.order.Len() > k.max {
		oldest := k.order.Back()
		k.order.Remove(oldest)
		delete(k.byKey, oldest.Value.(*keyed).key)
	}
	return e
}
