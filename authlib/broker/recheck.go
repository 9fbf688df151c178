package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// What the provider, Allow and Roles said of a user is believed for Config.RolesTTL.
// From half of that on whoever calls next asks again; until it is over an outage
// leaves things as they are, and after it nobody gets in whom nobody can vouch for.

// errNotConfirmed is an outage to the guard, which answers 503.
var errNotConfirmed = errors.New("broker: who the caller is now, and which roles they have, could not be looked up")

// age says whether what is known of g's user should be asked for again, and whether
// it is too old to go by.
func (b *Broker) age(g *grant) (due, over bool) {
	if g.Short { // nobody could be asked; it ends in time by itself
		return false, false
	}
	age := b.now().Sub(g.SignIn.At)
	over = g.Recheck || b.cfg.RolesTTL < b.cfg.AccessTTL && age >= b.cfg.RolesTTL
	due = over || b.cfg.RolesTTL < b.cfg.AccessTTL && age >= b.cfg.RolesTTL/2
	return due, over
}

// believedFor is how long what current gave may be gone by without asking it again.
func (b *Broker) believedFor(g *grant) time.Duration {
	if g.Short || !g.Recheck && b.cfg.RolesTTL >= b.cfg.AccessTTL {
		return b.cfg.AccessTTL
	}
	now, ttl := b.now(), b.cfg.RolesTTL
	if due, over := b.age(g); over {
		return 0
	} else if !due {
		return g.SignIn.At.Add(ttl / 2).Sub(now)
	}
	return min(g.SignIn.At.Add(ttl).Sub(now), g.Failed.Add(ttl/8).Sub(now)) // else somebody is asking
}

// current returns g as it is to be believed now. It fails with an error that matches
// authlib.ErrInvalidToken if the sign-in ended, and with another one if nobody knows.
func (b *Broker) current(ctx context.Context, g *grant) (*grant, error) {
	due, over := b.age(g)
	switch {
	case !due:
		return g, nil
	case over:
		return b.mustConfirm(ctx, g)
	case b.now().Before(g.Failed.Add(b.cfg.RolesTTL / 8)):
		return g, nil
	}
	unlock, ok := b.locks.try(g.ID)
	if !ok {
		return g, nil // somebody is asking
	}
	defer unlock()
	fresh, err := b.confirmAgain(ctx, g.ID, time.Time{})
	if err != nil && !errors.Is(err, authlib.ErrInvalidToken) {
		return g, nil
	}
	return fresh, err
}

// mustConfirm waits for the answer. Those who wait together share an outage: each of
// them asking in turn would take as long as all of them.
func (b *Broker) mustConfirm(ctx context.Context, g *grant) (*grant, error) {
	since := b.now()
	unlock, err := b.locks.lock(ctx, g.ID)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return b.confirmAgain(ctx, g.ID, since)
}

// confirmAgain asks unless somebody else did meanwhile, and since then in vain. It is
// called with the family's lock held; across processes the store decides.
func (b *Broker) confirmAgain(ctx context.Context, id string, since time.Time) (*grant, error) {
	for range 5 {
		g, version, err := load[grant](ctx, b.store, kindGrant, id)
		if errors.Is(err, session.ErrNotFound) {
			return nil, fmt.Errorf("%w: it was revoked", authlib.ErrInvalidToken)
		}
		if err != nil {
			return nil, err
		}
		if due, _ := b.age(g); !due {
			return g, nil
		}
		if !since.IsZero() && g.Failed.After(since) {
			return nil, errNotConfirmed
		}
		err = b.confirmAndSave(ctx, g, version)
		if !errors.Is(err, session.ErrConflict) {
			return g, err
		}
	}
	return nil, errors.New("broker: a grant keeps changing")
}

func (b *Broker) confirmAndSave(ctx context.Context, g *grant, version uint64) error {
	err := b.confirm(ctx, g)
	var refused *oauthError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%w: the sign-in ended", authlib.ErrInvalidToken)
	case err != nil:
		b.cfg.Logger.WarnContext(ctx, auditNotConfirmed, "client", g.ClientID, "subject", g.SignIn.Identity.Subject, "since", g.SignIn.At, "error", err)
		g.Failed = b.now()
		_ = save(ctx, b.store, kindGrant, g.ID, g, b.grantEnds(g), version) // it only spares the provider
		return fmt.Errorf("%w: %w", errNotConfirmed, err)
	}
	return save(ctx, b.store, kindGrant, g.ID, g, b.grantEnds(g), version)
}

// Recheck makes the next call of each of the user's clients ask again, who the user
// is, whether they may sign in, and which roles they have: for when a role was taken
// away, and [Config].RolesTTL is too long to wait. Until that could be answered the
// user is not served. In other processes it takes up to [Config].CacheFor. What came
// in without a provider that can be asked (Machines, Enterprise) is signed out, and
// can come in again. An unknown user is no error.
func (b *Broker) Recheck(ctx context.Context, issuer, subject string) error {
	now := b.now()
	if err := b.noteSince(ctx, issuer, subject, func(s *since) { s.Recheck = now }); err != nil {
		return err
	}
	ids, _, err := load[[]string](ctx, b.store, kindUser, userKey(issuer, subject))
	if errors.Is(err, session.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, id := range *ids {
		err = errors.Join(err, b.recheckGrant(ctx, id))
	}
	b.cfg.Logger.InfoContext(ctx, auditRecheck, "issuer", issuer, "subject", subject, "grants", len(*ids))
	return err
}

func (b *Broker) recheckGrant(ctx context.Context, id string) error {
	for range 20 {
		g, version, err := load[grant](ctx, b.store, kindGrant, id)
		switch {
		case errors.Is(err, session.ErrNotFound):
			return nil
		case err != nil:
			return err
		case g.Short:
			return b.dropGrant(ctx, id)
		}
		g.Recheck = true
		err = save(ctx, b.store, kindGrant, id, g, b.grantEnds(g), version)
		if errors.Is(err, session.ErrConflict) {
			continue
		}
		b.announce(ctx, id)
		return err
	}
	return errors.New("broker: a grant keeps changing")
}
