package oidc

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
)

// leeway allows for clocks that differ.
const leeway = 30 * time.Second

// maxSubject is in bytes (OpenID Connect Core §2).
const maxSubject = 255

// checkIDToken checks an ID token (OpenID Connect Core §3.1.3.7). nonce is nil
// where none was sent.
func (p *Provider) checkIDToken(ctx context.Context, a *tokenAnswer, nonce *string) (issuer.Claims, error) {
	t, err := p.issuer.Open(ctx, a.IDToken, p.algs)
	if err != nil {
		return nil, err
	}
	c := t.Claims
	sub := c.String("sub")
	switch {
	case c.String("iss") != p.cfg.Issuer:
		return nil, fmt.Errorf("%w: it names another issuer", issuer.ErrInvalid)
	case sub == "" || len(sub) > maxSubject:
		return nil, fmt.Errorf("%w: it names nobody (sub)", issuer.ErrInvalid)
	case nonce != nil && subtle.ConstantTimeCompare([]byte(c.String("nonce")), []byte(*nonce)) != 1:
		return nil, fmt.Errorf("%w: its nonce is of another sign-in", issuer.ErrInvalid)
	}
	if err := p.checkAudience(c); err != nil {
		return nil, err
	}
	if _, err := c.CheckTimes(p.issuer.Now(), leeway); err != nil {
		return nil, err
	}
	if hash := c["at_hash"]; hash != nil && hash != accessHash(t.Alg, a.AccessToken) {
		return nil, fmt.Errorf("%w: it belongs to another access token (at_hash)", issuer.ErrInvalid)
	}
	return c, nil
}

// checkAudience wants the token for this client, and said so where it is for
// others too (OpenID Connect Core §3.1.3.7, 3 to 5).
func (p *Provider) checkAudience(c issuer.Claims) error {
	auds, ok := c.Strings("aud")
	azp := c["azp"]
	if !ok || !slices.Contains(auds, p.cfg.ClientID) || azp != nil && azp != p.cfg.ClientID || len(auds) > 1 && azp == nil {
		return issuer.ErrAudience
	}
	return nil
}

// accessHash is at_hash (OpenID Connect Core §3.1.3.6).
func accessHash(alg, token string) string {
	var sum []byte
	switch {
	case strings.HasSuffix(alg, "384"):
		s := sha512.Sum384([]byte(token))
		sum = s[:]
	case strings.HasSuffix(alg, "512"), alg == "EdDSA":
		s := sha512.Sum512([]byte(token))
		sum = s[:]
	default:
		s := sha256.Sum256([]byte(token))
		sum = s[:]
	}
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}
