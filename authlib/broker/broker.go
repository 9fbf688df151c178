// Package broker is an OAuth 2.1 authorization server for one MCP server, in the same
// process. MCP clients register with it and get tokens of its own; users sign in at
// upstream providers, whose tokens stay in the store, sealed. It checks the client, its
// redirect URI, PKCE and resource, the browser and its user's consent before anybody is
// sent to a provider, what the provider says of the user afterwards, and by
// [Config].Allow whether that user may come in. It does not know passwords, and does not
// remember consent.
//
// It follows the MCP authorization specification of 2026-07-28, and serves clients of
// 2025-11-25 and 2025-06-18: RFC 8414 metadata, RFC 7591 registration and client ID
// metadata documents, PKCE S256 only (RFC 7636), consent for each client before any
// upstream is asked, RFC 9207 issuer identification, RFC 8707 resources, RFC 7009
// revocation, and refresh tokens that are used once (OAuth 2.1 §4.3.1). People sign out
// at /oauth/signout below the issuer.
//
// Two extensions are off unless configured: programs that sign in as themselves
// ([Config].Machines, client credentials), and users whom a company's identity
// provider vouches for ([Config].Enterprise, identity assertions). Neither has an
// upstream token, and tokens bound to a key (DPoP) are not supported.
//
// # What it does not do
//
// It has no user names or passwords of its own, and offers no implicit, password or device
// grant. Access tokens are opaque, and of use at this one resource. They are not bound to
// a key (DPoP, mutual TLS): who has one can use it until it ends. It learns that a user was
// locked out upstream when a token is refreshed, within [Config].AccessTTL. It revokes its
// own tokens, not those that the provider gave. It limits what strangers cost by process,
// not over all replicas. It knows no consent that is remembered: users are asked each time.
package broker

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
	"github.com/mcp-migrate/mcp-migrate/authlib/userdata"
)

// A Broker is an [authlib.Verifier] and an [authlib.AuthServer]. It is safe for
// concurrent use.
type Broker struct {
	cfg       Config // without Keys
	resource  *url.URL
	base      *url.URL // the resource's origin
	prefix    string   // path of the issuer, without a slash at its end
	ring      *session.Ring
	store     session.Store // sealed
	handlers  map[string]http.Handler
	pages     *template.Template
	csp       string
	cache     *verified
	locks     keyLocks
	limits    *limits
	fetch     *http.Client // for client metadata documents
	documents *documents
	api       http.RoundTripper // for handlers' calls
	userData  *userdata.Store
	probe     *limit.Probe
	upstreams upstreams
}

var (
	_ authlib.AudienceVerifier = (*Broker)(nil)
	_ authlib.AuthServer       = (*Broker)(nil)
)

// New checks cfg and returns a broker. It asks neither the store nor the
// providers yet.
func New(cfg Config) (*Broker, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	resource, base, err := parseResource(cfg.Resource)
	if err != nil {
		return nil, err
	}
	prefix, err := issuerPath(cfg, resource)
	if err != nil {
		return nil, err
	}
	ring, err := session.NewRing(resource.String(), cfg.Keys)
	if err != nil {
		return nil, fmt.Errorf("broker: Config.Keys: %w", err)
	}
	cfg.Keys = nil
	if cfg.Name == "" {
		cfg.Name = resource.Host
	}
	b := &Broker{
		cfg: cfg, resource: resource, base: base, prefix: prefix, ring: ring,
		limits: newLimits(cfg.Peer, cfg.Now), pages: newPages(), csp: pageCSP(), fetch: newFetcher(cfg.HTTPClient, base.Hostname()), documents: newDocuments(cfg.Now),
	}
	b.userData, err = userdata.New(userdata.Config{Store: cfg.Store, Ring: ring, Alive: b.stillSignedIn, Now: cfg.Now})
	if err != nil {
		return nil, err
	}
	if b.api = cfg.APITransport; b.api == nil {
		b.api = newAPITransport()
	}
	below := cfg.Store
	if cfg.Observer != nil {
		below = observed{below, b}
	}
	b.store = session.Seal(below, ring, cfg.Now)
	b.probe = limit.NewProbe(b.pingStore, healthWait, healthFor, cfg.Now)
	_, memory := cfg.Store.(*memstore.Store)
	if cfg.CacheFor > 0 {
		b.cache = newVerified(cfg.CacheFor, cfg.Now)
		b.listen()
	}
	if memory && !provider.IsLoopbackHost(base.Hostname()) {
		cfg.Logger.Warn(auditMemoryOnly, "resource", resource.String(), "meaning", "a restart ends all sign-ins, and a second instance knows none")
	}
	return b, b.mount()
}

// Paths of the endpoints, below the issuer.
const (
	pathMetadata  = "/.well-known/oauth-authorization-server"
	pathOIDC      = "/.well-known/openid-configuration"
	pathAuthorize = "/oauth/authorize"
	pathConsent   = "/oauth/consent"
	pathCallback  = "/oauth/callback/" // + provider name: one for each (RFC 9700 §4.4.2)
	pathToken     = "/oauth/token"
	pathRegister  = "/oauth/register"
	pathRevoke    = "/oauth/revoke"
	pathSignOut   = "/oauth/signout" // for people, with the browser that they signed in with
)

func (b *Broker) mount() error {
	b.handlers = map[string]http.Handler{
		b.prefix + pathToken:     cors(http.HandlerFunc(b.serveToken), "POST"),
		b.prefix + pathRegister:  cors(http.HandlerFunc(b.serveRegister), "POST"),
		b.prefix + pathRevoke:    cors(http.HandlerFunc(b.serveRevoke), "POST"),
		b.prefix + pathAuthorize: only(http.HandlerFunc(b.serveAuthorize), "GET"),
		b.prefix + pathConsent:   only(http.HandlerFunc(b.serveConsent), "POST"),
		b.prefix + pathSignOut:   only(http.HandlerFunc(b.serveSignOut), "GET, POST"),
	}
	// RFC 8414 §3.1 puts the issuer's path behind the well-known one, OpenID
	// Connect Discovery §4 before it; clients try both.
	for _, path := range []string{pathMetadata + b.prefix, pathOIDC + b.prefix, b.prefix + pathOIDC} {
		b.handlers[path] = cors(http.HandlerFunc(b.serveMetadata), "GET, HEAD")
	}
	for _, p := range b.cfg.Providers {
		serve := func(w http.ResponseWriter, r *http.Request) { b.serveCallback(w, r, p) }
		b.handlers[b.prefix+pathCallback+p.Name()] = only(http.HandlerFunc(serve), "GET")
	}
	for _, p := range b.cfg.Providers {
		local, ok := p.(provider.LocalSignIn)
		if !ok {
			continue
		}
		for _, path := range local.Paths() {
			if b.handlers[path] != nil || !strings.HasPrefix(path, b.prefix+"/oauth/") {
				return fmt.Errorf("broker: provider %s cannot serve path %q", p.Name(), path)
			}
			b.handlers[path] = local
		}
	}
	return nil
}

// Issuer is the resource's origin, or with [Config].PathIssuer the resource, without
// a slash at the end (RFC 8414 §2).
func (b *Broker) Issuer() string { return b.base.String() + b.prefix }

// Paths are the exact paths that ServeHTTP answers, sorted.
func (b *Broker) Paths() []string {
	var out []string
	for p := range b.handlers {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// bodyTimeout is how long a body may take to arrive, whoever reads it.
const bodyTimeout = 10 * time.Second

// ServeHTTP answers the endpoints; any other path is 404, and a request for
// another host 421, so that no page of a rebound name can talk to it. A body has
// to arrive within 10 seconds.
func (b *Broker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = limit.Body(w, r, bodyTimeout)
	h := b.handlers[r.URL.Path]
	if h == nil {
		http.NotFound(w, r)
		return
	}
	if !provider.HostMatches(r.Host, b.base) {
		http.Error(w, "this server does not answer for that host", http.StatusMisdirectedRequest)
		return
	}
	h.ServeHTTP(w, r.WithContext(authlib.WithRequestID(r.Context())))
}

// SessionKeys are for [authlib.Config].SessionKeys: one for each of Config.Keys, in
// that order, so that a restart or another replica ends no MCP session. They are of
// no use for anything else.
func (b *Broker) SessionKeys() [][]byte { return b.ring.MACs("mcp session ids", nil) }

func (b *Broker) provider(name string) provider.Provider {
	for _, p := range b.cfg.Providers {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

func (b *Broker) callbackURL(p provider.Provider) string {
	return b.Issuer() + pathCallback + p.Name()
}

func (b *Broker) now() time.Time { return b.cfg.Now() }

// String names the broker by its issuer; it shows nothing secret.
func (b *Broker) String() string { return "broker.Broker(" + b.Issuer() + ")" }

// GoString is String, for %#v.
func (b *Broker) GoString() string { return b.String() }
