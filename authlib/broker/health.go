package broker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

const (
	// healthWait is how long Health waits for the store.
	healthWait = 2 * time.Second
	// healthFor is how long it repeats its answer.
	healthFor = time.Second
)

// Health returns an error where the store cannot be read, without which nobody is
// served. It takes 2 seconds at most, and asks once a second at most. What it says is
// for the operator; see [authlib.Readiness].
func (b *Broker) Health(ctx context.Context) error {
	if err := b.probe.Ask(ctx); err != nil {
		return fmt.Errorf("broker: the session store: %w", err)
	}
	return nil
}

// kindHealth is of a record that nobody writes.
const kindHealth session.Kind = "health"

func (b *Broker) pingStore(ctx context.Context) error {
	if p, ok := b.cfg.Store.(session.Pinger); ok {
		return p.Ping(ctx)
	}
	_, err := b.cfg.Store.Get(ctx, kindHealth, "nothing")
	if errors.Is(err, session.ErrNotFound) {
		return nil
	}
	return err
}

// UpstreamHealth returns an error that names each provider whose last call failed
// for other reasons than the user's, and since when. It asks nobody. While a provider
// is down nobody new signs in there, and whoever has is served until a refresh is
// due; so it is for an alert rather than for taking the program out of service.
func (b *Broker) UpstreamHealth() error { return b.upstreams.health() }

// upstreams remembers how the last call of each provider went. The zero value is
// ready.
type upstreams struct {
	mu      sync.Mutex
	failing map[string]outage
}

type outage struct {
	since time.Time
	err   error
}

// note takes down what came of a call. A caller that left says nothing of the
// provider, and a refusal of the user is an answer.
func (u *upstreams) note(p provider.Provider, err error, now time.Time) {
	if errors.Is(err, context.Canceled) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if err == nil || errors.Is(err, provider.ErrInvalidToken) || errors.Is(err, provider.ErrDenied) || errors.Is(err, provider.ErrNoRefresh) {
		delete(u.failing, p.Name())
		return
	}
	if u.failing == nil {
		u.failing = map[string]outage{}
	}
	f, known := u.failing[p.Name()]
	if !known {
		f.since = now
	}
	f.err = err
	u.failing[p.Name()] = f
}

func (u *upstreams) health() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []error
	for name, f := range u.failing {
		all = append(all, fmt.Errorf("broker: provider %s fails since %s: %w", name, f.since.UTC().Format(time.RFC3339), f.err))
	}
	return errors.Join(all...)
}
