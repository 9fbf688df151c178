package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// ReaderConfig configures a [Reader]. All but Now are required, and are as in
// [Config].
type ReaderConfig struct {
	Resource string        // Resource is the public URL of the MCP endpoint
	Store    session.Store // Store is where the broker keeps its records
	Keys     [][]byte      // Keys are the key ring, a key of 32 bytes each
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// String keeps the keys out of logs.
func (c ReaderConfig) String() string { return fmt.Sprintf("broker.ReaderConfig{%q}", c.Resource) }

// GoString is String, for %#v.
func (c ReaderConfig) GoString() string { return c.String() }

// A Reader reads what a broker keeps, for an operator: from outside, also while the
// broker runs. It changes nothing, asks no provider, and shows no token, no secret and
// nobody's name. It is safe for concurrent use.
type Reader struct {
	resource string
	below    session.Store
	store    session.Store // sealed
	ring     *session.Ring
	now      func() time.Time
}

// NewReader checks cfg. It does not ask the store yet.
func NewReader(cfg ReaderConfig) (*Reader, error) {
	resource, _, err := parseResource(cfg.Resource)
	if err != nil {
		return nil, err
	}
	if cfg.Store == nil {
		return nil, errors.New("broker: ReaderConfig.Store is nil")
	}
	ring, err := session.NewRing(resource.String(), cfg.Keys)
	if err != nil {
		return nil, fmt.Errorf("broker: ReaderConfig.Keys: %w", err)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Reader{resource.String(), cfg.Store, session.Seal(cfg.Store, ring, cfg.Now), ring, cfg.Now}, nil
}

// String names the resource and nothing else.
func (r *Reader) String() string { return "broker.Reader(" + r.resource + ")" }

// GoString is String, for %#v.
func (r *Reader) GoString() string { return r.String() }

// A TokenRecord is what is kept of an access token.
type TokenRecord struct {
	Resource string        // that it was issued for
	Scopes   []string      // that it carries, without those that its user has no more
	Ends     time.Time     // when it ends
	SignIn   *SignInRecord // that it came from; nil if that was ended, and the token with it
}

// Token returns what is kept of an access token of the broker's. It fails with an
// error that matches [authlib.ErrInvalidToken] for what is none, is unknown, has ended
// or was revoked, and with any other error if the store could not be asked or its
// record could not be opened. No error has a part of the token.
func (r *Reader) Token(ctx context.Context, token string) (*TokenRecord, error) {
	if err := checkForm(token); err != nil {
		return nil, err
	}
	a, _, err := load[access](ctx, r.store, kindAccess, hashKey(token))
	if errors.Is(err, session.ErrNotFound) {
		return nil, fmt.Errorf("%w: it is unknown, ended or revoked", authlib.ErrInvalidToken)
	}
	if err != nil {
		return nil, fmt.Errorf("broker: look up an access token: %w", err)
	}
	rec := &TokenRecord{Resource: a.Resource, Scopes: a.Scopes, Ends: a.Ends}
	kept, err := r.store.Get(ctx, kindGrant, a.Grant)
	switch {
	case errors.Is(err, session.ErrNotFound):
		return rec, nil
	case err != nil:
		return nil, fmt.Errorf("broker: look up a grant: %w", err)
	}
	g, err := decode[grant](kept)
	if err != nil {
		return nil, err
	}
	rec.Scopes = stillGranted(a, g)
	in, err := r.signIn(ctx, g, kept.Expires)
	rec.SignIn = &in
	return rec, err
}

// checkForm says what a token is that no broker gave out as an access token.
func checkForm(token string) error {
	switch {
	case strings.HasPrefix(token, refreshPrefix):
		return fmt.Errorf("%w: it is a refresh token, which only the token endpoint takes", authlib.ErrInvalidToken)
	case !strings.HasPrefix(token, accessPrefix) || len(token) > maxToken:
		return fmt.Errorf("%w: it was not issued here", authlib.ErrInvalidToken)
	}
	return nil
}
