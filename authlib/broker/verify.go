package broker

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// claimSession is the claim that names a principal's sign-in, as in OpenID
// Connect's session management. It opens nothing by itself.
const claimSession = "sid"

// maxToken is more than any token of ours has.
const maxToken = 256

// Verify says whose access token it is. It fails with an error that matches
// [authlib.ErrInvalidToken] for a token that is unknown, ended, revoked or for
// another resource, and with any other error if the store could not be asked.
// It writes nothing but the answer of the provider and of Roles, where those are asked
// again (see [Config].RolesTTL). The principal's claims are the provider's, with "email" and
// "email_verified" where known and "sid", which names the sign-in.
func (b *Broker) Verify(ctx context.Context, token string) (*authlib.Principal, error) {
	if b.cfg.Observer == nil {
		p, _, err := b.verify(ctx, token)
		return p, err
	}
	begun := b.now()
	p, cached, err := b.verify(ctx, token)
	b.tell(ctx, authlib.Verification("broker", err, cached, b.now().Sub(begun)))
	return p, err
}

func (b *Broker) verify(ctx context.Context, token string) (p *authlib.Principal, cached bool, err error) {
	if !strings.HasPrefix(token, accessPrefix) || len(token) > maxToken {
		return nil, false, fmt.Errorf("%w: it was not issued here", authlib.ErrInvalidToken)
	}
	key := hashKey(token)
	p, mark := b.cache.get(key)
	if p != nil {
		return p, true, nil
	}
	p, g, err := b.lookUp(ctx, key)
	if err == nil {
		b.cache.put(mark, key, g.ID, p, b.believedFor(g))
	}
	return p, false, err
}

// lookUp asks the store about the access token of that hash, and returns whose it is
// and its grant.
func (b *Broker) lookUp(ctx context.Context, key string) (*authlib.Principal, *grant, error) {
	a, _, err := load[access](ctx, b.store, kindAccess, key)
	if errors.Is(err, session.ErrNotFound) {
		return nil, nil, fmt.Errorf("%w: it is unknown, ended or revoked", authlib.ErrInvalidToken)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("broker: look up an access token: %w", err)
	}
	if a.Resource != b.resource.String() {
		return nil, nil, authlib.ErrWrongAudience
	}
	if !b.now().Before(a.Ends) {
		return nil, nil, authlib.ErrTokenExpired
	}
	g, _, err := load[grant](ctx, b.store, kindGrant, a.Grant)
	if errors.Is(err, session.ErrNotFound) {
		return nil, nil, fmt.Errorf("%w: it was revoked", authlib.ErrInvalidToken)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("broker: look up a grant: %w", err)
	}
	if !b.asConfigured(a, g) {
		return nil, nil, fmt.Errorf("%w: its client is no longer configured", authlib.ErrInvalidToken)
	}
	if g, err = b.current(ctx, g); err != nil {
		return nil, nil, err
	}
	return principal(a, g), g, nil
}

// Audience is the resource: what every access token of the broker is issued for.
func (b *Broker) Audience() string { return b.resource.String() }

func principal(a *access, g *grant) *authlib.Principal {
	id := g.SignIn.Identity
	claims := map[string]any{}
	maps.Copy(claims, id.Claims)
	claims[claimSession] = g.ID
	if id.Email != "" {
		claims["email"], claims["email_verified"] = id.Email, id.EmailVerified
	}
	return &authlib.Principal{
		Issuer: id.Issuer, Subject: id.Subject, ClientID: g.ClientID, Username: id.Username,
		Scopes: stillGranted(a, g), Roles: g.SignIn.Roles, Expiry: a.Ends, Claims: claims,
	}
}

// stillGranted takes the scopes from a token that its user has no more.
func stillGranted(a *access, g *grant) []string {
	if g.Machine { // as configured
		return a.Scopes
	}
	return intersect(a.Scopes, g.SignIn.Scopes)
}
