// Package jwtauth checks access tokens of an external authorization server: JWTs by its
// published keys ([New], RFC 9068), and tokens of any form by asking it
// ([NewIntrospection], RFC 7662). It checks a token's issuer, audience, type and times,
// and a JWT's signature. It does not issue tokens, and does not learn that a JWT was
// revoked.
//
// # What it does not do
//
// It does not ask whether a JWT was revoked: one passes until it ends, so choose short
// lives, or introspection. It takes no encrypted tokens (JWE), no HMAC, no keys that a
// token brings along, and no tokens that are bound to a key of their sender (cnf), since
// nothing here could check that. It does not look up roles: they are what the token says,
// and only as good as its issuer.
package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
)

// Config configures a [Verifier]. Issuer and Audience are required.
type Config struct {
	// Issuer is the issuer identifier, exactly as its metadata and tokens spell it;
	// normally from OIDC_ISSUER. It is https, or http on a loopback host.
	Issuer string
	// Audience is what tokens must name in aud: normally the resource, the public
	// URL of the MCP endpoint (RFC 8707). URLs are compared without regard to the
	// case of the host and one trailing slash.
	Audience string
	// ExtraAudiences are also accepted, letter for letter, for issuers that put
	// something of their own there. Name nothing that another service is known by:
	// its tokens would pass here.
	ExtraAudiences []string
	// Algorithms are the signature algorithms allowed; nil is RS256, PS256, ES256
	// and EdDSA. HMAC and none are errors.
	Algorithms []string
	// AnyType takes tokens that are not marked as access tokens by the header typ
	// "at+jwt" (RFC 9068 §2.1), as many issuers do not. What looks like an ID token
	// is refused all the same.
	AnyType bool
	// RolesClaim is where roles are: a claim, or a JSON pointer such as
	// "/realm_access/roles"; "" is "roles".
	RolesClaim string
	// Leeway allows for clocks that differ; 0 is 30 seconds, at most 1 minute.
	Leeway time.Duration
	// HTTPClient is used for its Transport and, if not 0, its Timeout; nil gives 5
	// seconds. Redirects are never followed.
	HTTPClient *http.Client
	// Observer is told of each verification. nil costs nothing.
	Observer authlib.Observer
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// A Verifier checks JWTs. It is an [authlib.Verifier], safe for concurrent use.
type Verifier struct {
	issuer *issuer.Issuer
	algs   []jose.SignatureAlgorithm
	cfg    Config
	cache  *cache
}

var _ authlib.AudienceVerifier = (*Verifier)(nil)

// Audience is Config.Audience.
func (v *Verifier) Audience() string { return v.cfg.Audience }

const (
	defaultLeeway = 30 * time.Second
	maxLeeway     = time.Minute
)

// New checks cfg. The issuer is asked when the first token comes, and not before,
// so that the program starts while the issuer is down; tokens that cannot be
// checked are answered with 503 meanwhile.
func New(cfg Config) (*Verifier, error) {
	if cfg.Issuer == "" {
		return nil, errors.New("jwtauth: the issuer is empty; set OIDC_ISSUER to the authorization server's issuer URL")
	}
	is, err := issuer.New(cfg.Issuer, issuer.OAuth, cfg.HTTPClient, cfg.Now)
	if err != nil {
		return nil, fmt.Errorf("jwtauth: OIDC_ISSUER: %w", err)
	}
	algs, err := issuer.Algorithms(cfg.Algorithms)
	if err != nil {
		return nil, fmt.Errorf("jwtauth: Config.Algorithms: %w", err)
	}
	if err := checkAudience(cfg.Audience, cfg.ExtraAudiences); err != nil {
		return nil, err
	}
	if cfg.Leeway == 0 {
		cfg.Leeway = defaultLeeway
	}
	if cfg.Leeway < 0 || cfg.Leeway > maxLeeway {
		return nil, fmt.Errorf("jwtauth: Config.Leeway is %v; use 0 to 1m", cfg.Leeway)
	}
	cfg.ExtraAudiences = slices.Clone(cfg.ExtraAudiences)
	return &Verifier{issuer: is, algs: algs, cfg: cfg, cache: newCache(is.Now)}, nil
}

func checkAudience(audience string, extra []string) error {
	if audience == "" {
		return errors.New("jwtauth: Config.Audience is empty, so a token for any other service would pass; set MCP_RESOURCE_URL or MCP_AUDIENCE")
	}
	if slices.Contains(extra, "") {
		return errors.New("jwtauth: Config.ExtraAudiences contains an empty one")
	}
	return nil
}

// Verify says whose token it is. It fails with an error that matches
// [authlib.ErrInvalidToken] for a token of another issuer, for another audience,
// ended, wrongly signed or not an access token, and with any other error when the
// issuer's keys cannot be had. The principal expires when the token does, leeway
// included, and has the token's claims.
func (v *Verifier) Verify(ctx context.Context, token string) (*authlib.Principal, error) {
	return observe(ctx, "jwt", v.cfg.Observer, v.issuer.Now, func() (*authlib.Principal, bool, error) { return v.verify(ctx, token) })
}

func (v *Verifier) verify(ctx context.Context, token string) (p *authlib.Principal, cached bool, err error) {
	if found, ok := v.cache.get(token); ok {
		return found.p, true, nil
	}
	p, err = v.check(ctx, token)
	if err != nil {
		return nil, false, mapError(err)
	}
	// Not for longer than the keys are fresh: one of them may be withdrawn.
	v.cache.put(token, p, v.issuer.KeysFreshUntil())
	return p.Clone(), false, nil
}

func (v *Verifier) check(ctx context.Context, token string) (*authlib.Principal, error) {
	t, err := v.issuer.Open(ctx, token, v.algs)
	if err != nil {
		return nil, err
	}
	if err := v.checkType(t); err != nil {
		return nil, err
	}
	if t.Claims.String("iss") != v.cfg.Issuer {
		return nil, fmt.Errorf("%w: it names another issuer", issuer.ErrInvalid)
	}
	if err := t.Claims.CheckAudience(v.cfg.Audience, v.cfg.ExtraAudiences); err != nil {
		return nil, err
	}
	ends, err := t.Claims.CheckTimes(v.issuer.Now(), v.cfg.Leeway)
	if err != nil {
		return nil, err
	}
	return principal(t.Claims, v.cfg.Issuer, v.cfg.RolesClaim, ends)
}

// checkType keeps ID tokens out (RFC 9068 §4, RFC 8725 §3.11): they are for the
// client to know its user, and travel less guarded.
func (v *Verifier) checkType(t *issuer.Token) error {
	switch {
	case t.Type == "at+jwt":
		return nil
	case !v.cfg.AnyType:
		return fmt.Errorf("%w: its type is %.20q, not at+jwt (jwtauth.Config.AnyType takes tokens that are not marked)", issuer.ErrInvalid, t.Type)
	case t.Type != "" && t.Type != "jwt":
		return fmt.Errorf("%w: its type is %.20q", issuer.ErrInvalid, t.Type)
	}
	c := t.Claims
	if c["at_hash"] != nil || c["c_hash"] != nil || c["events"] != nil || c["scope"] == nil && c["scp"] == nil && c["client_id"] == nil {
		return fmt.Errorf("%w: it looks like an ID token, not like an access token", issuer.ErrInvalid)
	}
	return nil
}

// String names the issuer and nothing else.
func (v *Verifier) String() string { return "jwtauth.Verifier(" + v.cfg.Issuer + ")" }

// GoString is String, for %#v.
func (v *Verifier) GoString() string { return v.String() }
