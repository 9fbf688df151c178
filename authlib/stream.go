package authlib

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"
)

const (
	// recheckEvery is how often the token of an open stream is verified again.
	recheckEvery = 30 * time.Second
	// callGrace is how long a call that was allowed may go on after its token has
	// expired.
	callGrace = time.Minute
)

type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

func newBody(b []byte) io.ReadCloser {
	r := new(body)
	r.Reset(b)
	return r
}

// A decidedContext carries the caller and the decision.
type decidedContext struct {
	context.Context
	d Decision
}

func (c *decidedContext) Value(key any) any {
	switch key.(type) {
	case decisionKey:
		return &c.d
	case principalKey:
		return c.d.principal
	}
	return c.Context.Value(key)
}

// context returns the context of the request: with the caller and the decision,
// and ending when the caller's credential does. A stream that outlived its token
// would go on telling a signed-out user what happens.
func (x *exchange) context() (context.Context, context.CancelFunc) {
	ctx, stop := x.r.Context(), context.CancelFunc(func() {})
	stream := x.p != nil && x.isStream()
	if x.p != nil && !x.p.Expiry.IsZero() {
		left := x.p.Expiry.Sub(x.g.now())
		if !stream {
			left += callGrace
		}
		ctx, stop = context.WithTimeout(ctx, left)
	}
	if stream {
		ctx, stop = x.watch(ctx, stop)
	}
	return &decidedContext{ctx, Decision{guard: x.g, principal: x.p, ops: x.ops}}, stop
}

func (x *exchange) isStream() bool {
	return x.r.Method == http.MethodGet || slices.ContainsFunc(x.ops, func(op Operation) bool { return op.Method == "subscriptions/listen" })
}

// watch ends ctx soon after the token was revoked. A verifier that can't be
// reached ends nothing: the token was good when the stream began.
func (x *exchange) watch(ctx context.Context, stop context.CancelFunc) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(recheckEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if _, err := x.g.cfg.Verifier.Verify(ctx, x.token); errors.Is(err, ErrInvalidToken) {
					cancel()
					return
				}
			}
		}
	}()
	return ctx, func() { cancel(); stop() }
}
