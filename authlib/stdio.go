package authlib

import (
	"context"
	"fmt"
)

type stdioKey struct{}

// A stdioCaller is who a credential belongs to, and the guard that verified it.
type stdioCaller struct {
	principal *Principal
	guard     *Guard
}

// AuthenticateStdio verifies the credential that the environment of a stdio server
// holds (MCP authorization, Protocol Requirements), once, and returns a context
// that carries its principal: everything that is served with that context is
// served to this caller, and the adapters check it. An empty token is
// [ErrUnauthenticated], one that has ended [ErrTokenExpired]; the error never
// holds the token.
func (g *Guard) AuthenticateStdio(ctx context.Context, token string) (context.Context, error) {
	if token == "" {
		return nil, fmt.Errorf("authlib: the stdio credential is empty: %w", ErrUnauthenticated)
	}
	p, err := g.cfg.Verifier.Verify(ctx, token)
	switch {
	case err != nil:
		return nil, fmt.Errorf("authlib: the stdio credential was not accepted: %w", err)
	case p == nil || p.Subject == "":
		return nil, fmt.Errorf("authlib: the stdio credential was not accepted: %w: it names no caller", ErrInvalidToken)
	case !p.Expiry.IsZero() && !g.now().Before(p.Expiry):
		return nil, fmt.Errorf("authlib: the stdio credential was not accepted: %w", ErrTokenExpired)
	}
	return newStdioContext(ctx, &stdioCaller{g.admit(p), g}), nil
}

func newStdioContext(ctx context.Context, c *stdioCaller) context.Context {
	return context.WithValue(NewContext(ctx, c.principal), stdioKey{}, c)
}

// NewStdioContext returns ctx with the caller that [Guard.AuthenticateStdio] put
// into caller, if there is one. It is for adapters to SDKs whose handlers get a
// context of another origin.
func NewStdioContext(ctx, caller context.Context) context.Context {
	if c, ok := caller.Value(stdioKey{}).(*stdioCaller); ok {
		return newStdioContext(ctx, c)
	}
	return ctx
}

// StdioPrincipal returns the caller that [Guard.AuthenticateStdio] put into ctx; ok
// is false when nobody was asked who they are.
func StdioPrincipal(ctx context.Context) (p *Principal, ok bool) {
	c, ok := ctx.Value(stdioKey{}).(*stdioCaller)
	if !ok {
		return nil, false
	}
	return c.principal, true
}

// CheckLocal is the second check for callers that did not come over HTTP. It
// allows everything unless ctx was made by [Guard.AuthenticateStdio]: then the
// caller's credential must not have expired, and the policy must allow op. A nil
// Guard refuses such a caller.
func (g *Guard) CheckLocal(ctx context.Context, op Operation) error {
	p, ok := StdioPrincipal(ctx)
	switch {
	case !ok:
		return nil
	case g == nil: // nobody to decide
		return &DeniedError{Operation: op, Err: ErrForbidden}
	case !p.Expiry.IsZero() && !g.now().Before(p.Expiry):
		return &DeniedError{Operation: op, Err: ErrUnauthenticated}
	}
	return g.Authorize(ctx, p, op)
}
