package authlib

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// A Verifier checks a bearer token and says whose it is. It must reject a token
// that was not issued for this server (RFC 8707 §2). Its errors match
// [ErrInvalidToken] when the token is at fault, and anything else when the check
// could not be made, which the guard answers with 503. It must be safe for
// concurrent use, and must never put the token into an error.
type Verifier interface {
	Verify(ctx context.Context, token string) (*Principal, error) // token is without "Bearer "
}

// VerifierFunc adapts a function to a [Verifier].
type VerifierFunc func(ctx context.Context, token string) (*Principal, error)

// Verify calls f.
func (f VerifierFunc) Verify(ctx context.Context, token string) (*Principal, error) {
	return f(ctx, token)
}

// An AudienceVerifier is a [Verifier] that knows what its tokens are issued for.
// [New] makes sure that it is the server that the guard protects.
type AudienceVerifier interface {
	Verifier
	Audience() string // such as the resource (RFC 8707 §2)
}

// An OutOfBandVerifier is a [Verifier] whose credentials may come from no
// authorization server: somebody hands them to their users, as is usual with API
// keys. With one, [New] demands no authorization server.
type OutOfBandVerifier interface {
	Verifier
	OutOfBand() bool // whether no authorization server issues its credentials
}

// An AuthServer is an OAuth 2.1 authorization server that runs in this process.
// The guard mounts it at each of its Paths, and nowhere else.
type AuthServer interface {
	http.Handler
	Issuer() string  // issuer identifier (RFC 8414 §2)
	Paths() []string // exact paths that ServeHTTP answers
}

// Errors of verifiers and of [Guard.Authorize].
var (
	ErrUnauthenticated   = errors.New("authlib: no credentials")
	ErrInvalidToken      = errors.New("authlib: invalid token")
	ErrTokenExpired      = fmt.Errorf("%w: expired", ErrInvalidToken)
	ErrWrongAudience     = fmt.Errorf("%w: not issued for this server", ErrInvalidToken)
	ErrInsufficientScope = errors.New("authlib: insufficient scope")
	ErrForbidden         = errors.New("authlib: forbidden")
)
