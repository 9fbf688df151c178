package jwtauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

const (
	// maxAsking bounds the questions under way about tokens that were never found
	// good: strangers can send any number of them. As many more may be asked about
	// those that were, so that strangers do not shut out who was here before.
	maxAsking = 32
	// maxWaiting bounds the strangers' questions under way or waiting for a turn.
	maxWaiting = 1024
	// askWait is how long a question waits for its turn.
	askWait = time.Second
	// askFor bounds one question, for which several requests may wait.
	askFor = 10 * time.Second
)

// errBusy says that a question had no turn. It is an outage, and no refusal.
var errBusy = errors.New("jwtauth: too many tokens are being asked about")

// asking has every token asked about once at a time, and so many at all.
type asking struct {
	strangers, known chan struct{}
	after            func(time.Duration) <-chan time.Time

	mu      sync.Mutex
	flights map[digest]*flight
}

// A flight is one question and all who wait for its answer.
type flight struct {
	done chan struct{}
	p    *authlib.Principal
	err  error
}

func newAsking() *asking {
	return &asking{
		strangers: make(chan struct{}, maxAsking), known: make(chan struct{}, maxAsking),
		after: time.After, flights: map[digest]*flight{},
	}
}

// about returns what ask says of the token. It asks on although the caller
// leaves: others may wait, and the answer is remembered.
func (a *asking) about(ctx context.Context, token string, known bool, ask func(context.Context) (*authlib.Principal, error)) (*authlib.Principal, error) {
	key := sha256.Sum256([]byte(token))
	a.mu.Lock()
	f := a.flights[key]
	if f == nil && !known && len(a.flights) >= maxWaiting {
		a.mu.Unlock()
		return nil, errBusy
	}
	if f == nil {
		f = &flight{done: make(chan struct{})}
		a.flights[key] = f
		go a.fly(context.WithoutCancel(ctx), key, f, known, ask)
	}
	a.mu.Unlock()
	select {
	case <-f.done:
		return f.p, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *asking) fly(ctx context.Context, key digest, f *flight, known bool, ask func(context.Context) (*authlib.Principal, error)) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	f.p, f.err = a.inTurn(ctx, known, ask)
	a.mu.Lock()
	delete(a.flights, key)
	a.mu.Unlock()
	close(f.done)
}

func (a *asking) inTurn(ctx context.Context, known bool, ask func(context.Context) (*authlib.Principal, error)) (*authlib.Principal, error) {
	slots := a.strangers
	if known {
		slots = a.known
	}
	select {
	case slots <- struct{}{}:
	default:
		select {
		case slots <- struct{}{}:
		case <-a.after(askWait):
			return nil, errBusy
		}
	}
	defer func() { <-slots }()
	return ask(ctx)
}
