package authlib

import (
	"bytes"
	"context"
	"net/http"
)

// Operations reads one JSON-RPC message as strictly as [Guard.Protect] does and
// returns what it does, in the terms of [Decision.Operations]. raw is not
// changed. It is for adapters to SDKs that show them the raw message.
func Operations(raw []byte) ([]Operation, error) {
	_, msgs, err := new(scratch).parseBody(bytes.Clone(raw), false)
	if err != nil {
		return nil, err
	}
	return msgs[0].appendOperations(nil), nil
}

// EachOperation runs check for everything that raw does, which is one message as an
// SDK is about to run it, up to the first error. What is byte for byte the message that
// was decided on, for the request that ctx belongs to, need not be read again; anything
// else is read as [Operations] does. It is for adapters.
func EachOperation(ctx context.Context, raw []byte, check func(Operation) error) error {
	ops, err := operationsOf(ctx, raw)
	for i := 0; i < len(ops) && err == nil; i++ {
		err = check(ops[i])
	}
	return err
}

func operationsOf(ctx context.Context, raw []byte) ([]Operation, error) {
	if c, ok := ctx.Value(decidedKey{}).(*decidedContext); ok {
		if body := c.body.Load(); body != nil && len(raw) > 0 && bytes.Equal(*body, raw) {
			return c.d.ops, nil
		}
	}
	return Operations(raw)
}

// Deny answers r as [Guard.Protect] does when it refuses an operation: err is a
// [*DeniedError]. It is for adapters that refuse a request before it reaches an
// SDK which has no hook to check it.
func (g *Guard) Deny(w http.ResponseWriter, r *http.Request, err error) {
	x := &exchange{g: g, w: w, r: r}
	if d, ok := Decided(r.Context()); ok {
		x.p, x.number = d.principal, d.request
	}
	x.deny(err)
}
