package broker

import (
	"context"
	"errors"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// kindSince is what was said of a user lately, by issuer and subject.
const kindSince session.Kind = "since"

// sinceTTL is longer than a code and its redemption take.
const sinceTTL = codeTTL + time.Minute

// A since holds for codes too, which no index has: a sign-in from before SignedOut
// gives nothing, and one from before Recheck is asked about again.
type since struct{ SignedOut, Recheck time.Time }

// noteSince is called before the user's grants are looked for: a grant that is missed
// there is made after it, and finds it.
func (b *Broker) noteSince(ctx context.Context, issuer, subject string, change func(*since)) error {
	key := userKey(issuer, subject)
	for range 20 {
		s, version, err := load[since](ctx, b.store, kindSince, key)
		if errors.Is(err, session.ErrNotFound) {
			s, err = &since{}, nil
		}
		if err != nil {
			return err
		}
		change(s)
		err = save(ctx, b.store, kindSince, key, s, b.now().Add(sinceTTL), version)
		if !errors.Is(err, session.ErrConflict) {
			return err
		}
	}
	return errors.New("broker: too many sign-outs of one user at once")
}

// heedSince does to a new grant what was said of its user since the provider was
// asked. It reports whether the grant may stay.
func (b *Broker) heedSince(ctx context.Context, g *grant) (stays bool, err error) {
	s, _, err := load[since](ctx, b.store, kindSince, userKey(g.SignIn.Identity.Issuer, g.SignIn.Identity.Subject))
	switch {
	case errors.Is(err, session.ErrNotFound):
		return true, nil
	case err != nil || g.SignIn.At.Before(s.SignedOut):
		return false, err
	case g.SignIn.At.Before(s.Recheck):
		return !g.Short, b.recheckGrant(ctx, g.ID)
	}
	return true, nil
}
