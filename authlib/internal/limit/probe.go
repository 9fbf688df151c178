package limit

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errNoAnswer says that a probe took too long.
var errNoAnswer = errors.New("no answer in time")

// A Probe asks whether something works, at most once at a time and once in keep
// however many want to know, and lets nobody wait for longer than wait. It is safe for
// concurrent use.
type Probe struct {
	ask        func(context.Context) error
	wait, keep time.Duration
	now        func() time.Time

	mu     sync.Mutex
	flight chan struct{} // nil: nobody is asking
	asked  bool
	at     time.Time // of the last answer
	err    error
}

// NewProbe returns a probe that has asked nothing yet. ask gets a context that ends
// after wait. A panic of ask is an answer: it does not work.
func NewProbe(ask func(context.Context) error, wait, keep time.Duration, now func() time.Time) *Probe {
	return &Probe{ask: ask, wait: wait, keep: keep, now: now}
}

// Ask returns nil where it works, as of now or of less than keep ago.
func (p *Probe) Ask(ctx context.Context) error {
	p.mu.Lock()
	if p.asked && p.now().Sub(p.at) < p.keep {
		defer p.mu.Unlock()
		return p.err
	}
	if p.flight == nil {
		p.flight = make(chan struct{})
		go p.fly(p.flight)
	}
	flight := p.flight
	p.mu.Unlock()
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case <-flight:
	case <-timer.C:
		return errNoAnswer
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// fly asks without the context of any one caller: others wait for it too.
func (p *Probe) fly(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), p.wait)
	defer cancel()
	err := p.guarded(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked, p.at, p.err, p.flight = true, p.now(), err, nil
	close(done)
}

func (p *Probe) guarded(ctx context.Context) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the check panicked")
		}
	}()
	return p.ask(ctx)
}
