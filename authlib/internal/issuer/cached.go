package issuer

import (
	"context"
	"sync"
	"time"
)

const (
	// coolDown is how long nothing is fetched again after a fetch that failed, or
	// that a token asked for in vain.
	coolDown = 30 * time.Second
	// coolDownFound is that time after a fetch that was due, or that brought what a
	// token asked for.
	coolDownFound = time.Second
	// coolDownEmpty is that time while nothing was ever fetched.
	coolDownEmpty = 5 * time.Second
	// maxStale is how long something is used after it was fetched, when the
	// issuer cannot be asked.
	maxStale = 24 * time.Hour
	// fetchFor bounds one fetch, which several requests make up.
	fetchFor = 10 * time.Second
)

// cached is one published document. One fetch serves all who wait for it.
type cached[T any] struct {
	now   func() time.Time
	fetch func(context.Context) (*T, time.Duration, error) // the document and how long it is fresh

	mu      sync.Mutex
	value   *T        // nil: never fetched
	fetched time.Time // when value was
	expires time.Time // until when it is fresh
	tried   time.Time // when the last fetch began
	found   bool      // that it was due, or brought what a token asked for
	err     error     // of the last fetch
	flight  chan struct{}
}

// get returns the document: a fresh one, or the last one within maxStale where
// the issuer cannot be asked.
func (c *cached[T]) get(ctx context.Context) (*T, error) {
	v, at, err := c.load(ctx, false, func() bool { return c.now().Before(c.expires) })
	if err != nil && v != nil && c.now().Before(at.Add(maxStale)) {
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// renew returns a document that was fetched just now, or within the cool-down.
// An error means that the last fetch failed. If it was worth it, say so to
// worthwhile.
func (c *cached[T]) renew(ctx context.Context) (*T, error) {
	v, _, err := c.load(ctx, true, func() bool { return false })
	return v, err
}

// worthwhile shortens the cool-down: the fetch brought what was missing. Strangers
// can make up names of keys, but not keys, so an issuer that changes its keys
// quickly is followed, and one who sends inventions is not.
func (c *cached[T]) worthwhile() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found = true
}

// load returns the document, when it was fetched, and the error of the last
// fetch. It fetches unless the document will do or a fetch was tried lately.
// asked says that it is a token that asks.
func (c *cached[T]) load(ctx context.Context, asked bool, willDo func() bool) (*T, time.Time, error) {
	c.mu.Lock()
	if c.value != nil && willDo() {
		defer c.mu.Unlock()
		return c.value, c.fetched, nil
	}
	if c.flight == nil && c.mayTry() {
		c.flight, c.tried, c.found = make(chan struct{}), c.now(), false
		go c.fly(c.flight, asked)
	}
	flight := c.flight
	c.mu.Unlock()
	if flight != nil {
		select {
		case <-flight:
		case <-ctx.Done():
			return nil, time.Time{}, ctx.Err()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.fetched, c.err
}

func (c *cached[T]) mayTry() bool {
	wait := coolDown
	switch {
	case c.value == nil:
		wait = coolDownEmpty
	case c.found:
		wait = coolDownFound
	}
	return c.tried.IsZero() || !c.now().Before(c.tried.Add(wait))
}

// fly fetches, without the context of any one caller: others wait for it too.
func (c *cached[T]) fly(done chan struct{}, asked bool) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchFor)
	defer cancel()
	v, ttl, err := c.fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err = err; err == nil {
		c.value, c.fetched, c.expires = v, c.now(), c.now().Add(ttl)
		c.found = !asked
	}
	c.flight = nil
	close(done)
}

// freshUntil is when the document has to be fetched again.
func (c *cached[T]) freshUntil() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.expires
}

// fetchedAt is when the document was fetched; zero: never.
func (c *cached[T]) fetchedAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fetched
}
