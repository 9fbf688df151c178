package issuer

import (
	"context"
	"sync"
	"time"
)

const (
	// coolDown is how long nothing is fetched again after a fetch, whatever
	// tokens ask for.
	coolDown = 30 * time.Second
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
	err     error     // of the last fetch
	flight  chan struct{}
}

// get returns the document: a fresh one, or the last one within maxStale where
// the issuer cannot be asked.
func (c *cached[T]) get(ctx context.Context) (*T, error) {
	v, at, err := c.load(ctx, func() bool { return c.now().Before(c.expires) })
	if err != nil && v != nil && c.now().Before(at.Add(maxStale)) {
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// renew returns a document that was fetched just now, or within the cool-down.
// An error means that the last fetch failed.
func (c *cached[T]) renew(ctx context.Context) (*T, error) {
	v, _, err := c.load(ctx, func() bool { return false })
	return v, err
}

// load returns the document, when it was fetched, and the error of the last
// fetch. It fetches unless the document will do or a fetch was tried lately.
func (c *cached[T]) load(ctx context.Context, willDo func() bool) (*T, time.Time, error) {
	c.mu.Lock()
	if c.value != nil && willDo() {
		defer c.mu.Unlock()
		return c.value, c.fetched, nil
	}
	if c.flight == nil && c.mayTry() {
		c.flight, c.tried = make(chan struct{}), c.now()
		go c.fly(c.flight)
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
	if c.value == nil {
		wait = coolDownEmpty
	}
	return c.tried.IsZero() || !c.now().Before(c.tried.Add(wait))
}

// fly fetches, without the context of any one caller: others wait for it too.
func (c *cached[T]) fly(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchFor)
	defer cancel()
	v, ttl, err := c.fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err = err; err == nil {
		c.value, c.fetched, c.expires = v, c.now(), c.now().Add(ttl)
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
