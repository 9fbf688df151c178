package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"golang.org/x/oauth2"
)

// refreshLease is how long one refresh at a provider may take; after it another
// process may try.
const refreshLease = 30 * time.Second

// retryRefresh is how long, at least, a token that is still valid is used without
// trying again after its refresh failed.
const retryRefresh = 30 * time.Second

// newUpstream decides when t will be refreshed: Config.RefreshWindow and up to half
// of that again before its end, so that sign-ins of one minute are not refreshed in
// one minute, but not in the first half of its life, however short that is.
func (b *Broker) newUpstream(t upstreamToken) *upstream {
	u := &upstream{Token: t}
	if !t.Expiry.IsZero() {
		early := b.cfg.RefreshWindow + b.jitter(b.cfg.RefreshWindow/2)
		u.RefreshAt = t.Expiry.Add(-min(early, max(0, t.Expiry.Sub(b.now())/2)))
	}
	return u
}

// jitter is a random part of d.
func (b *Broker) jitter(d time.Duration) time.Duration {
	return time.Duration(min(max(b.cfg.Jitter(), 0), 1) * float64(d))
}

// valid reports whether the token has not ended.
func (u *upstream) valid(now time.Time) bool {
	return u.Token.Expiry.IsZero() || now.Before(u.Token.Expiry)
}

// due reports whether the token is to be refreshed before it is used.
func (u *upstream) due(now time.Time) bool {
	return !u.Token.Expiry.IsZero() && (!u.valid(now) || !now.Before(u.RefreshAt))
}

func (b *Broker) saveUpstream(ctx context.Context, grantID string, u *upstream, ends time.Time, ifVersion uint64) error {
	return save(ctx, b.store, kindUpstream, grantID, u, ends, ifVersion)
}

// TokenSource gives a handler the upstream token of the caller that ctx carries,
// refreshed when it ends within about Config.RefreshWindow; when that fails and it has
// not ended, as it is. Token fails with an error
// that matches [authlib.ErrUnauthenticated] without a caller of this broker, and
// [provider.ErrInvalidToken] when the user has to sign in again. It asks the
// store each time and keeps nothing; ctx bounds it. Send the token to the
// provider's own API only.
func (b *Broker) TokenSource(ctx context.Context) oauth2.TokenSource {
	return tokenSource{b, ctx}
}

type tokenSource struct {
	b   *Broker
	ctx context.Context
}

func (s tokenSource) Token() (*oauth2.Token, error) {
	id, up, err := s.b.signedInAt(s.ctx)
	if err != nil {
		return nil, err
	}
	return s.b.upstreamToken(s.ctx, id, up)
}

// signedInAt returns the grant and the provider of the caller that ctx carries.
func (b *Broker) signedInAt(ctx context.Context) (grantID string, up provider.Provider, err error) {
	p, ok := authlib.FromContext(ctx)
	if !ok {
		return "", nil, authlib.ErrUnauthenticated
	}
	id, _ := p.Claims[claimSession].(string)
	if !isGrantID(id) {
		return "", nil, fmt.Errorf("%w: the caller did not sign in here", authlib.ErrUnauthenticated)
	}
	g, _, err := load[grant](ctx, b.store, kindGrant, id)
	if errors.Is(err, session.ErrNotFound) {
		return "", nil, provider.ErrInvalidToken
	}
	if err != nil {
		return "", nil, err
	}
	if g.SignIn.Identity.Issuer != p.Issuer || g.SignIn.Identity.Subject != p.Subject {
		return "", nil, authlib.ErrForbidden
	}
	if up = b.provider(g.SignIn.Provider); up == nil {
		return "", nil, provider.ErrInvalidToken
	}
	return id, up, nil
}

// upstreamToken returns a grant's upstream token, refreshed if it ends soon: once
// for all callers in this process, and, by a lease in the store, in others too.
func (b *Broker) upstreamToken(ctx context.Context, grantID string, p provider.Provider) (*oauth2.Token, error) {
	unlock, err := b.locks.lock(ctx, "upstream "+grantID)
	if err != nil {
		return nil, err
	}
	defer unlock()
	for {
		u, version, ends, err := b.loadUpstream(ctx, grantID)
		if err != nil {
			return nil, err
		}
		now := b.now()
		valid := u.valid(now)
		switch {
		case !u.due(now):
			return u.Token.oauth(), nil
		case u.Token.Refresh == "" && valid, now.Before(u.Lease) && valid:
			return u.Token.oauth(), nil
		case u.Token.Refresh == "":
			return nil, fmt.Errorf("%w: it ended and cannot be refreshed", provider.ErrInvalidToken)
		case now.Before(u.Lease):
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return nil, err
			}
			continue
		}
		u.Lease = now.Add(refreshLease)
		err = b.saveUpstream(ctx, grantID, u, ends, version)
		if errors.Is(err, session.ErrConflict) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return b.refreshUpstream(ctx, grantID, p, u, ends, version+1)
	}
}

// refreshUpstream is called with the lease taken. The new token is stored before
// it is used, since the old refresh token may be gone by then.
func (b *Broker) refreshUpstream(ctx context.Context, grantID string, p provider.Provider, u *upstream, ends time.Time, version uint64) (*oauth2.Token, error) {
	// What the provider does must be written down though the caller has left.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshLease-5*time.Second)
	defer cancel()
	begun := b.now()
	tok, err := p.Refresh(ctx, u.Token.oauth())
	b.noteUpstream(ctx, p, err, b.now().Sub(begun))
	if errors.Is(err, provider.ErrInvalidToken) {
		b.cfg.Logger.WarnContext(ctx, auditRevoked, "provider", p.Name(), "reason", "the provider ended the sign-in")
		return nil, errors.Join(err, b.dropGrant(ctx, grantID))
	}
	next := &upstream{Token: u.Token, RefreshAt: b.now().Add(retryRefresh + b.jitter(retryRefresh))}
	if err == nil {
		next = b.newUpstream(refreshed(u.Token, tok))
	}
	if saveErr := b.saveUpstream(ctx, grantID, next, ends, version); saveErr != nil {
		return nil, saveErr
	}
	if err != nil && !u.valid(b.now()) {
		return nil, err
	}
	return next.Token.oauth(), nil
}

// refreshed is what the provider gave, with the old refresh token where it gave none.
func refreshed(old upstreamToken, given *oauth2.Token) upstreamToken {
	t := fromOAuth(given)
	if t.Refresh == "" {
		t.Refresh = old.Refresh
	}
	return t
}

func (b *Broker) loadUpstream(ctx context.Context, grantID string) (*upstream, uint64, time.Time, error) {
	r, err := b.store.Get(ctx, kindUpstream, grantID)
	if errors.Is(err, session.ErrNotFound) {
		return nil, 0, time.Time{}, provider.ErrInvalidToken
	}
	if err != nil {
		return nil, 0, time.Time{}, err
	}
	u, err := decode[upstream](r)
	return u, r.Version, r.Expires, err
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
