package broker

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/bits"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

const (
	// sameAnswerFor is how long after a rotation the same refresh token gives
	// the same answer again: parallel calls of one client (seen: 10 at once)
	// must not end its session, and nothing new is made.
	sameAnswerFor = 10 * time.Second
	// maxReplays is how often, after that, the previous token still gives an
	// access token while the current one was never used: its answer was lost.
	maxReplays = 3
	// reuseGrace is how long a token older than that is refused without ending
	// the family. After it, somebody stole a token, and nobody knows which.
	reuseGrace = 2 * time.Minute
	// keptRotations bounds the times kept to judge reuse by.
	keptRotations = 8
)

func invalidGrant() *oauthError {
	return badRequest("invalid_grant", "the refresh token is unknown, ended, used or revoked")
}

// refresh answers a refresh_token grant (RFC 6749 §6, OAuth 2.1 §4.3).
func (b *Broker) refresh(ctx context.Context, c *client, form url.Values) (*tokenAnswer, error) {
	if form.Get("refresh_token") == "" {
		return nil, missing("refresh_token")
	}
	p := b.parseRefreshToken(form.Get("refresh_token"))
	if p == nil {
		return nil, invalidGrant()
	}
	scopes, ok := parseScopes(form.Get("scope"))
	if !ok {
		return nil, badRequest("invalid_scope", "scope is malformed")
	}
	// One at a time for each family here; across processes the store decides.
	unlock, err := b.locks.lock(ctx, p.grantID())
	if err != nil {
		return nil, err
	}
	defer unlock()
	for range 5 {
		a, err := b.refreshOnce(ctx, c, p, scopes)
		if !errors.Is(err, session.ErrConflict) {
			return a, err
		}
	}
	return nil, errors.New("broker: a grant keeps changing")
}

// refreshOnce decides by the token's generation. It returns session.ErrConflict
// if another process changed the grant meanwhile.
func (b *Broker) refreshOnce(ctx context.Context, c *client, p *parsedRefresh, scopes []string) (*tokenAnswer, error) {
	g, version, err := load[grant](ctx, b.store, kindGrant, p.grantID())
	if errors.Is(err, session.ErrNotFound) {
		return nil, invalidGrant()
	}
	if err != nil {
		return nil, err
	}
	if g.ClientID != c.ID || !g.Refresh {
		return nil, invalidGrant()
	}
	switch {
	case p.gen == g.Gen && equal(sum(p.secret), g.Current):
		return b.rotate(ctx, g, version, p, scopes)
	case p.gen+1 == g.Gen && equal(sum(p.secret), g.Previous):
		return b.replay(ctx, g, version, p, scopes)
	case p.gen+1 < g.Gen:
		return nil, b.reused(ctx, g, p)
	}
	return nil, invalidGrant()
}

// rotate makes the next generation.
func (b *Broker) rotate(ctx context.Context, g *grant, version uint64, p *parsedRefresh, scopes []string) (*tokenAnswer, error) {
	if err := b.confirm(ctx, g); err != nil {
		return nil, err
	}
	salt, err := randomBytes(16)
	if err != nil {
		return nil, err
	}
	now := b.now()
	g.Gen, g.Salt, g.Previous = g.Gen+1, salt, g.Current
	g.Current = sum(derive(p.secret, "refresh", g, g.Gen, ""))
	g.Rotated, g.Minted, g.Replays, g.Late = now, now, 0, g.Late<<1
	g.Rotations = append(g.Rotations, now)
	g.Rotations = g.Rotations[max(0, len(g.Rotations)-keptRotations):]
	a, err := b.answerRefresh(ctx, g, version, true, p, scopes)
	if err == nil {
		b.cfg.Logger.InfoContext(ctx, auditRefresh, "client", g.ClientID, "issuer", g.SignIn.Identity.Issuer, "subject", g.SignIn.Identity.Subject, "generation", g.Gen)
	}
	return a, err
}

// replay answers the previous token while the current one was never used.
func (b *Broker) replay(ctx context.Context, g *grant, version uint64, p *parsedRefresh, scopes []string) (*tokenAnswer, error) {
	now := b.now()
	if now.Sub(g.Minted) < b.sameFor() {
		return b.answerRefresh(ctx, g, version, false, p, scopes)
	}
	g.Late |= 1
	b.auditReplay(ctx, g)
	if g.Replays >= maxReplays || now.Sub(g.Rotated) >= b.lateFor() {
		if now.Sub(g.Rotated) < reuseGrace {
			return nil, invalidGrant()
		}
		return nil, b.reuse(ctx, g)
	}
	if err := b.confirm(ctx, g); err != nil {
		return nil, err
	}
	g.Replays, g.Minted = g.Replays+1, now
	return b.answerRefresh(ctx, g, version, true, p, scopes)
}

// sameFor is sameAnswerFor, or half the life of an access token if that is less: an
// answer is not given again with a token that has ended.
func (b *Broker) sameFor() time.Duration { return min(sameAnswerFor, b.cfg.AccessTTL/2) }

// lateFor is how long after a rotation the previous token is taken for that of a
// client that lost the answer. A client that needs no token for longer than two of
// them live would meet the end of its session anyway, if another one used it.
func (b *Broker) lateFor() time.Duration { return max(2*b.cfg.AccessTTL, reuseGrace) }

// maxLate is in how many of the last keptRotations generations a late token is what
// bad luck explains.
const maxLate = 3

// auditReplay writes the late use of a previous token down, and as an error if it
// happens so often that somebody may be keeping up with the user.
func (b *Broker) auditReplay(ctx context.Context, g *grant) {
	late := bits.OnesCount64(g.Late & (1<<keptRotations - 1))
	attrs := []any{"client", g.ClientID, "issuer", g.SignIn.Identity.Issuer, "subject", g.SignIn.Identity.Subject, "generation", g.Gen, "replays", g.Replays + 1, "late_generations", late}
	b.cfg.Logger.WarnContext(ctx, auditRefreshReplay, attrs...)
	if late > maxLate {
		b.cfg.Logger.ErrorContext(ctx, auditRefreshShadowed, attrs...)
	}
}

// reused judges a token whose successor was used: it is refused, and ends the
// family unless the successor's use is so recent that it may be the client's own
// late call.
func (b *Broker) reused(ctx context.Context, g *grant, p *parsedRefresh) error {
	// The successor of generation n was used when generation n+2 was made; the
	// last rotation made g.Gen.
	i := len(g.Rotations) - 1 - int(min(g.Gen-(p.gen+2), keptRotations))
	if i >= 0 && b.now().Sub(g.Rotations[i]) < reuseGrace {
		return invalidGrant()
	}
	return b.reuse(ctx, g)
}

func (b *Broker) reuse(ctx context.Context, g *grant) error {
	b.cfg.Logger.WarnContext(ctx, auditRefreshReuse, "client", g.ClientID, "issuer", g.SignIn.Identity.Issuer, "subject", g.SignIn.Identity.Subject, "generation", g.Gen)
	if err := b.dropGrant(ctx, g.ID); err != nil {
		return err
	}
	return invalidGrant()
}

// answerRefresh gives the current tokens to whoever presented the previous one. It
// stores g where it was changed, or where the access token is one more.
func (b *Broker) answerRefresh(ctx context.Context, g *grant, version uint64, changed bool, p *parsedRefresh, scopes []string) (*tokenAnswer, error) {
	carried, err := narrow(g.SignIn.Scopes, scopes)
	if err != nil {
		return nil, err
	}
	extra := fmt.Sprint(g.Replays, " ", strings.Join(carried, " "))
	token := accessPrefix + base64.RawURLEncoding.EncodeToString(derive(p.secret, "access", g, g.Gen, extra))
	ended, more := g.note(hashKey(token))
	if changed || more {
		if err := save(ctx, b.store, kindGrant, g.ID, g, b.grantEnds(g), version); err != nil {
			return nil, err
		}
	}
	if err := b.dropAccess(ctx, g, ended); err != nil {
		return nil, err
	}
	b.cache.drop(revocation(g.ID)) // roles and scopes may be others now
	a, err := b.mint(ctx, g, token, carried)
	if err != nil {
		return nil, err
	}
	return b.answer(token, a.Ends, a.Scopes, b.refreshToken(p.id, g.Gen, derive(p.secret, "refresh", g, g.Gen, ""))), nil
}

// narrow returns the granted scopes, or those asked for, which must be among
// them (RFC 6749 §6).
func narrow(granted, asked []string) ([]string, error) {
	asked = slices.DeleteFunc(slices.Clone(asked), func(s string) bool { return s == offlineAccess })
	if len(asked) == 0 {
		return granted, nil
	}
	for _, s := range asked {
		if !slices.Contains(granted, s) {
			return nil, badRequest("invalid_scope", "a refresh cannot add scopes; sign in again for more")
		}
	}
	return asked, nil
}

// confirm asks the provider whether the sign-in still holds and runs Allow and
// Roles again. A sign-in that ended ends the family; a provider that cannot be
// asked is an error that changes nothing.
func (b *Broker) confirm(ctx context.Context, g *grant) error {
	p := b.provider(g.SignIn.Provider)
	if p == nil {
		return b.endGrant(ctx, g, "the provider is no longer configured")
	}
	// A sign-out that could not find this family, because its user's index was
	// damaged meanwhile, holds for it all the same.
	switch ok, err := b.stillIndexed(ctx, g); {
	case err != nil:
		return err
	case !ok:
		return b.endGrant(ctx, g, "it is not in its user's index")
	}
	tok, err := b.upstreamToken(ctx, g.ID, p)
	if err == nil {
		var si *signIn
		si, err = b.admit(ctx, p, tok, g.Wanted)
		if err == nil && (si.Identity.Issuer != g.SignIn.Identity.Issuer || si.Identity.Subject != g.SignIn.Identity.Subject) {
			return b.endGrant(ctx, g, "the provider's token is now somebody else's")
		}
		if err == nil {
			g.SignIn, g.Recheck, g.Failed = *si, false, time.Time{}
		}
	}
	if errors.Is(err, provider.ErrInvalidToken) || errors.Is(err, provider.ErrDenied) || errors.Is(err, errNotAllowed) {
		return b.endGrant(ctx, g, err.Error())
	}
	return err
}

func (b *Broker) endGrant(ctx context.Context, g *grant, reason string) error {
	b.cfg.Logger.WarnContext(ctx, auditRevoked, "client", g.ClientID, "issuer", g.SignIn.Identity.Issuer, "subject", g.SignIn.Identity.Subject, "reason", reason)
	if err := b.dropGrant(ctx, g.ID); err != nil {
		return err
	}
	return invalidGrant()
}
