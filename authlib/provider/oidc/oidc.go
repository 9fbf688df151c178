// Package oidc signs users in with any OpenID Connect issuer. It checks the issuer's
// metadata, the ID token (signature, iss, aud, azp, exp, iat, nonce and at_hash), the
// iss of the answer, and that UserInfo and later tokens are of the same user. It does
// not look at groups or roles that no claim has.
//
// # What it does not do
//
// It takes no encrypted ID tokens, no logout messages (Front-Channel and Back-Channel
// Logout) and no claims that are kept elsewhere (aggregated or distributed claims), does
// not register itself, and authenticates by a client secret only. A claim is only as good
// as the issuer that makes it.
package oidc

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/issuer"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

// Config configures a [Provider]. Issuer, ClientID and ClientSecret are required.
type Config struct {
	// Issuer is the issuer identifier, exactly as its metadata spell it; normally
	// from OIDC_ISSUER. It is https, or http on a loopback host.
	Issuer       string
	ClientID     string // normally from OIDC_CLIENT_ID
	ClientSecret string `json:"-"` // normally from OIDC_CLIENT_SECRET
	// Resource is the MCP endpoint's public URL. It is needed only for
	// [Provider.CallbackURL], which says what to enter at the issuer.
	Resource string
	// Scopes are asked for at every sign-in; nil is openid, email and profile, and
	// an empty list that is not nil is none. openid is added where it is missing,
	// and offline_access where the issuer offers it: without a refresh token users
	// sign in again when the first token ends.
	Scopes []string
	// NoConsentPrompt asks for offline_access without prompt=consent. OpenID Connect
	// Core §11 wants both, and an issuer that keeps to it gives no refresh token
	// otherwise, so by default both are sent, and users are asked at the issuer each
	// time they sign in. Set it for an issuer that gives one anyway, as Okta and
	// Keycloak do, and must if users may not consent for themselves there. Microsoft
	// Entra is never sent it, for that reason.
	NoConsentPrompt bool
	// IsScope reports whether the issuer grants scope s on top of Scopes and of
	// OpenID Connect's own. All others belong to the MCP server. nil: none.
	IsScope func(s string) bool
	// UsernameClaim is the claim that user rules are compared with. "" is the
	// address, if the issuer vouches for it. Name another only if no user can
	// choose its value: preferred_username often is free to choose (OpenID Connect
	// Core §5.7).
	UsernameClaim string
	// OrgsClaim and RolesClaim are where organisations and roles are: a claim, or
	// a JSON pointer such as "/realm_access/roles". "" gives no organisations, and
	// the roles of the claim "roles". Roles are what rules such as "role:admin" are
	// compared with; see also [Provider.Roles].
	OrgsClaim, RolesClaim string
	// APIOrigins are where users' tokens may be sent on their behalf (see
	// [provider.SendsTo]), such as "https://graph.microsoft.com": an issuer's
	// metadata do not say which APIs take its tokens. nil: nowhere.
	APIOrigins []string
	// Algorithms are the signature algorithms of ID tokens; nil is RS256, PS256,
	// ES256 and EdDSA. HMAC and none are errors.
	Algorithms []string
	// Name is part of the callback path, and of the variables that errors name;
	// "" is "oidc".
	Name string
	// HTTPClient is used for its Transport and, if not 0, its Timeout; nil gives 5
	// seconds. Redirects are never followed.
	HTTPClient *http.Client
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// String keeps the secret out of logs.
func (c Config) String() string {
	return fmt.Sprintf("oidc.Config{Issuer: %q, ClientID: %q}", c.Issuer, c.ClientID)
}

// GoString keeps the secret out of %#v.
func (c Config) GoString() string { return c.String() }

// A Provider is a [provider.Provider]. It is safe for concurrent use.
type Provider struct {
	cfg    Config
	issuer *issuer.Issuer
	algs   []jose.SignatureAlgorithm
}

var (
	_ provider.Provider    = (*Provider)(nil)
	_ provider.ScopeMapper = (*Provider)(nil)
	_ provider.APIOwner    = (*Provider)(nil)
)

// New checks cfg. Missing and placeholder credentials are errors that name their
// variables. The issuer is asked when the first user signs in, and not before, so
// that the program starts while the issuer is down.
func New(cfg Config) (*Provider, error) {
	if cfg.Name == "" {
		cfg.Name = "oidc"
	}
	if cfg.Issuer == "" {
		return nil, fmt.Errorf("%s: %s is not set; set it to the issuer URL, as in %s", cfg.Name, cfg.variable("ISSUER"), "https://login.example.com")
	}
	is, err := issuer.New(cfg.Issuer, issuer.OpenID, cfg.HTTPClient, cfg.Now)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", cfg.Name, cfg.variable("ISSUER"), err)
	}
	const cure = "register a confidential web client at the issuer and set it"
	if err := provider.CheckChosen(cfg.variable("CLIENT_ID"), cfg.ClientID, cure); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name, err)
	}
	if err := provider.CheckCredential(cfg.variable("CLIENT_SECRET"), cfg.ClientSecret, cure); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Name, err)
	}
	algs, err := issuer.Algorithms(cfg.Algorithms)
	if err != nil {
		return nil, fmt.Errorf("%s: Config.Algorithms: %w", cfg.Name, err)
	}
	if cfg.Scopes, err = scopes(cfg.Scopes); err != nil {
		return nil, fmt.Errorf("%s: Config.Scopes: %w", cfg.Name, err)
	}
	cfg.APIOrigins = slices.Clone(cfg.APIOrigins)
	for _, o := range cfg.APIOrigins {
		if _, err := provider.CheckOrigin(o); err != nil {
			return nil, fmt.Errorf("%s: Config.APIOrigins: %w", cfg.Name, err)
		}
	}
	return &Provider{cfg: cfg, issuer: is, algs: algs}, nil
}

func (c Config) variable(name string) string {
	return strings.ToUpper(strings.ReplaceAll(c.Name, "-", "_")) + "_" + name
}

// scopes returns what to ask for, openid first.
func scopes(list []string) ([]string, error) {
	if list == nil {
		return []string{"openid", "email", "profile"}, nil
	}
	out := []string{"openid"}
	for _, s := range list {
		if s == "" || strings.ContainsAny(s, " ,\t\r\n\"\\") {
			return nil, fmt.Errorf("%q is no scope", s)
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

// Name is Config.Name.
func (p *Provider) Name() string { return p.cfg.Name }

// CallbackURL is the redirect URI to enter at the issuer, or "" without
// Config.Resource.
func (p *Provider) CallbackURL() string {
	u, err := url.Parse(p.cfg.Resource)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/oauth/callback/" + p.cfg.Name
}

// APIOrigins are Config.APIOrigins.
func (p *Provider) APIOrigins() []string { return slices.Clone(p.cfg.APIOrigins) }

// KnowsScope reports whether s is a scope of OpenID Connect (Core §5.4, §11), one
// of Config.Scopes, or one that Config.IsScope knows.
func (p *Provider) KnowsScope(s string) bool {
	return slices.Contains(p.cfg.Scopes, s) || p.cfg.IsScope != nil && p.cfg.IsScope(s) ||
		slices.Contains([]string{"openid", "email", "profile", "address", "phone", "offline_access"}, s)
}

// ExpandScopes returns scopes: none includes another.
func (p *Provider) ExpandScopes(scopes []string) []string { return slices.Clone(scopes) }

// String names the provider and shows no secret.
func (p *Provider) String() string { return "oidc.Provider(" + p.cfg.Issuer + ")" }

// GoString is String, for %#v.
func (p *Provider) GoString() string { return p.String() }

// mapError says in the provider's words what is wrong with a token, and leaves
// outages as they are.
func (p *Provider) mapError(err error) error {
	if errors.Is(err, issuer.ErrInvalid) {
		return fmt.Errorf("%w: %s: %s", provider.ErrInvalidToken, p.cfg.Name, err)
	}
	return fmt.Errorf("%s: %w", p.cfg.Name, err)
}
