package broker

import (
	"context"
	"errors"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

func (b *Broker) tell(ctx context.Context, e authlib.Event) {
	e.Tell(ctx, b.cfg.Observer, b.cfg.Logger)
}

// tellToken tells of an answer of the token endpoint.
func (b *Broker) tellToken(ctx context.Context, kind string, err error, d time.Duration) {
	e := authlib.Event{Kind: authlib.EventToken, Operation: kind, Outcome: "issued", Duration: d}
	if kind == grantAssertion {
		e.Operation = "jwt_bearer"
	}
	var refusal *oauthError
	switch {
	case errors.As(err, &refusal):
		e.Outcome, e.Reason = "refused", refusal.Code
	case err != nil:
		e.Outcome = "unavailable"
	}
	b.tell(ctx, e)
}

// tellSignIn tells how a sign-in at a provider ended.
func (b *Broker) tellSignIn(ctx context.Context, name string, err error) {
	e := authlib.Event{Kind: authlib.EventSignIn, Operation: name, Outcome: "failed"}
	switch {
	case err == nil:
		e.Outcome = "signed_in"
	case errors.Is(err, errNotAllowed):
		e.Outcome = "refused"
	case errors.Is(err, provider.ErrDenied):
		e.Outcome = "declined"
	}
	b.tell(ctx, e)
}

// tellRegistration tells what became of a client's metadata.
func (b *Broker) tellRegistration(ctx context.Context, how string, err error, refused bool) {
	e := authlib.Event{Kind: authlib.EventRegistration, Operation: how, Outcome: "failed"}
	switch {
	case err == nil:
		e.Outcome = "registered"
	case refused:
		e.Outcome = "refused"
	}
	b.tell(ctx, e)
}

// tellLimit tells of a request that is answered with 429.
func (b *Broker) tellLimit(ctx context.Context, e *oauthError) {
	b.tell(ctx, authlib.Event{Kind: authlib.EventLimit, Operation: e.door, Outcome: "refused"})
}

// noteUpstream notes and tells of a refresh at a provider.
func (b *Broker) noteUpstream(ctx context.Context, p provider.Provider, err error, d time.Duration) {
	b.upstreams.note(p, err, b.now())
	e := authlib.Event{Kind: authlib.EventUpstream, Operation: p.Name(), Outcome: "failed", Duration: d}
	switch {
	case err == nil:
		e.Outcome = "refreshed"
	case errors.Is(err, provider.ErrInvalidToken):
		e.Outcome = "ended"
	}
	b.tell(ctx, e)
}

// observed is a store whose calls are told of. It is below the seal, so that what is
// measured is the store.
type observed struct {
	session.Store
	b *Broker
}

func (o observed) tell(ctx context.Context, method string, begun time.Time, err error) {
	e := authlib.Event{Kind: authlib.EventStore, Operation: method, Outcome: "failed", Duration: o.b.now().Sub(begun)}
	switch {
	case err == nil:
		e.Outcome = "ok"
	case errors.Is(err, session.ErrNotFound):
		e.Outcome = "not_found"
	case errors.Is(err, session.ErrConflict):
		e.Outcome = "conflict"
	case errors.Is(err, session.ErrFull):
		e.Outcome = "full"
	case errors.Is(err, session.ErrCorrupt):
		e.Outcome = "damaged"
	}
	o.b.tell(ctx, e)
}

func (o observed) Get(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	begun := o.b.now()
	r, err := o.Store.Get(ctx, kind, key)
	o.tell(ctx, "get", begun, err)
	return r, err
}

func (o observed) Put(ctx context.Context, kind session.Kind, key string, r session.Record, ifVersion uint64) error {
	begun := o.b.now()
	err := o.Store.Put(ctx, kind, key, r, ifVersion)
	o.tell(ctx, "put", begun, err)
	return err
}

func (o observed) Delete(ctx context.Context, kind session.Kind, key string) error {
	begun := o.b.now()
	err := o.Store.Delete(ctx, kind, key)
	o.tell(ctx, "delete", begun, err)
	return err
}

func (o observed) Take(ctx context.Context, kind session.Kind, key string) (session.Record, error) {
	begun := o.b.now()
	r, err := o.Store.Take(ctx, kind, key)
	o.tell(ctx, "take", begun, err)
	return r, err
}

func (o observed) Count(ctx context.Context, kind session.Kind) (int, error) {
	begun := o.b.now()
	n, err := o.Store.Count(ctx, kind)
	o.tell(ctx, "count", begun, err)
	return n, err
}
