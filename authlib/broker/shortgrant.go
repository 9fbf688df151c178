package broker

import (
	"context"
	"encoding/base64"
	"errors"
)

// newShortGrant stores a family that is one access token and ends with it: g says
// whose it is. There is no refresh token and no token of a provider's.
func (b *Broker) newShortGrant(ctx context.Context, g *grant) (*tokenAnswer, error) {
	id, err1 := randomBytes(grantIDSize)
	token, err2 := randomString()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	token = accessPrefix + token
	now, ttl := b.now(), b.cfg.AccessTTL
	if g.Short = true; !g.Machine { // a machine's roles are those of the configuration
		ttl = b.cfg.RolesTTL
	}
	g.ID, g.Access = base64.RawURLEncoding.EncodeToString(id), []string{hashKey(token)}
	g.Created, g.Rotated, g.Minted, g.Ends = now, now, now, earlier(now.Add(ttl), now.Add(b.cfg.FamilyTTL))
	if err := b.indexGrant(ctx, g); err != nil {
		return nil, err
	}
	if err := save(ctx, b.store, kindGrant, g.ID, g, g.Ends, 0); err != nil {
		return nil, err
	}
	if err := b.keepUnlessRevoked(ctx, g); err != nil {
		return nil, err
	}
	a, err := b.mint(ctx, g, token, g.SignIn.Scopes)
	if err != nil {
		return nil, err
	}
	return b.answer(token, a.Ends, a.Scopes, ""), nil
}
