package authlib

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	defaultMaxBody = 4 << 20
	minSessionKey  = 32
)

// A Config says what a [Guard] protects and how. Resource and Verifier are
// required; the zero value of everything else is the safe choice.
type Config struct {
	// Resource is the server's canonical URI (RFC 8707 §2), such as
	// "https://mcp.example.com/mcp": absolute, https (http for loopback hosts
	// only), without a query or fragment, and without a slash at its end unless that
	// slash means something: clients compare it with the address that they were
	// given, and some do so letter for letter. It is the only source of the server's
	// public address; Host and X-Forwarded-* are never used for it.
	Resource string
	// ResourceName is a name to show to people (RFC 9728 §2). Optional.
	ResourceName string
	// Verifier checks bearer tokens. Required.
	Verifier Verifier
	// Audience is what access tokens are issued for, where the authorization server
	// knows this server by another name than Resource. [New] compares it with the
	// Verifier's, which has to be an [AudienceVerifier] then.
	Audience string
	// AuthServer serves an in-process authorization server, if there is one.
	AuthServer AuthServer
	// AuthorizationServers are the issuers that the metadata advertises
	// (RFC 9728 §2). When empty it is AuthServer's issuer. At least one is needed for
	// clients to get a token (MCP authorization, Authorization Server Location),
	// unless the Verifier is an [OutOfBandVerifier].
	AuthorizationServers []string
	// Policy says what each operation demands. [New] keeps a copy.
	Policy Policy
	// Registered says what the server has registered, where no adapter does: a rule
	// for a template holds for what is registered under that very template (see
	// [Policy]). When nil, a URI that only a template names is refused, unless an
	// adapter decides inside the SDK. An error of it refuses. It may be called
	// concurrently.
	Registered func(context.Context) (Registry, error)
	// AllowAnonymous admits requests without a credential to Public operations
	// and to the protocol's own initialize, ping, server/discover and lists, but
	// to no stream. A bad credential is still refused.
	AllowAnonymous bool
	// AllowedOrigins are the browser origins, such as "https://app.example.com",
	// that may call the server besides Resource's own.
	AllowedOrigins []string
	// MaxBody limits a request body, in bytes. Zero means 4 MiB.
	MaxBody int64
	// SessionKey authenticates session ids; 32 bytes or more, the same on every
	// replica. When empty a random key is made, and sessions end with the process.
	SessionKey []byte
	// SessionKeys are further such keys, behind SessionKey if that is set. The first
	// key makes session ids, and every one is honoured, so that keys can be changed
	// while sessions go on: put a new one at the end on every replica, then in front.
	SessionKeys [][]byte
	// Peer names who sent a request, so that whoever sends many bad tokens is told
	// apart from the others: after 100 at once and 10 a second, tokens from there that
	// were not found good within the last hour are answered with 429, unchecked. Nil is
	// the address at the other end if that is a public one. Behind a proxy it is the
	// proxy's: return what the proxy says of its own client, from a header that it always
	// sets itself. From "" nothing is refused, since that could be everybody.
	Peer func(*http.Request) string
	// Observer is told of decisions and authentications. Nil costs nothing.
	Observer Observer
	// Logger receives audit records. Credentials are never logged. Nil discards.
	Logger *slog.Logger
	// Now tells the time; nil means time.Now.
	Now func() time.Time
}

// String names the resource and nothing else: a Config holds a key.
func (cfg Config) String() string { return "authlib.Config(" + cfg.Resource + ")" }

// GoString is String, for %#v.
func (cfg Config) GoString() string { return cfg.String() }

// validate reports everything that is wrong with cfg.
func (cfg *Config) validate() error {
	errs := []error{validateURL("Resource", cfg.Resource)}
	if isNil(cfg.Verifier) {
		errs = append(errs, errors.New("authlib: Config.Verifier is missing: nobody could ever be signed in"))
	}
	errs = append(errs, cfg.validateServers(), cfg.validateAudience())
	for _, as := range cfg.AuthorizationServers {
		errs = append(errs, validateURL("AuthorizationServers", as))
	}
	for _, o := range cfg.AllowedOrigins {
		errs = append(errs, validateOrigin(o))
	}
	if cfg.MaxBody < 0 {
		errs = append(errs, errors.New("authlib: Config.MaxBody is negative; use 0 for 4 MiB"))
	}
	if n := len(cfg.SessionKey); n > 0 && n < minSessionKey {
		errs = append(errs, fmt.Errorf("authlib: Config.SessionKey has %d bytes, needs %d or more of random data", n, minSessionKey))
	}
	for i, k := range cfg.SessionKeys {
		if len(k) < minSessionKey {
			errs = append(errs, fmt.Errorf("authlib: Config.SessionKeys[%d] has %d bytes, needs %d or more of random data", i, len(k), minSessionKey))
		}
	}
	return errors.Join(append(errs, cfg.Policy.validate(), cfg.validateAnonymous())...)
}

// validateServers wants an authorization server to send clients to.
func (cfg *Config) validateServers() error {
	issued := func(v Verifier) bool {
		o, ok := v.(OutOfBandVerifier)
		return !ok || !o.OutOfBand()
	}
	if cfg.AuthServer != nil || len(cfg.AuthorizationServers) > 0 || !slices.ContainsFunc(verifiersIn(cfg.Verifier), issued) {
		return nil
	}
	return errors.New("authlib: Config has neither AuthServer nor AuthorizationServers, so clients could not find out where to get a token: " +
		"name the issuer of the tokens")
}

// validateAudience compares what the verifier's tokens are issued for with what the
// guard protects: where they differ, another server's tokens would open this one.
func (cfg *Config) validateAudience() error {
	want, known := cfg.Audience, false
	if want == "" {
		want = cfg.Resource
	}
	for _, v := range verifiersIn(cfg.Verifier) {
		bound, ok := v.(AudienceVerifier)
		if known = known || ok; ok && !sameResource(bound.Audience(), want) {
			return fmt.Errorf("authlib: the Verifier takes tokens that are issued for %q, but the guard is for %q: "+
				"give both the same, or set Config.Audience to what the tokens name", clip(bound.Audience()), clip(want))
		}
	}
	if cfg.Audience != "" && !known {
		return errors.New("authlib: Config.Audience is set, but the Verifier does not say what its tokens are issued for; drop it")
	}
	return nil
}

// sameResource compares two resource identifiers (RFC 8707 §2): give or take the
// case of scheme and host, the default port and one slash at the end. What is no URL
// is compared letter for letter.
func sameResource(a, b string) bool {
	return a == b || canonicalResource(a) != "" && canonicalResource(a) == canonicalResource(b)
}

func canonicalResource(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || strings.ContainsAny(s, "?#") {
		return ""
	}
	u.Scheme = strings.ToLower(u.Scheme)
	u.Host = canonicalHost(u.Scheme, u.Host)
	return strings.TrimSuffix(u.String(), "/")
}

// validateAnonymous refuses the two settings that contradict each other: a
// public operation that nobody may reach without signing in, and an open door
// that leads nowhere.
func (cfg *Config) validateAnonymous() error {
	public := cfg.Policy.publicRule()
	switch {
	case public != "" && !cfg.AllowAnonymous:
		return fmt.Errorf("authlib: the policy makes %s public, but Config.AllowAnonymous is false: set it, or drop Public", public)
	case public == "" && cfg.AllowAnonymous:
		return errors.New("authlib: Config.AllowAnonymous is set, but the policy makes nothing public: drop it, or mark an operation Public")
	}
	return nil
}

// validateURL accepts an absolute https URL without user, query and fragment, or
// an http one whose host is loopback (RFC 9728 §1.2, RFC 8707 §2).
func validateURL(field, s string) error {
	u, err := url.Parse(s)
	switch {
	case s == "":
		return fmt.Errorf("authlib: Config.%s is empty; set it to the public URL, such as https://mcp.example.com/mcp", field)
	case err != nil || u.Host == "" || u.Opaque != "" || u.User != nil:
		return fmt.Errorf("authlib: Config.%s %q is not an absolute URL such as https://mcp.example.com/mcp", field, clip(s))
	case strings.ContainsAny(s, "?#"):
		return fmt.Errorf("authlib: Config.%s %q has a query or fragment; RFC 8707 allows neither", field, clip(s))
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("authlib: Config.%s %q must be https; http is for loopback hosts only", field, clip(s))
}

func validateOrigin(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || s != u.Scheme+"://"+u.Host {
		return fmt.Errorf("authlib: Config.AllowedOrigins has %q; an origin is a scheme and a host, such as https://app.example.com", clip(s))
	}
	return nil
}

// isLoopback reports whether host, without a port, names this machine.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") || strings.EqualFold(host, "localhost.") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// clone returns a copy of p that shares nothing with it, so that a policy can't
// change under a running guard.
func (p Policy) clone() Policy {
	p.Base = p.Base.clone()
	p.Tools, p.Prompts, p.Resources = cloneRules(p.Tools), cloneRules(p.Prompts), cloneRules(p.Resources)
	p.Implies, p.RolePermissions = cloneLists(p.Implies), cloneLists(p.RolePermissions)
	return p
}

func cloneRules(m map[string]Rule) map[string]Rule {
	c := make(map[string]Rule, len(m))
	for name, r := range m {
		c[name] = r.clone()
	}
	return c
}

func cloneLists(m map[string][]string) map[string][]string {
	c := maps.Clone(m)
	for name, list := range c {
		c[name] = slices.Clone(list)
	}
	return c
}

func (r Rule) clone() Rule {
	r.AllScopes, r.AnyScope, r.AnyRole = slices.Clone(r.AllScopes), slices.Clone(r.AnyScope), slices.Clone(r.AnyRole)
	r.AnyPermission, r.AnyIssuer = slices.Clone(r.AnyPermission), slices.Clone(r.AnyIssuer)
	return r
}
