package jwtauth

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
)

// Keys check who signed a JWT, and nothing else of it: for the assertions that
// package broker takes, whose claims it checks itself. They are safe for concurrent
// use.
type Keys struct {
	open func(ctx context.Context, jwt string, algs []jose.SignatureAlgorithm) (*issuer.Token, error)
	algs []jose.SignatureAlgorithm
	name string
}

// ParseKeys reads the public keys of a program, as a JWK set (RFC 7517 §5). Private
// keys and shared secrets are errors. Algorithms are those allowed; none are RS256,
// PS256, ES256 and EdDSA. HMAC and none are errors.
func ParseKeys(jwks []byte, algorithms ...string) (*Keys, error) {
	algs, err := issuer.Algorithms(algorithms)
	if err != nil {
		return nil, fmt.Errorf("jwtauth: %w", err)
	}
	keys, err := issuer.ParseKeys(jwks)
	if err != nil {
		return nil, fmt.Errorf("jwtauth: the JWK set: %w", err)
	}
	open := func(_ context.Context, jwt string, algs []jose.SignatureAlgorithm) (*issuer.Token, error) {
		return keys.Open(jwt, algs)
	}
	return &Keys{open, algs, "configured"}, nil
}

// IssuerKeysConfig configures [NewIssuerKeys]. Issuer is required.
type IssuerKeysConfig struct {
	// Issuer is the issuer identifier, exactly as its metadata spell it. It is https,
	// or http on a loopback host.
	Issuer string
	// Algorithms are those allowed, as for [ParseKeys].
	Algorithms []string
	// HTTPClient is used for its Transport and, if not 0, its Timeout; nil gives 5
	// seconds. Redirects are never followed.
	HTTPClient *http.Client
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// NewIssuerKeys returns the keys that an issuer publishes now. They are fetched when
// the first JWT comes, kept, and fetched again at most every 30 seconds.
func NewIssuerKeys(cfg IssuerKeysConfig) (*Keys, error) {
	algs, err := issuer.Algorithms(cfg.Algorithms)
	if err != nil {
		return nil, fmt.Errorf("jwtauth: IssuerKeysConfig.Algorithms: %w", err)
	}
	is, err := issuer.New(cfg.Issuer, issuer.OAuth, cfg.HTTPClient, cfg.Now)
	if err != nil {
		return nil, fmt.Errorf("jwtauth: %w", err)
	}
	return &Keys{is.Open, algs, is.URL}, nil
}

// Open checks the signature of a JWT in compact form, and returns its claims by
// their exact names and the header typ, in lower case and without "application/". No
// claim is checked. It fails with an error that matches [authlib.ErrInvalidToken] for
// what none of the keys signed, and with any other error when keys cannot be had.
func (k *Keys) Open(ctx context.Context, jwt string) (typ string, claims map[string]any, err error) {
	t, err := k.open(ctx, jwt, k.algs)
	if err != nil {
		return "", nil, mapError(err)
	}
	return t.Type, t.Claims, nil
}

// Algorithms are the signature algorithms allowed.
func (k *Keys) Algorithms() []string {
	var out []string
	for _, a := range k.algs {
		out = append(out, string(a))
	}
	return out
}

// String says whose keys they are.
func (k *Keys) String() string { return "jwtauth.Keys(" + k.name + ")" }
