package authlib

import (
	"context"
	"fmt"
	"slices"
)

// A Decision is what [Guard.Protect] decided about one HTTP request. It is
// immutable, and travels in the request's context.
type Decision struct {
	guard     *Guard
	principal *Principal
	ops       []Operation
	request   requestID
}

// String says who may do what. It keeps the guard's keys out of %s, which prints
// what a pointer in a field points to.
func (d *Decision) String() string {
	return fmt.Sprintf("authlib.Decision(%s, %s)", callerID(d.principal), d.ops)
}

// GoString is String, for %#v.
func (d *Decision) GoString() string { return d.String() }

type decisionKey struct{}

// Decided returns the decision that a guard made about the request that ctx
// belongs to. ok is false when the request came past every guard. In a handler of
// an SDK it is the decision about the handler's own request where the server was set
// up by an adapter.
func Decided(ctx context.Context) (d *Decision, ok bool) {
	d, _ = ctx.Value(decisionKey{}).(*Decision)
	return d, d != nil
}

// NewContext returns a context that carries d and its caller. It is for adapters to
// SDKs whose handlers get a context of another request than their own.
func (d *Decision) NewContext(ctx context.Context) context.Context {
	return &decidedContext{Context: ctx, d: *d}
}

// Guard returns the guard that decided.
func (d *Decision) Guard() *Guard { return d.guard }

// Principal returns the caller; nil is anonymous.
func (d *Decision) Principal() *Principal { return d.principal }

// Operations returns what the request was allowed to do: one operation for each
// thing that its messages name. Completion is "prompts/get" or "resources/read" of
// what its ref names; a response is the method "response". It is empty for
// requests without a message (GET, DELETE).
func (d *Decision) Operations() []Operation { return slices.Clone(d.ops) }

// Allows reports whether op is exactly what the guard decided on and allowed.
func (d *Decision) Allows(op Operation) bool { return slices.Contains(d.ops, op) }

// Check is the second check, for use inside an SDK: the request that is about to
// run must be one that g itself let through, and the policy must still allow it.
// d may be nil. The error is a [*DeniedError].
func (g *Guard) Check(ctx context.Context, d *Decision, op Operation) error {
	if d == nil || d.guard != g || !d.Allows(op) {
		return &DeniedError{Operation: op, Err: ErrForbidden}
	}
	return g.Authorize(ctx, d.principal, op)
}

// Filter returns those of items that are usable: adapters list by it what can be
// called. op says what using an item is. items is not changed; it is what is returned
// where all of them are usable.
func Filter[T any](items []T, op func(T) Operation, usable func(Operation) bool) []T {
	n := 0
	for n < len(items) && usable(op(items[n])) {
		n++
	}
	if n == len(items) {
		return slices.Clip(items)
	}
	out := append(make([]T, 0, len(items)-1), items[:n]...)
	for _, it := range items[n+1:] {
		if usable(op(it)) {
			out = append(out, it)
		}
	}
	return out
}
