// Package google signs users in with Google. It checks the ID token as package oidc
// does, that Google vouches for an address before it counts, and the Workspace domain by
// the claim that Google makes. It does not look at groups.
//
// # What it does not do
//
// It knows no groups and no roles; the only organization is the Workspace domain. It does
// not ask whether an account was suspended but at sign-in and refresh, and does not revoke
// tokens at Google.
package google

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
)

// Issuer is Google's issuer identifier.
const Issuer = "https://accounts.google.com"

// Config configures a [Provider]. ClientID and ClientSecret are required.
type Config struct {
	ClientID     string // normally from GOOGLE_CLIENT_ID
	ClientSecret string `json:"-"` // normally from GOOGLE_CLIENT_SECRET
	// Resource is the MCP endpoint's public URL. It is needed only for
	// [Provider.CallbackURL], which says what to enter at Google.
	Resource string
	// Scopes are asked for at every sign-in; nil is openid, email and profile, and
	// an empty list that is not nil is openid only, which a sign-in needs. Short and
	// long names are the same ("email" and
	// "https://www.googleapis.com/auth/userinfo.email").
	Scopes []string
	// Online asks for no refresh token. Google gives one only to users whom it
	// asks for consent each time they sign in; without it they sign in again when
	// the first token ends, after an hour.
	Online bool
	// HTTPClient is used for its Transport and, if not 0, its Timeout; nil gives 5
	// seconds. Redirects are never followed.
	HTTPClient *http.Client
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// String keeps the secret out of logs.
func (c Config) String() string { return fmt.Sprintf("google.Config{ClientID: %q}", c.ClientID) }

// GoString keeps the secret out of %#v.
func (c Config) GoString() string { return c.String() }

// A Provider is a [provider.Provider]. It is safe for concurrent use.
type Provider struct {
	oidc   *oidc.Provider
	online bool
}

var (
	_ provider.Provider    = (*Provider)(nil)
	_ provider.ScopeMapper = (*Provider)(nil)
	_ provider.APIOwner    = (*Provider)(nil)
)

// New checks cfg. Missing and placeholder credentials are errors that name
// GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET. Google is asked when the first user
// signs in.
func New(cfg Config) (*Provider, error) {
	if cfg.ClientID != "" && !strings.HasSuffix(cfg.ClientID, ".apps.googleusercontent.com") {
		return nil, errors.New("google: GOOGLE_CLIENT_ID does not end with .apps.googleusercontent.com; take the client ID of an OAuth web client from the Google Cloud console")
	}
	p, err := oidc.New(oidc.Config{
		Name: "google", Issuer: Issuer, ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Resource: cfg.Resource,
		Scopes: cfg.Scopes, IsScope: isScope, Algorithms: []string{"RS256", "ES256"}, HTTPClient: cfg.HTTPClient, Now: cfg.Now,
		NoConsentPrompt: true, // AuthCodeURL asks in Google's way
	})
	if err != nil {
		return nil, err
	}
	return &Provider{oidc: p, online: cfg.Online}, nil
}

// Name is "google".
func (p *Provider) Name() string { return p.oidc.Name() }

// CallbackURL is the "Authorized redirect URI" to enter in the Google Cloud
// console, or "" without Config.Resource.
func (p *Provider) CallbackURL() string { return p.oidc.CallbackURL() }

// AuthCodeURL sends the user to Google, with PKCE S256.
func (p *Provider) AuthCodeURL(ctx context.Context, req provider.AuthRequest) (string, error) {
	u, err := p.oidc.AuthCodeURL(ctx, req)
	if err != nil || p.online {
		return u, err
	}
	return u + "&" + url.Values{"access_type": {"offline"}, "prompt": {"consent"}}.Encode(), nil
}

// Exchange redeems a code.
func (p *Provider) Exchange(ctx context.Context, req provider.ExchangeRequest) (*oauth2.Token, error) {
	return p.oidc.Exchange(ctx, req)
}

// AskedScopes is [provider.ScopeAsker]'s. It needs Google's metadata.
func (p *Provider) AskedScopes(ctx context.Context, scopes []string) ([]string, error) {
	return p.oidc.AskedScopes(ctx, scopes)
}

// APIOrigins is https on port 443 of every name below googleapis.com, where Google has
// its APIs, and nobody else a server: a bucket's name there is answered by Google too.
// Names below google.com, run.app, appspot.com and others are not in it.
func (p *Provider) APIOrigins() []string { return []string{"https://*.googleapis.com"} }

// Refresh gets a new token. Google keeps the refresh token the same.
func (p *Provider) Refresh(ctx context.Context, tok *oauth2.Token) (*oauth2.Token, error) {
	return p.oidc.Refresh(ctx, tok)
}

// Identify says whose tok is. The organisation is the Google Workspace domain
// (claim hd). The address counts as verified only where Google answers for it: at
// gmail.com, or in the account's own Workspace domain. Anybody can make a Google
// account of an address that they could read once, and keep it after they have
// left the company.
func (p *Provider) Identify(ctx context.Context, tok *oauth2.Token) (*provider.Identity, error) {
	id, err := p.oidc.Identify(ctx, tok)
	if err != nil {
		return nil, err
	}
	hd, _ := id.Claims["hd"].(string)
	id.Orgs = []string{}
	if hd != "" {
		id.Orgs = append(id.Orgs, hd)
	}
	gmail := strings.HasSuffix(strings.ToLower(id.Email), "@gmail.com")
	if id.EmailVerified = id.EmailVerified && (gmail || hd != ""); !id.EmailVerified {
		id.Username = ""
	}
	return id, nil
}

// String names the provider and shows no secret.
func (p *Provider) String() string { return "google.Provider" }

// GoString is String, for %#v.
func (p *Provider) GoString() string { return p.String() }

const scopePrefix = "https://www.googleapis.com/auth/"

// KnowsScope reports whether s is a scope of Google's.
func (p *Provider) KnowsScope(s string) bool { return isScope(s) }

func isScope(s string) bool {
	return strings.HasPrefix(s, scopePrefix) || slices.Contains([]string{"openid", "email", "profile", "https://mail.google.com/"}, s)
}

// ExpandScopes returns scopes, and both names of those that have two: Google
// answers with the long one, whichever was asked for.
func (p *Provider) ExpandScopes(scopes []string) []string {
	out := slices.Clone(scopes)
	for _, short := range []string{"email", "profile"} {
		name := scopePrefix + "userinfo." + short
		hasShort, hasLong := slices.Contains(out, short), slices.Contains(out, name)
		if hasShort && !hasLong {
			out = append(out, name)
		}
		if hasLong && !hasShort {
			out = append(out, short)
		}
	}
	return out
}
