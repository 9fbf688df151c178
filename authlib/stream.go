package authlib

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// recheckEvery is how often the token of an open stream or a long call is
	// verified again.
	recheckEvery = 30 * time.Second
	// bodyTimeout is how long a request body may take to arrive.
	bodyTimeout = 30 * time.Second
	// callGrace is how long a call that was allowed may go on after its token has
	// expired.
	callGrace = time.Minute
)

type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

// decidedKey is the key under which a decidedContext finds itself.
type decidedKey struct{}

// A decidedContext carries the caller and the decision. It holds nothing else of the
// exchange, because an SDK may keep it for as long as a session lasts.
type decidedContext struct {
	context.Context
	d    Decision
	only [1]Operation           // the usual operations
	body atomic.Pointer[[]byte] // what was decided on, while the request is served
}

func (c *decidedContext) Value(key any) any {
	switch key.(type) {
	case decidedKey:
		return c
	case decisionKey:
		return &c.d
	case principalKey:
		return c.d.principal
	case requestKey:
		return c.d.request
	}
	return c.Context.Value(key)
}

// context returns the context of the request: with the caller and the decision,
// and ending when the caller's credential does. An answer that outlived its token
// would go on telling a signed-out user what happens. What is answered at once
// costs a timer and no goroutine.
func (x *exchange) context() context.Context {
	c := &decidedContext{Context: x.r.Context()}
	if x.p != nil {
		l := &x.lease
		l.x, l.end = x, x.ends()
		l.ctx, l.cancel = context.WithCancel(c.Context)
		l.timer = time.AfterFunc(l.next(), l.watch)
		c.Context = l.ctx
	}
	ops := x.ops
	if len(ops) == 1 {
		c.only[0] = ops[0]
		ops = c.only[:]
	}
	c.d = Decision{guard: x.g, principal: x.p, ops: ops, request: x.number}
	c.body.Store(&x.body)
	x.decided = c
	return c
}

// end ends what context began.
func (x *exchange) end() {
	x.decided.body.Store(nil)
	if x.p != nil {
		x.lease.timer.Stop()
		x.lease.cancel()
	}
}

// ends is when the credential ends, by the system's clock; zero: never.
func (x *exchange) ends() time.Time {
	if x.p.Expiry.IsZero() {
		return time.Time{}
	}
	left := x.p.Expiry.Sub(x.g.now())
	if !x.isStream() {
		left += callGrace
	}
	return time.Now().Add(left)
}

func (x *exchange) isStream() bool {
	return x.r.Method == http.MethodGet || slices.ContainsFunc(x.ops, func(op Operation) bool { return op.Method == "subscriptions/listen" })
}

// A lease is how long a request that takes long may go on.
type lease struct {
	x      *exchange
	ctx    context.Context
	cancel context.CancelFunc
	timer  *time.Timer
	end    time.Time // zero: never
}

// next is how long to wait before looking again.
func (l *lease) next() time.Duration {
	if l.end.IsZero() {
		return l.x.g.recheck
	}
	return max(0, min(l.x.g.recheck, time.Until(l.end)))
}

// watch ends the request when its time is over, or soon after its token was
// revoked.
func (l *lease) watch() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-timer.C:
		}
		if !l.good() {
			l.cancel()
			return
		}
		timer.Reset(l.next())
	}
}

// good verifies the token again. A verifier that can't be reached ends nothing:
// the token was good when the request came. Neither does a token that has expired
// while a call may go on a little. A verifier that panics would end the program here, where
// no server catches that.
func (l *lease) good() (ok bool) {
	defer func() {
		if recover() != nil {
			l.x.audit(auditVerifierFailed, slog.String("reason", "the verifier panicked"))
			ok = false
		}
	}()
	if !l.end.IsZero() && !time.Now().Before(l.end) {
		return false
	}
	if p := l.x.p; !p.Expiry.IsZero() && !l.x.g.now().Before(p.Expiry) {
		return true
	}
	p, err := l.x.g.cfg.Verifier.Verify(l.ctx, l.x.token)
	if err == nil && p != nil {
		if p.ID() != l.x.p.ID() {
			return false
		}
		l.x.latest.Store(p)
	}
	return !errors.Is(err, ErrInvalidToken)
}

// reader is the caller as the last verification of the token had it: what the
// caller may do can have changed since the request began.
func (x *exchange) reader() *Principal {
	if p := x.latest.Load(); p != nil {
		return p
	}
	return x.p
}
