// Package github signs users in with an OAuth app of GitHub or GitHub Enterprise Server.
// It checks by asking GitHub: that a token was issued to this very app, whose it is,
// which scopes it has, the user's verified address, organizations and teams. It does not
// believe what a client says of any of that.
//
// # What it does not do
//
// It knows nothing of fine-grained permissions of GitHub Apps, nor of organizations that
// did not let the OAuth app see their members: their rules let nobody in. User and
// organization names can change hands at GitHub; only the user's number, which is the
// subject, can not. It does not revoke tokens at GitHub.
package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"golang.org/x/oauth2"
)

// Config configures a [Provider].
type Config struct {
	ClientID     string // required; normally from GITHUB_CLIENT_ID
	ClientSecret string `json:"-"` // required; normally from GITHUB_CLIENT_SECRET
	// BaseURL is the web address of a GitHub Enterprise Server, such as
	// "https://github.example.com"; "" is github.com.
	BaseURL string
	// Resource is the MCP endpoint's public URL. It is needed only for
	// [Provider.CallbackURL], which says what to enter at GitHub.
	Resource string
	// Scopes are asked for at every sign-in; nil is read:user, and an empty list that
	// is not nil is none: who the user is GitHub says without any.
	Scopes []string
	// Orgs asks for the user's organisations, which org rules need. It adds the
	// scope read:org.
	Orgs bool
	// Emails asks for the user's verified e-mail address, which domain rules
	// need. It adds the scope user:email.
	Emails bool
	// HTTPClient is used for its Transport and, if not 0, its Timeout; nil gives
	// 10 seconds. Redirects are never followed.
	HTTPClient *http.Client
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// String keeps the secret out of logs.
func (c Config) String() string { return fmt.Sprintf("github.Config{ClientID: %q}", c.ClientID) }

// GoString keeps the secret out of %#v.
func (c Config) GoString() string { return c.String() }

// A Provider is a [provider.Provider]. It is immutable and safe for concurrent
// use.
type Provider struct {
	id, secret string
	base, api  string
	resource   string
	scopes     []string
	http       *http.Client
	now        func() time.Time
}

var (
	_ provider.Provider    = (*Provider)(nil)
	_ provider.ScopeMapper = (*Provider)(nil)
	_ provider.ScopeAsker  = (*Provider)(nil)
	_ provider.APIOwner    = (*Provider)(nil)
)

// New checks cfg. Missing and placeholder credentials are errors that name
// GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.
func New(cfg Config) (*Provider, error) {
	if err := checkCredential("GITHUB_CLIENT_ID", cfg.ClientID); err != nil {
		return nil, err
	}
	if err := checkCredential("GITHUB_CLIENT_SECRET", cfg.ClientSecret); err != nil {
		return nil, err
	}
	base, api, err := endpoints(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	p := &Provider{
		id: cfg.ClientID, secret: cfg.ClientSecret, base: base, api: api, resource: cfg.Resource,
		scopes: slices.Clone(cfg.Scopes), http: httpClient(cfg.HTTPClient), now: cfg.Now,
	}
	if p.scopes == nil {
		p.scopes = []string{"read:user"}
	}
	if cfg.Orgs {
		p.add("read:org")
	}
	if cfg.Emails {
		p.add("user:email")
	}
	for _, s := range p.scopes {
		if strings.ContainsAny(s, " ,\t\r\n\"\\") || s == "" {
			return nil, fmt.Errorf("github: Config.Scopes: %q is no scope", s)
		}
	}
	if p.now == nil {
		p.now = time.Now
	}
	return p, nil
}

func (p *Provider) add(scope string) {
	if !slices.Contains(ExpandScopes(p.scopes), scope) {
		p.scopes = append(p.scopes, scope)
	}
}

func checkCredential(name, v string) error {
	err := provider.CheckCredential(name, v, "create an OAuth app at GitHub (Settings, Developer settings, OAuth Apps) and set it")
	if err != nil {
		return fmt.Errorf("github: %w", err)
	}
	return nil
}

// The addresses of github.com.
const (
	publicBase = "https://github.com"
	publicAPI  = "https://api.github.com"
)

// endpoints returns the web and API addresses.
func endpoints(base string) (web, api string, err error) {
	if base == "" {
		return publicBase, publicAPI, nil
	}
	u, err := url.Parse(strings.TrimSuffix(base, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", "", fmt.Errorf("github: GITHUB_BASE_URL %q is not a URL like https://github.example.com", base)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && provider.IsLoopbackHost(u.Hostname())) {
		return "", "", fmt.Errorf("github: GITHUB_BASE_URL %q must be https", base)
	}
	if strings.EqualFold(u.Host, "github.com") {
		return endpoints("")
	}
	return u.String(), u.String() + "/api/v3", nil
}

func httpClient(c *http.Client) *http.Client {
	out := &http.Client{}
	if c != nil {
		out.Transport, out.Timeout = c.Transport, c.Timeout
	}
	if out.Timeout <= 0 {
		out.Timeout = 10 * time.Second
	}
	// A redirect would carry our secret to wherever it points.
	out.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return out
}

// Name is "github".
func (p *Provider) Name() string { return "github" }

// CallbackURL is the "Authorization callback URL" to enter in the OAuth app's
// settings, or "" without Config.Resource.
func (p *Provider) CallbackURL() string {
	u, err := url.Parse(p.resource)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/oauth/callback/github"
}

// AuthCodeURL sends the user to GitHub, with PKCE S256.
func (p *Provider) AuthCodeURL(ctx context.Context, req provider.AuthRequest) (string, error) {
	if req.State == "" || req.Challenge == "" || req.RedirectURL == "" {
		return "", errors.New("github: state, challenge and redirect URL are needed")
	}
	scopes, err := p.AskedScopes(ctx, req.Scopes)
	if err != nil {
		return "", err
	}
	q := url.Values{
		"client_id": {p.id}, "redirect_uri": {req.RedirectURL}, "state": {req.State}, "scope": {strings.Join(scopes, " ")},
		"code_challenge": {req.Challenge}, "code_challenge_method": {"S256"}, "response_type": {"code"},
	}
	return p.base + "/login/oauth/authorize?" + q.Encode(), nil
}

// AskedScopes is [provider.ScopeAsker]'s. It asks nobody.
func (p *Provider) AskedScopes(_ context.Context, more []string) ([]string, error) {
	scopes := slices.Clone(p.scopes)
	for _, s := range more {
		if p.KnowsScope(s) && !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return scopes, nil
}

// APIOrigins are GitHub's API and its uploads, or the Enterprise Server, whose API is
// below /api. Its web pages, raw files and downloads are elsewhere and need no token.
func (p *Provider) APIOrigins() []string {
	if p.base == publicBase {
		return []string{publicAPI, "https://uploads.github.com"}
	}
	u, err := url.Parse(p.base)
	if err != nil {
		return nil // New checked it
	}
	return []string{u.Scheme + "://" + u.Host}
}

// Exchange redeems a code.
func (p *Provider) Exchange(ctx context.Context, req provider.ExchangeRequest) (*oauth2.Token, error) {
	if !p.isIssuer(req.Issuer) {
		return nil, fmt.Errorf("%w: the answer names another issuer", provider.ErrInvalidToken)
	}
	return p.token(ctx, url.Values{
		"grant_type": {"authorization_code"}, "code": {req.Code},
		"redirect_uri": {req.RedirectURL}, "code_verifier": {req.Verifier},
	}, "")
}

// isIssuer takes an iss parameter (RFC 9207) of our GitHub, whatever its path:
// GitHub sends one only lately, and none on older Enterprise Servers.
func (p *Provider) isIssuer(iss string) bool {
	return iss == "" || iss == p.base || strings.HasPrefix(iss, p.base+"/")
}

// Refresh is for apps whose tokens end; others have no refresh token.
func (p *Provider) Refresh(ctx context.Context, tok *oauth2.Token) (*oauth2.Token, error) {
	if tok == nil || tok.RefreshToken == "" {
		return nil, provider.ErrNoRefresh
	}
	return p.token(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tok.RefreshToken}}, tok.RefreshToken)
}

// String names the provider and shows no secret.
func (p *Provider) String() string { return "github.Provider(" + p.base + ")" }

// GoString is String, for %#v.
func (p *Provider) GoString() string { return p.String() }
