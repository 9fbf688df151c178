package userdata

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

const (
	// maxTries bounds how often a change begins again. In each round somebody wins.
	maxTries = 1000
	maxPause = 20 * time.Millisecond
)

// change repeats f until nobody else was quicker, or ctx is done.
func (s *Store) change(ctx context.Context, p *authlib.Principal, f func(parts) error) error {
	if err := s.alive(ctx, p); err != nil {
		return err
	}
	for try := range maxTries {
		first, err := s.changeOnce(ctx, p, f)
		if err == nil {
			return s.undoUnlessAlive(ctx, p, first)
		}
		if !errors.Is(err, session.ErrConflict) {
			return err
		}
		if err := pause(ctx, rand.N(min(time.Millisecond<<min(try, 10), maxPause))); err != nil {
			return err
		}
	}
	return errors.New("userdata: too many changes of one user's data at once")
}

// undoUnlessAlive removes what was written for a user who was revoked meanwhile, and
// whose data had been removed before, so that it was the first of it. What was there is
// removed by who revokes the user, or stays: only the caller's own sign-in may have
// ended. The handler may be done for, too.
func (s *Store) undoUnlessAlive(ctx context.Context, p *authlib.Principal, first bool) error {
	if s.cfg.Alive == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := s.alive(ctx, p)
	if err == nil || !errors.Is(err, authlib.ErrInvalidToken) {
		return nil // who can't be asked about now was alive before
	}
	if first {
		err = errors.Join(err, s.sealed.Delete(ctx, kind, keyOf(p)))
	}
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
