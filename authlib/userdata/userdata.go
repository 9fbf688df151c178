// Package userdata keeps what a program wants to remember of each of its users, such as
// preferences or where they left off: in the store of the sign-ins, sealed like them,
// and under the user (issuer and subject), not under a token. So it survives refreshes,
// further sign-ins and restarts, and other clients of the same user see it. It checks
// whose data it is, how large, that nobody else wrote meanwhile, and that it does not
// look like a token. It does not find users: there is no list of them.
//
// With a broker, ask its UserData, which ends with the user:
//
//	b, ok := broker.FromContext(ctx)
//	prefs := userdata.In[Prefs](b.UserData(), "prefs")
//	err := prefs.Update(ctx, func(p *Prefs) error { p.City = "Bern"; return nil })
//
// Where somebody else signs users in (authlib/jwtauth, authlib/apikey), make a [Store]
// with [New], and call [Store.Forget] for users who are gone.
//
// # What it does not do
//
// It is no place for tokens, and no database: it is a few KiB for each user, found by
// nothing but the user. What looks like a token is refused, but not every token looks
// like one.
package userdata

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// Config configures a [Store]. Store and Ring are required.
type Config struct {
	Store session.Store
	// Ring seals what is stored, see [session.NewRing].
	Ring *session.Ring
	// Keep is how long a user's data is kept that nobody reads or writes; 0 is 180
	// days. Reading puts the end off once half of it is over.
	Keep time.Duration
	// MaxBytes bounds the JSON of everything of one user; 0 is 16 KiB, and 48 KiB is
	// the most.
	MaxBytes int
	// Alive, if not nil, reports whether the caller is still one: an error refuses a
	// write. It is asked before and after each, so that what a handler writes while
	// its user is revoked does not stay: call Forget once it refuses.
	Alive func(context.Context, *authlib.Principal) error
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// String shows no keys.
func (c Config) String() string {
	return fmt.Sprintf("userdata.Config{Keep: %v, MaxBytes: %d}", c.Keep, c.MaxBytes)
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

const (
	kind       session.Kind = "userdata"
	mostBytes               = 48 << 10
	defaultMax              = 16 << 10
	keep                    = 180 * 24 * time.Hour
)

// Errors of this package. [session.ErrCorrupt] and [authlib.ErrUnauthenticated], where
// ctx carries no caller, are others.
var (
	// ErrTooLarge says that a change was not stored, since the user's data would be
	// larger than Config.MaxBytes.
	ErrTooLarge = errors.New("userdata: that is too much for one user")
	// ErrToken says that a change was not stored, since it holds what looks like a
	// token.
	ErrToken = errors.New("userdata: tokens are not kept here")
)

// A Store keeps data of users. It is safe for concurrent use, also by processes that
// share the store below.
type Store struct {
	cfg    Config
	sealed session.Store
}

// New checks cfg and returns a store. It asks the store below for nothing yet.
func New(cfg Config) (*Store, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Keep == 0 {
		cfg.Keep = keep
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = defaultMax
	}
	switch {
	case cfg.Store == nil || cfg.Ring == nil:
		return nil, errors.New("userdata: Config.Store and Config.Ring are required")
	case cfg.Keep < 0:
		return nil, errors.New("userdata: Config.Keep is negative")
	case cfg.MaxBytes < 0 || cfg.MaxBytes > mostBytes:
		return nil, fmt.Errorf("userdata: Config.MaxBytes is not between 0 and %d", mostBytes)
	}
	return &Store{cfg, session.Seal(cfg.Store, cfg.Ring, cfg.Now)}, nil
}

// String shows no keys.
func (s *Store) String() string { return "userdata.Store" }

// GoString is String, for %#v.
func (s *Store) GoString() string { return s.String() }

// Forget removes everything of a user. A user of whom there is nothing is no error.
func (s *Store) Forget(ctx context.Context, issuer, subject string) error {
	return s.sealed.Delete(ctx, kind, keyOf(&authlib.Principal{Issuer: issuer, Subject: subject}))
}

// keyOf is of one length, however long the issuer and the subject are.
func keyOf(p *authlib.Principal) string {
	sum := sha256.Sum256([]byte(p.ID()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// caller is whose data a handler gets.
func caller(ctx context.Context) (*authlib.Principal, error) {
	p, ok := authlib.FromContext(ctx)
	if !ok || p.Subject == "" {
		return nil, fmt.Errorf("userdata: %w", authlib.ErrUnauthenticated)
	}
	return p, nil
}

func (s *Store) alive(ctx context.Context, p *authlib.Principal) error {
	if s.cfg.Alive == nil {
		return nil
	}
	return s.cfg.Alive(ctx, p)
}
