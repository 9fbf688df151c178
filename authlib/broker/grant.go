package broker

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// Tokens start with a mark, so that scanners for leaked secrets can know them.
const (
	accessPrefix  = "mcpat_"
	refreshPrefix = "mcprt_"
)

// newGrant stores what a code gives, and its first tokens.
func (b *Broker) newGrant(ctx context.Context, c *client, rec *code) (*grant, *tokenAnswer, error) {
	id, err1 := randomBytes(grantIDSize)
	secret, err2 := randomBytes(secretSize)
	accessToken, err3 := randomString()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, nil, err
	}
	accessToken = accessPrefix + accessToken
	now := b.now()
	g := &grant{
		ID: base64.RawURLEncoding.EncodeToString(id), ClientID: c.ID, SignIn: rec.SignIn, Wanted: rec.Request.Scopes,
		Created: now, Ends: now.Add(b.cfg.FamilyTTL), Refresh: rec.Request.Refresh,
		Current: sum(secret), Rotated: now, Minted: now, Access: []string{hashKey(accessToken)},
	}
	if err := b.indexGrant(ctx, g); err != nil {
		return nil, nil, err
	}
	if err := b.saveUpstream(ctx, g.ID, b.newUpstream(rec.Upstream), g.Ends, 0); err != nil {
		return nil, nil, err
	}
	if err := save(ctx, b.store, kindGrant, g.ID, g, b.grantEnds(g), 0); err != nil {
		return nil, nil, err
	}
	if err := b.keepUnlessRevoked(ctx, g); err != nil {
		return nil, nil, err
	}
	a, err := b.mint(ctx, g, accessToken, g.SignIn.Scopes)
	if err != nil {
		return nil, nil, err
	}
	refreshToken := ""
	if g.Refresh {
		refreshToken = b.refreshToken(id, 0, secret)
	}
	return g, b.answer(accessToken, a.Ends, a.Scopes, refreshToken), nil
}

// keepUnlessRevoked takes a new grant back if its user was signed out while it
// was made.
func (b *Broker) keepUnlessRevoked(ctx context.Context, g *grant) error {
	ok, err := b.stillIndexed(ctx, g)
	if ok && !g.Machine { // whom nobody asks about
		ok, err = b.heedSince(ctx, g)
	}
	if ok && err == nil {
		return nil
	}
	if err == nil {
		err = badRequest("invalid_grant", "the user was signed out meanwhile")
	}
	return errors.Join(err, b.dropGrant(ctx, g.ID))
}

// grantEnds is when the grant's record ends: the refresh token's end, which use
// puts off, but never past the family's.
func (b *Broker) grantEnds(g *grant) time.Time {
	ttl := b.cfg.AccessTTL
	if g.Refresh {
		ttl = max(ttl, b.cfg.RefreshTTL)
	}
	return earlier(g.Rotated.Add(ttl), g.Ends)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// mint stores an access token, or returns the one stored under the same value:
// a refresh that is repeated gives the same token.
func (b *Broker) mint(ctx context.Context, g *grant, accessToken string, scopes []string) (*access, error) {
	a := &access{Grant: g.ID, Resource: b.resource.String(), Scopes: scopes, Ends: earlier(g.Minted.Add(b.cfg.AccessTTL), b.grantEnds(g))}
	key := hashKey(accessToken)
	err := save(ctx, b.store, kindAccess, key, a, a.Ends, 0)
	if errors.Is(err, session.ErrConflict) {
		a, _, err = load[access](ctx, b.store, kindAccess, key)
	}
	return a, err
}

// maxAccess bounds the access tokens of one family that are alive, so that nobody
// fills the store by refreshing; when one more is made, the oldest ends.
const maxAccess = 16

// note writes an access token down in g and returns those that it ends. It reports
// whether g was changed.
func (g *grant) note(key string) (ended []string, changed bool) {
	if slices.Contains(g.Access, key) {
		return nil, false
	}
	all := append(slices.Clone(g.Access), key)
	n := max(0, len(all)-maxAccess)
	g.Access = all[n:]
	return all[:n], true
}

// dropAccess ends access tokens of a family.
func (b *Broker) dropAccess(ctx context.Context, g *grant, keys []string) error {
	var err error
	for _, key := range keys {
		err = errors.Join(err, b.store.Delete(ctx, kindAccess, key))
	}
	if len(keys) > 0 {
		b.announce(ctx, g.ID)
	}
	return err
}

// dropGrant revokes a family: its refresh token and all its access tokens, since
// none is honoured without the grant. Their records go too, to make room.
func (b *Broker) dropGrant(ctx context.Context, id string) error {
	g, _, getErr := load[grant](ctx, b.store, kindGrant, id)
	err := errors.Join(b.store.Delete(ctx, kindGrant, id), b.store.Delete(ctx, kindUpstream, id))
	b.announce(ctx, id)
	if getErr == nil {
		_ = b.dropAccess(ctx, g, g.Access) // they open nothing, and end by themselves
	}
	return err
}

const (
	grantIDSize  = 16
	secretSize   = 32
	tokenMACSize = 16
)

// isGrantID reports whether s is of the shape of a grant's ID. Other issuers name their
// sessions in the same claim.
func isGrantID(s string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(raw) == grantIDSize
}

// refreshToken is grant ID, generation, secret and a MAC over them. The MAC tells
// an old token from an invented one without keeping the old ones; the secret is
// kept only as a hash.
func (b *Broker) refreshToken(grantID []byte, gen uint64, secret []byte) string {
	body := append(binary.BigEndian.AppendUint64(append([]byte{}, grantID...), gen), secret...)
	mac := b.ring.MAC("refresh token", body)[:tokenMACSize]
	return refreshPrefix + base64.RawURLEncoding.EncodeToString(append(body, mac...))
}

// newCode returns an authorization code: a secret and a MAC over it, so that what
// was invented is known for that without asking the store.
func (b *Broker) newCode() (string, error) {
	secret, err := randomBytes(secretSize)
	if err != nil {
		return "", err
	}
	mac := b.ring.MAC("code", secret)[:tokenMACSize]
	return base64.RawURLEncoding.EncodeToString(append(secret, mac...)), nil
}

// isOwnCode reports whether a key of this broker's made the code.
func (b *Broker) isOwnCode(s string) bool {
	if len(s) > maxToken {
		return false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(raw) == secretSize+tokenMACSize && b.ring.CheckMAC("code", raw[:secretSize], raw[secretSize:])
}

type parsedRefresh struct {
	id     []byte
	gen    uint64
	secret []byte
}

func (p *parsedRefresh) grantID() string { return base64.RawURLEncoding.EncodeToString(p.id) }

// parseRefreshToken returns nil for what this broker did not make.
func (b *Broker) parseRefreshToken(s string) *parsedRefresh {
	const bodySize = grantIDSize + 8 + secretSize
	raw, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimPrefix(s, refreshPrefix))
	if err != nil || !strings.HasPrefix(s, refreshPrefix) || len(raw) != bodySize+tokenMACSize {
		return nil
	}
	if !b.ring.CheckMAC("refresh token", raw[:bodySize], raw[bodySize:]) {
		return nil
	}
	return &parsedRefresh{id: raw[:grantIDSize], gen: binary.BigEndian.Uint64(raw[grantIDSize:]), secret: raw[grantIDSize+8 : bodySize]}
}

func sum(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

// derive makes the tokens of the next generation from the secret of the token
// that was presented and a stored salt. So whoever presents it again within the
// grace gets the very same tokens, although none is stored; and a stolen store
// without the presented token gives none.
func derive(secret []byte, purpose string, g *grant, gen uint64, extra string) []byte {
	h := hmac.New(sha256.New, secret)
	for _, s := range []string{purpose, g.ID, string(g.Salt), extra} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	h.Write(binary.BigEndian.AppendUint64(nil, gen))
	return h.Sum(nil)
}
