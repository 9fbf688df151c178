package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// healthWait is how long Health waits for the issuer.
const healthWait = 2 * time.Second

// Health returns an error where no token can be checked: the issuer's keys were
// never had, or are older than a day, and can't be fetched. While there are younger
// ones it returns nil though the issuer is down, as [Verifier.Verify] goes on with them
// then; [Verifier.KeysAge] shows it. It takes 2 seconds at most, and makes the issuer
// be asked no more often than tokens do.
func (v *Verifier) Health(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	if err := v.issuer.Keys(ctx); err != nil {
		return fmt.Errorf("jwtauth: the keys of %s: %w", v.cfg.Issuer, err)
	}
	return nil
}

// KeysAge is how long ago the issuer's keys were fetched; ok is false while they never
// were. They are fetched when they are needed, at most a day after they were; an age
// of more than a day means that no token can be checked.
func (v *Verifier) KeysAge() (age time.Duration, ok bool) {
	at := v.issuer.KeysFetched()
	if at.IsZero() {
		return 0, false
	}
	return v.issuer.Now().Sub(at), true
}

// outageFor is how long a failed question counts: where nobody asks any more because
// of it, nothing else would end it.
const outageFor = 30 * time.Second

// Health returns an error where the last question to the issuer failed, less than 30
// seconds ago. It asks nothing, so it never waits.
func (v *Introspection) Health(context.Context) error {
	if err := v.outage.within(outageFor, v.cfg.Now()); err != nil {
		return fmt.Errorf("jwtauth: introspection: %w", err)
	}
	return nil
}

// outage is how the last question went. The zero value is ready.
type outage struct {
	mu  sync.Mutex
	at  time.Time
	err error
}

func (o *outage) note(err error, now time.Time) {
	if errors.Is(err, context.Canceled) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at, o.err = now, err
}

func (o *outage) within(d time.Duration, now time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil && now.Sub(o.at) < d {
		return o.err
	}
	return nil
}
