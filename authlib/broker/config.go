package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// Config configures a [Broker]. Resource and Providers are required, and Allow
// unless every provider is for this machine only.
type Config struct {
	// Resource is the public URL of the MCP endpoint, such as
	// "https://mcp.example.com/mcp": the audience of every token (RFC 8707). It
	// is https, or http on a loopback host. Its origin is the issuer. Nothing is
	// ever derived from a request's Host.
	Resource string
	// PathIssuer makes Resource itself the issuer instead of its origin, and puts
	// every endpoint below its path (RFC 8414 §3.1). The first broker of an origin
	// needs none; each further one does, so that they don't take each other's
	// requests. Resource's path must then be of letters, digits and "/-._~".
	PathIssuer bool
	// Providers are where users can sign in. With several, the user chooses.
	Providers []provider.Provider
	// Store keeps everything; nil is a new memstore, which forgets at the end
	// of the process.
	Store session.Store
	// Keys seal the store, 32 bytes each, the first for new records; see
	// [session.ParseKeys]. With a memstore they may be empty, and are then
	// random.
	Keys [][]byte `json:"-"`
	// Allow says who may sign in; an error refuses. It runs at sign-in and at
	// each refresh. [AllowRules] makes one.
	Allow func(ctx context.Context, id *provider.Identity) error
	// Roles gives a user's roles. It runs at sign-in and at each refresh; an
	// error means that they could not be looked up, and stops the sign-in or
	// defers the refresh. nil gives none. [RoleRules] makes one.
	Roles func(ctx context.Context, id *provider.Identity) ([]string, error)
	// Machines are programs that use the server without a user. nil is none, and turns
	// the client credentials grant off. Allow and Roles are not asked about them.
	Machines []Machine
	// Enterprise are identity providers of companies whose users come in without a
	// sign-in page here. nil is none, and turns that grant off. With any, rules have to
	// name their provider; see [AllowRules].
	Enterprise []EnterpriseIssuer
	// Scopes are all that tokens can carry, and what a client gets that asks for
	// none. A scope that a provider knows is granted only if the provider
	// granted it.
	Scopes []string
	// AccessTTL is how long access tokens live; 0 is 1 hour.
	AccessTTL time.Duration
	// RolesTTL is how long what the provider, Allow and Roles said of a user is
	// believed, and so how long a role lasts that was taken away, also where an answer of
	// Verify is repeated; another process may repeat one for CacheFor more. 0 is AccessTTL: they are asked at each refresh. With less, calls ask again, the first
	// one after half of it; while the provider or Roles can't be asked the old answer
	// holds until RolesTTL is over, and then calls are answered with 503. What
	// Enterprise vouched for lives no longer. See also [Broker.Recheck].
	RolesTTL time.Duration
	// RefreshTTL is how long a refresh token lives unused; 0 is 30 days.
	RefreshTTL time.Duration
	// FamilyTTL is how long after sign-in the user has to sign in again,
	// whatever was refreshed; 0 is 90 days.
	FamilyTTL time.Duration
	// RefreshWindow is how long before its end an upstream token is refreshed, but
	// not in the first half of its life; 0 is 5 minutes. Up to half of that again is
	// added, at random for each token, so that sign-ins of one minute, as after an
	// outage, are not refreshed in one minute for ever after.
	RefreshWindow time.Duration
	// Jitter is that random number, from 0 to 1; nil is math/rand/v2.Float64. It is
	// called concurrently.
	Jitter func() float64
	// CacheFor is how long Verify may repeat an answer without asking the store,
	// at most 5 seconds. Within that time a token revoked by another process
	// still passes, unless the store is a [session.Broadcaster]: then it is
	// refused as soon as the message arrives, and while none can arrive every
	// token is looked up. 0 asks every time, but a memstore, whose messages arrive at
	// once: there it is 5 seconds.
	CacheFor time.Duration
	// NoClientDocuments turns client ID metadata documents off, for a server that
	// cannot or must not reach the internet. Clients then register (RFC 7591).
	NoClientDocuments bool
	// HTTPClient fetches client metadata documents, whose addresses strangers
	// name. nil is one that uses no proxy and reaches public addresses only, on
	// port 443; another one lacks that guard, and is for tests.
	HTTPClient *http.Client
	// APITransport carries the requests of [Broker.Client], and sees the tokens. nil is
	// one like [http.DefaultTransport], which takes a proxy from the environment for
	// https only.
	APITransport http.RoundTripper
	// Peer names who sent a request, so that one flooder is told apart from the
	// others: each may open some pages, register some clients and send some wrong
	// tokens, and more is answered with 429. nil is the address at the other end if
	// that is a public one. Behind a proxy it is the proxy's: return what the proxy
	// says of its own client, from a header that it always sets itself, or all are
	// limited together. "" is limited together with everybody only.
	Peer func(*http.Request) string
	// Name is what the consent page calls this server; "" is Resource's host.
	Name string
	// Observer is told of verifications, token answers, sign-ins, registrations, upstream
	// refreshes, calls of the store and refusals for number. nil costs nothing.
	Observer authlib.Observer
	// Logger gets audit events, without tokens; nil is slog.Default().
	Logger *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// String keeps keys out of logs.
func (c Config) String() string { return fmt.Sprintf("broker.Config{Resource: %q}", c.Resource) }

// GoString keeps keys out of %#v.
func (c Config) GoString() string { return c.String() }

const maxCacheFor = 5 * time.Second

// withDefaults returns c with every zero field replaced, or what is wrong.
func (c Config) withDefaults() (Config, error) {
	setDefault(&c.AccessTTL, time.Hour)
	setDefault(&c.RolesTTL, c.AccessTTL)
	setDefault(&c.RefreshTTL, 30*24*time.Hour)
	setDefault(&c.FamilyTTL, 90*24*time.Hour)
	setDefault(&c.RefreshWindow, 5*time.Minute)
	for _, ttl := range []struct {
		name string
		d    time.Duration
	}{
		{"AccessTTL", c.AccessTTL}, {"RolesTTL", c.RolesTTL}, {"RefreshTTL", c.RefreshTTL}, {"FamilyTTL", c.FamilyTTL},
		{"RefreshWindow", c.RefreshWindow}, {"CacheFor", c.CacheFor + 1},
	} {
		if ttl.d <= 0 {
			return c, fmt.Errorf("broker: Config.%s is negative", ttl.name)
		}
	}
	if c.RolesTTL > c.AccessTTL {
		return c, fmt.Errorf("broker: Config.RolesTTL is %v, longer than AccessTTL, %v: roles are asked for at each refresh", c.RolesTTL, c.AccessTTL)
	}
	if c.CacheFor > maxCacheFor {
		return c, fmt.Errorf("broker: Config.CacheFor is %v; at most %v, since revoked tokens pass that long", c.CacheFor, maxCacheFor)
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	// Strangers cause lines, and must not fill a disk with them.
	c.Logger = slog.New(limit.NewLog(requestLog{c.Logger.Handler()}, "subject", c.Now))
	for _, s := range c.Scopes {
		if !validScope(s) || s == offlineAccess {
			return c, fmt.Errorf("broker: Config.Scopes: %q is no scope of a resource (RFC 6749 §3.3)", s)
		}
	}
	return c, errors.Join(c.checkStore(), c.checkProviders(), c.checkMachines(), c.checkEnterprise())
}

func setDefault(d *time.Duration, v time.Duration) {
	if *d == 0 {
		*d = v
	}
}

// checkStore fills in a memstore and random keys where nothing outlives the
// process anyway.
func (c *Config) checkStore() error {
	if c.Store == nil {
		s := memstore.New()
		s.Now = c.Now
		c.Store = s
	}
	_, memory := c.Store.(*memstore.Store)
	if memory && c.CacheFor == 0 {
		c.CacheFor = maxCacheFor
	}
	if len(c.Keys) > 0 {
		return nil
	}
	if !memory {
		return errors.New("broker: Config.Keys is empty; set MCP_SESSION_KEY (make one with: openssl rand -base64 32) and use session.ParseKeys")
	}
	keys, err := session.ParseKeys(session.NewKey())
	c.Keys = keys
	return err
}

func (c *Config) checkProviders() error {
	if len(c.Providers) == 0 {
		return errors.New("broker: Config.Providers is empty")
	}
	seen := map[string]bool{}
	for _, p := range c.Providers {
		if p == nil {
			return errors.New("broker: Config.Providers contains nil")
		}
		n := p.Name()
		if !validProviderName(n) || seen[n] {
			return fmt.Errorf("broker: provider name %q is empty, used twice or not made of a-z, 0-9 and -", n)
		}
		seen[n] = true
		local, ok := p.(provider.Local)
		if c.Allow == nil && !(ok && local.LocalOnly()) {
			return fmt.Errorf("broker: Config.Allow is nil, so everybody with an account at %s could sign in; say who may, with broker.AllowRules(\"user:NAME\", \"org:NAME\", \"domain:NAME\"), or write \"anyone\"", n)
		}
	}
	return nil
}

func validProviderName(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// parseResource returns the resource and its origin. Errors name the variable
// that deployments set it by.
func parseResource(s string) (*url.URL, *url.URL, error) {
	u, err := canonicalURL(s)
	switch {
	case s == "":
		return nil, nil, errors.New("broker: Config.Resource is empty; set MCP_RESOURCE_URL to the public URL of the MCP endpoint")
	case err != nil:
	case isPlaceholder(u.Hostname()):
		err = errors.New("it is still a placeholder")
	case u.Scheme != "https" && !(u.Scheme == "http" && provider.IsLoopbackHost(u.Hostname())):
		err = errors.New("it must be https; http is for loopback hosts only")
	case u.RawQuery != "":
		err = errors.New("it has a query")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("broker: Config.Resource %q: %w; set MCP_RESOURCE_URL to the public URL of the MCP endpoint", s, err)
	}
	return u, &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

// issuerPath returns the path of the issuer: none, or the resource's.
func issuerPath(cfg Config, resource *url.URL) (string, error) {
	if !cfg.PathIssuer {
		return "", nil
	}
	path, err := provider.IssuerPath(resource)
	if err != nil {
		return "", fmt.Errorf("broker: Config.Resource %q with PathIssuer: %w", cfg.Resource, err)
	}
	return path, nil
}

// isPlaceholder knows the hosts that documentation uses: nobody's server is there
// (RFC 2606), so tokens for it would be tokens for nothing.
func isPlaceholder(host string) bool {
	for _, name := range []string{"example", "example.com", "example.net", "example.org"} {
		if host == name || strings.HasSuffix(host, "."+name) {
			return true
		}
	}
	return strings.HasPrefix(host, "your-") || strings.HasPrefix(host, "your.")
}
