package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
)

// IntrospectionConfig configures an [Introspection]. All but the last six fields
// are required.
type IntrospectionConfig struct {
	// Issuer is the issuer identifier: part of every caller's identity, and what
	// an answer that names an issuer must name.
	Issuer string
	// Endpoint is the introspection endpoint (RFC 7662 §2); https, or http on a
	// loopback host.
	Endpoint string
	// ClientID and ClientSecret are how this server is known there; normally from
	// OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.
	ClientID     string
	ClientSecret string `json:"-"`
	// Audience and ExtraAudiences are as in [Config]. An answer that names no
	// audience is a refusal.
	Audience       string
	ExtraAudiences []string
	// RolesClaim is as in [Config].
	RolesClaim string
	// CacheFor is how long a positive answer is believed, at most 1 minute and
	// never past the token's end: a revoked token passes that long. 0 is 30 seconds.
	CacheFor time.Duration
	// HTTPClient, Observer and Now are as in [Config].
	HTTPClient *http.Client
	Observer   authlib.Observer
	Now        func() time.Time
}

// String keeps the secret out of logs.
func (c IntrospectionConfig) String() string {
	return fmt.Sprintf("jwtauth.IntrospectionConfig{Endpoint: %q}", c.Endpoint)
}

// GoString keeps the secret out of %#v.
func (c IntrospectionConfig) GoString() string { return c.String() }

const (
	defaultCacheFor = 30 * time.Second
	maxCacheFor     = time.Minute
	// refusedFor is how long a refusal is repeated without asking. It is short: a
	// token may be on its way from one of the issuer's servers to another.
	refusedFor = 5 * time.Second
	// knownFor is how long after it was found good a token is asked about before
	// those of strangers.
	knownFor = time.Hour
	// maxOpaque bounds a token that is sent on, in bytes.
	maxOpaque = 8 << 10
)

// An Introspection checks tokens by asking their issuer. It is an
// [authlib.Verifier], safe for concurrent use.
type Introspection struct {
	cfg    IntrospectionConfig
	client *issuer.Client
	cache  *cache
	// refused and known are apart from it, so that strangers' tokens push nobody's
	// out. What is known holds no principals.
	refused, known *cache
	asking         *asking
	outage         outage
}

var _ authlib.AudienceVerifier = (*Introspection)(nil)

// Audience is IntrospectionConfig.Audience.
func (v *Introspection) Audience() string { return v.cfg.Audience }

// NewIntrospection checks cfg. It asks nobody yet.
func NewIntrospection(cfg IntrospectionConfig) (*Introspection, error) {
	if _, err := issuer.New(cfg.Issuer, issuer.OAuth, nil, nil); err != nil {
		return nil, fmt.Errorf("jwtauth: OIDC_ISSUER: %w", err)
	}
	if _, err := issuer.New(cfg.Endpoint, issuer.OAuth, nil, nil); err != nil {
		return nil, fmt.Errorf("jwtauth: IntrospectionConfig.Endpoint: %w", err)
	}
	if cfg.ClientID == "" || cfg.ClientSecret == "" {
		return nil, errors.New("jwtauth: introspection needs credentials (RFC 7662 §2.1); set OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
	}
	if err := checkAudience(cfg.Audience, cfg.ExtraAudiences); err != nil {
		return nil, err
	}
	if cfg.CacheFor == 0 {
		cfg.CacheFor = defaultCacheFor
	}
	if cfg.CacheFor < 0 || cfg.CacheFor > maxCacheFor {
		return nil, fmt.Errorf("jwtauth: IntrospectionConfig.CacheFor is %v; use 0 to 1m, since a revoked token passes that long", cfg.CacheFor)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.ExtraAudiences = slices.Clone(cfg.ExtraAudiences)
	return &Introspection{
		cfg: cfg, client: issuer.NewClient(cfg.HTTPClient), asking: newAsking(),
		cache: newCache(cfg.Now), refused: newCache(cfg.Now), known: newCache(cfg.Now),
	}, nil
}

// Verify says whose token it is. It fails with an error that matches
// [authlib.ErrInvalidToken] when the issuer says that the token is not active, or
// it is for another audience, and with any other error when the issuer cannot be
// asked, also because too many tokens are being asked about: a question waits at
// most 1 second for its turn. A token is asked about once for all who sent it, and
// a refusal is repeated for 5 seconds.
func (v *Introspection) Verify(ctx context.Context, token string) (*authlib.Principal, error) {
	if token == "" || len(token) > maxOpaque {
		return nil, fmt.Errorf("%w: it is empty or too long", authlib.ErrInvalidToken)
	}
	return observe(ctx, "introspection", v.cfg.Observer, v.cfg.Now, func() (*authlib.Principal, bool, error) { return v.verify(ctx, token) })
}

func (v *Introspection) verify(ctx context.Context, token string) (p *authlib.Principal, cached bool, err error) {
	if found, ok := v.cache.get(token); ok {
		return found.p, true, nil
	}
	if found, ok := v.refused.get(token); ok {
		return nil, true, found.err
	}
	_, known := v.known.get(token)
	p, err = v.asking.about(ctx, token, known, func(ctx context.Context) (*authlib.Principal, error) { return v.check(ctx, token) })
	if err != nil {
		return nil, false, err
	}
	return p.Clone(), false, nil
}

// check asks, and remembers the answer, whichever it is. An outage is no answer.
func (v *Introspection) check(ctx context.Context, token string) (*authlib.Principal, error) {
	asked := v.cfg.Now()
	c, err := v.ask(ctx, token)
	v.outage.note(err, v.cfg.Now())
	var p *authlib.Principal
	if err == nil {
		p, err = v.judge(c)
	}
	if err == nil {
		v.cache.put(token, p, asked.Add(v.cfg.CacheFor))
		v.known.remember(token, entry{ends: asked.Add(knownFor)})
		return p, nil
	}
	if err = mapError(err); errors.Is(err, authlib.ErrInvalidToken) {
		v.refused.remember(token, entry{ends: asked.Add(refusedFor), err: err})
	}
	return nil, err
}

// ask posts the token to the introspection endpoint (RFC 7662 §2.1).
func (v *Introspection) ask(ctx context.Context, token string) (issuer.Claims, error) {
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.cfg.Endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// RFC 6749 §2.3.1: both are form-encoded first.
	req.SetBasicAuth(url.QueryEscape(v.cfg.ClientID), url.QueryEscape(v.cfg.ClientSecret))
	c := issuer.Claims{}
	status, _, err := v.client.JSON(req, &c)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return nil, errors.New("the introspection endpoint refused our credentials; check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
	case status != http.StatusOK:
		return nil, fmt.Errorf("the introspection endpoint answered %d", status)
	}
	return c, nil
}

// judge reads the answer (RFC 7662 §2.2).
func (v *Introspection) judge(c issuer.Claims) (*authlib.Principal, error) {
	active, ok := c["active"].(bool)
	switch {
	case !ok:
		return nil, errors.New("the introspection endpoint did not say whether the token is active")
	case !active:
		return nil, fmt.Errorf("%w: its issuer says that it is not active", issuer.ErrInvalid)
	case c["iss"] != nil && c.String("iss") != v.cfg.Issuer:
		return nil, fmt.Errorf("%w: it names another issuer", issuer.ErrInvalid)
	case c["token_type"] != nil && !strings.EqualFold(c.String("token_type"), "Bearer"):
		return nil, fmt.Errorf("%w: it is no bearer token", issuer.ErrInvalid)
	}
	if err := c.CheckAudience(v.cfg.Audience, v.cfg.ExtraAudiences); err != nil {
		return nil, err
	}
	ends, err := v.end(c)
	if err != nil {
		return nil, err
	}
	delete(c, "active")
	return principal(c, v.cfg.Issuer, v.cfg.RolesClaim, ends)
}

// end is when the token ends; zero where the issuer does not say. Whether it has
// begun is the issuer's to know: it says that the token is active.
func (v *Introspection) end(c issuer.Claims) (time.Time, error) {
	if c["exp"] == nil {
		return time.Time{}, nil
	}
	exp, ok := c.Time("exp")
	if !ok {
		return time.Time{}, fmt.Errorf("%w: its end (exp) is no date", issuer.ErrInvalid)
	}
	if !v.cfg.Now().Before(exp) {
		return time.Time{}, issuer.ErrExpired
	}
	return exp, nil
}

// String names the endpoint and nothing else.
func (v *Introspection) String() string { return "jwtauth.Introspection(" + v.cfg.Endpoint + ")" }

// GoString is String, for %#v.
func (v *Introspection) GoString() string { return v.String() }
