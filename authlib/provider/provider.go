// Package provider defines what the broker needs of an upstream identity provider: to
// send a user there, and to learn who came back. It checks, for providers and the
// broker, credentials that are missing or placeholders, whether a request is of this
// site or this machine, and where a token may be sent. It does not check an identity:
// each Provider does.
//
// # What it does not do
//
// It checks no identity itself, and keeps nothing: each [Provider] says what it verified,
// and the broker decides who may come in. Nothing here makes a user name or an
// unverified address safe to authorize on.
package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/oauth2"
)

// A Provider signs users in. It is safe for concurrent use. Its errors never
// contain a token, a code or a client secret. Errors that match [ErrDenied] and
// [ErrInvalidToken] are about the user; any other means that the provider could
// not be asked, which callers answer with 503 and never with a sign-out.
type Provider interface {
	// Name is a short name of the letters a to z, digits and "-", such as
	// "github". It is part of the callback path /oauth/callback/NAME.
	Name() string
	// AuthCodeURL returns where to send the user's browser.
	AuthCodeURL(ctx context.Context, req AuthRequest) (string, error)
	// Exchange redeems an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).
	Exchange(ctx context.Context, req ExchangeRequest) (*oauth2.Token, error)
	// Refresh gets a new token for tok, or an error that matches ErrNoRefresh
	// if tok has no refresh token. The new token carries the refresh token to
	// use next, also where the provider repeated none.
	Refresh(ctx context.Context, tok *oauth2.Token) (*oauth2.Token, error)
	// Identify says whose tok is. It asks the provider each time, and fails
	// with an error that matches ErrInvalidToken unless tok is valid now and
	// was issued to this very client.
	Identify(ctx context.Context, tok *oauth2.Token) (*Identity, error)
}

// An AuthRequest is one login.
type AuthRequest struct {
	State       string   `json:"-"` // opaque, unguessable
	Nonce       string   `json:"-"` // for OpenID Connect (Core §3.1.2.1)
	Challenge   string   // PKCE code challenge, method S256
	RedirectURL string   // the broker's callback for this provider
	Scopes      []string // wanted on top of the configured ones; those it does not know are left out
}

// String shows where the login goes, and nothing that could take it over.
func (r AuthRequest) String() string {
	return fmt.Sprintf("provider.AuthRequest{RedirectURL: %q, Scopes: %q}", r.RedirectURL, r.Scopes)
}

// GoString is String, for %#v.
func (r AuthRequest) GoString() string { return r.String() }

// An ExchangeRequest is what came back from one login.
type ExchangeRequest struct {
	Code        string `json:"-"` // the authorization code
	Verifier    string `json:"-"` // PKCE code verifier
	RedirectURL string // as in the AuthRequest
	Nonce       string `json:"-"` // as in the AuthRequest
	Issuer      string // the "iss" parameter of the answer (RFC 9207); "" if there was none
}

// String shows where the login ended, without its code.
func (r ExchangeRequest) String() string {
	return fmt.Sprintf("provider.ExchangeRequest{RedirectURL: %q, Issuer: %q}", r.RedirectURL, r.Issuer)
}

// GoString is String, for %#v.
func (r ExchangeRequest) GoString() string { return r.String() }

// An Identity is a user, as the provider knows them.
type Identity struct {
	Issuer        string         // e.g. "https://github.com"
	Subject       string         // stable and never given to another user, e.g. a number
	Username      string         // for display and user rules; may change hands at the provider
	Email         string         // "" if unknown
	EmailVerified bool           // whether the provider vouches for Email
	Orgs          []string       // organisations, and teams as ORG/TEAM; nil if the provider was not asked
	Roles         []string       // as the provider names them; they give nothing unless a rule says so
	Scopes        []string       // as granted by the provider, not as asked for
	Claims        map[string]any // what the provider said, for display and roles; nil for none

	// Provider is the name of the provider that identified the user, and Sole says
	// that users can sign in at no other. The broker sets both: what a rule says of
	// a name holds for everybody of that name only where there is one provider.
	Provider string `json:",omitempty"`
	Sole     bool   `json:",omitempty"`
}

// A ScopeMapper is a Provider that grants scopes of its own to the tokens. The
// broker asks it for scopes it knows and passes on only what was granted; scopes
// that no provider knows belong to the broker.
type ScopeMapper interface {
	// KnowsScope reports whether s is a scope of the provider.
	KnowsScope(s string) bool
	// ExpandScopes returns scopes and everything they include.
	ExpandScopes(scopes []string) []string
}

// A ScopeAsker is a Provider that says what a sign-in will ask it for, so that the
// user can be told before (MCP Security Best Practices, Confused Deputy).
type ScopeAsker interface {
	// AskedScopes returns every scope that the URL of AuthCodeURL asks for when
	// scopes are wanted on top of the configured ones. An error means that the
	// provider could not be asked.
	AskedScopes(ctx context.Context, scopes []string) ([]string, error)
}

// A LocalSignIn is a Provider whose sign-in page this process serves itself.
type LocalSignIn interface {
	http.Handler
	Paths() []string // exact paths, below /oauth/
}

// A Local provider can be used only by people at this machine, so that it needs
// no rule for who may sign in.
type Local interface {
	// LocalOnly reports whether nobody outside this machine can sign in.
	LocalOnly() bool
}

// Errors of providers.
var (
	// ErrInvalidToken: the code or token is unknown, ended, revoked, or was
	// issued to another client. The user has to sign in again.
	ErrInvalidToken = errors.New("provider: the sign-in is no longer valid")
	// ErrDenied: the user or the provider declined.
	ErrDenied = errors.New("provider: sign-in was declined")
	// ErrNoRefresh: the token cannot be refreshed.
	ErrNoRefresh = errors.New("provider: the token has no refresh token")
)
