// Package dev signs users in on a page of this process, without any account elsewhere,
// for development on one machine. It checks that who comes sits at this machine, and
// knows the code that was printed at the start. It does not check who they are.
//
// # What it does not do
//
// It asks for no password: whoever knows the code at this machine signs in under any name.
// It has no organizations, addresses or roles, and its upstream tokens open nothing. It is
// no provider for a server that anybody else can reach.
package dev

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"golang.org/x/oauth2"
)

// Config configures a [Provider].
type Config struct {
	// Resource is the server's public URL; its host must be a loopback name.
	Resource string
	// PathIssuer is that of the broker's Config: the sign-in page is then below
	// the resource's path.
	PathIssuer bool
	// Code is what a person types to sign in; it normally comes from
	// MCP_DEV_CODE. Empty means a random one for each start.
	Code string `json:"-"`
	// Out is where the code is printed at start; nil is os.Stderr.
	Out io.Writer
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// String keeps the code out of logs.
func (c Config) String() string { return fmt.Sprintf("dev.Config{Resource: %q}", c.Resource) }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// A Provider is a [provider.Provider] with a sign-in page of its own, at
// [SignInPath]. It is safe for concurrent use.
type Provider struct {
	base *url.URL // origin of the resource
	path string   // of the sign-in page
	code [sha256.Size]byte
	key  []byte // authenticates tokens
	now  func() time.Time
	page *template.Template

	mu     sync.Mutex
	logins map[string]*login  // by state
	codes  map[string]*signed // by authorization code
	wrong  []time.Time        // recent wrong codes
}

// String keeps its key and codes out of logs.
func (p *Provider) String() string { return "dev.Provider(" + p.base.String() + ")" }

// GoString is String, for %#v.
func (p *Provider) GoString() string { return p.String() }

// SignInPath is where the sign-in page is, below the issuer.
const SignInPath = "/oauth/dev/signin"

const (
	loginTTL  = 10 * time.Minute
	codeTTL   = time.Minute
	maxLogins = 1000
)

// login is a browser that was sent to the sign-in page.
type login struct {
	challenge, redirect string
	ends                time.Time
	wrong               int
}

// signed is a user who signed in and whose code was not redeemed yet.
type signed struct {
	login
	user string
}

var (
	_ provider.Provider    = (*Provider)(nil)
	_ provider.LocalSignIn = (*Provider)(nil)
	_ provider.Local       = (*Provider)(nil)
)

// New checks cfg and prints the code. A resource that others could reach is an
// error.
func New(cfg Config) (*Provider, error) {
	u, err := url.Parse(cfg.Resource)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("dev provider: resource %q is not an http(s) URL; set MCP_RESOURCE_URL", cfg.Resource)
	}
	if !provider.IsLoopbackHost(u.Hostname()) {
		return nil, fmt.Errorf("dev provider: it signs in anybody at this machine, so it refuses resource %q; use a loopback URL such as http://localhost:8080/mcp, or another provider", cfg.Resource)
	}
	prefix := ""
	if cfg.PathIssuer {
		if prefix, err = provider.IssuerPath(u); err != nil {
			return nil, fmt.Errorf("dev provider: resource %q: %w", cfg.Resource, err)
		}
	}
	code := strings.TrimSpace(cfg.Code)
	if code == "" {
		if code, err = randomCode(); err != nil {
			return nil, err
		}
	}
	p := &Provider{
		base: &url.URL{Scheme: u.Scheme, Host: u.Host}, path: prefix + SignInPath,
		code: sha256.Sum256([]byte(code)), now: cfg.Now, page: newPage(),
		logins: map[string]*login{}, codes: map[string]*signed{},
	}
	// Derived from the code, so that sign-ins outlive a restart if it does.
	h := hmac.New(sha256.New, p.code[:])
	io.WriteString(h, "dev token of "+p.base.String()+prefix)
	p.key = h.Sum(nil)
	if p.now == nil {
		p.now = time.Now
	}
	out := cfg.Out
	if out == nil {
		out = os.Stderr
	}
	if _, err := fmt.Fprintf(out, "dev sign-in code: %s\n", code); err != nil {
		return nil, fmt.Errorf("dev provider: print the code: %w", err)
	}
	return p, nil
}

// randomCode has 40 bits, and wrong ones are counted.
func randomCode() (string, error) {
	b := make([]byte, 5)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("dev provider: no randomness: %w", err)
	}
	s := base32.StdEncoding.EncodeToString(b)
	return s[:4] + "-" + s[4:], nil
}

func randomToken() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("dev provider: no randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// Name is "dev".
func (p *Provider) Name() string { return "dev" }

// LocalOnly is true.
func (p *Provider) LocalOnly() bool { return true }

// AuthCodeURL returns the sign-in page's URL for one login.
func (p *Provider) AuthCodeURL(_ context.Context, req provider.AuthRequest) (string, error) {
	if req.State == "" || req.Challenge == "" || req.RedirectURL == "" {
		return "", errors.New("dev provider: state, challenge and redirect URL are needed")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for s, l := range p.logins {
		if !now.Before(l.ends) {
			delete(p.logins, s)
		}
	}
	if len(p.logins) >= maxLogins {
		return "", errors.New("dev provider: too many sign-ins under way")
	}
	p.logins[req.State] = &login{challenge: req.Challenge, redirect: req.RedirectURL, ends: now.Add(loginTTL)}
	return p.base.String() + p.path + "?state=" + url.QueryEscape(req.State), nil
}

// Exchange redeems a code of the sign-in page, once.
func (p *Provider) Exchange(_ context.Context, req provider.ExchangeRequest) (*oauth2.Token, error) {
	p.mu.Lock()
	c := p.codes[req.Code]
	delete(p.codes, req.Code)
	p.mu.Unlock()
	if c == nil || !p.now().Before(c.ends) || c.redirect != req.RedirectURL {
		return nil, fmt.Errorf("%w: unknown code", provider.ErrInvalidToken)
	}
	sum := sha256.Sum256([]byte(req.Verifier))
	if !hmac.Equal([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(c.challenge)) {
		return nil, fmt.Errorf("%w: the code verifier does not fit", provider.ErrInvalidToken)
	}
	return &oauth2.Token{AccessToken: p.token(c.user), TokenType: "Bearer"}, nil
}

// token carries the user's name and a MAC, so that nothing need be stored.
func (p *Provider) token(user string) string {
	name := base64.RawURLEncoding.EncodeToString([]byte(user))
	h := hmac.New(sha256.New, p.key)
	io.WriteString(h, name)
	return "dev." + name + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Refresh always fails: the tokens have no end.
func (p *Provider) Refresh(context.Context, *oauth2.Token) (*oauth2.Token, error) {
	return nil, provider.ErrNoRefresh
}

// Identify says whose tok is. After a restart with another code nobody's is.
func (p *Provider) Identify(_ context.Context, tok *oauth2.Token) (*provider.Identity, error) {
	if tok == nil {
		return nil, provider.ErrInvalidToken
	}
	parts := strings.Split(tok.AccessToken, ".")
	if len(parts) != 3 {
		return nil, provider.ErrInvalidToken
	}
	user, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !hmac.Equal([]byte(p.token(string(user))), []byte(tok.AccessToken)) {
		return nil, provider.ErrInvalidToken
	}
	return &provider.Identity{
		Issuer: p.base.String() + "/oauth/dev", Subject: string(user), Username: string(user), Orgs: []string{},
	}, nil
}
