package authlib

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

// A Guard authenticates and authorizes MCP requests. Make one with [New]; its
// methods may be called concurrently.
type Guard struct {
	cfg        Config
	resource   *url.URL
	host       string // host of resource, lower case, without a default port
	loopback   bool   // resource is on this machine
	origins    map[string]bool
	templates  []template
	words      *vocabulary
	sessionKey []byte
	otherKeys  [][]byte     // that session ids may have been made with
	callerKey  []byte       // of CallerKey
	macs       macs         // keyed with sessionKey
	callers    macs         // keyed with callerKey
	log        *slog.Logger // samples what strangers cause
	allowed    *slog.Logger // of what was allowed: every record is written
	failures   *failures
	now        func() time.Time
	metadata   []byte
	baseScopes []string
	recheck    time.Duration // how often the token of what takes long is verified again
	deferred   atomic.Bool   // an adapter decides on resources by what is registered
}

// String names the guarded resource. Nothing of the configuration is printed: it
// holds a key.
func (g *Guard) String() string { return "authlib.Guard(" + g.cfg.Resource + ")" }

// GoString is String, for %#v.
func (g *Guard) GoString() string { return g.String() }

// New checks cfg and returns a Guard. The error lists everything that is wrong
// with it.
func New(cfg Config) (*Guard, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg.Policy = cfg.Policy.clone()
	cfg.AuthorizationServers = slices.Clone(cfg.AuthorizationServers)
	if len(cfg.AuthorizationServers) == 0 && cfg.AuthServer != nil {
		cfg.AuthorizationServers = []string{cfg.AuthServer.Issuer()}
		if err := validateURL("AuthServer.Issuer()", cfg.AuthServer.Issuer()); err != nil {
			return nil, err
		}
	}
	g := &Guard{cfg: cfg, log: cfg.Logger, now: cfg.Now, recheck: recheckEvery}
	g.setDefaults()
	var err error
	if g.templates, err = compileTemplates(cfg.Policy.Resources); err != nil {
		return nil, err
	}
	if err := g.setSessionKeys(); err != nil {
		return nil, err
	}
	caller := hmac.New(sha256.New, g.sessionKey)
	caller.Write([]byte("authlib caller 1"))
	g.callerKey = caller.Sum(nil)
	if strings.HasSuffix(cfg.Resource, "/") {
		g.log.Warn(auditSlashAtTheEnd, "resource", clip(cfg.Resource), "meaning", "clients that were given the address without the slash may refuse it")
	}
	g.metadata, err = g.encodeMetadata()
	return g, err
}

func (g *Guard) setDefaults() {
	if g.log == nil {
		g.log = slog.New(discard{})
	}
	if g.now == nil {
		g.now = time.Now
	}
	g.allowed = g.log
	g.failures = newFailures(g.cfg.Peer, g.now)
	// Strangers cause lines, and must not fill a disk with them.
	g.log = slog.New(limit.NewLog(g.log.Handler(), "caller", g.now))
	if g.cfg.MaxBody == 0 {
		g.cfg.MaxBody = defaultMaxBody
	}
	g.resource, _ = url.Parse(g.cfg.Resource) // validated
	g.host = canonicalHost(g.resource.Scheme, g.resource.Host)
	g.loopback = isLoopback(g.resource.Hostname())
	g.origins = map[string]bool{strings.ToLower(g.resource.Scheme) + "://" + g.host: true}
	for _, o := range g.cfg.AllowedOrigins {
		scheme, host, _ := strings.Cut(o, "://")
		g.origins[strings.ToLower(scheme)+"://"+canonicalHost(scheme, host)] = true
	}
	g.words = newVocabulary(g.cfg.Policy)
	g.baseScopes = g.words.ask(nil, g.cfg.Policy.Base)
}

// setSessionKeys derives the keys of session ids.
func (g *Guard) setSessionKeys() error {
	all := slices.Clone(g.cfg.SessionKeys)
	if len(all) == 0 || len(g.cfg.SessionKey) > 0 {
		all = slices.Insert(all, 0, g.cfg.SessionKey)
	}
	for i, k := range all {
		derived, err := sessionKey(k, g.cfg.Resource)
		if err != nil {
			return err
		}
		if all[i] = derived; i > 0 {
			g.otherKeys = append(g.otherKeys, derived)
		}
	}
	g.sessionKey = all[0]
	return nil
}

// CallerKey is a session id for the requests of p where a transport keeps no
// sessions: the same for all of them, another for everybody else, and known to
// nobody who does not have the guard's key. It is for adapters.
func (g *Guard) CallerKey(p *Principal) string {
	m := g.callers.get(g.callerKey)
	defer g.callers.Put(m)
	m.buf = p.appendID(m.buf[:0])
	_, _ = m.Write(m.buf) // a hash never fails
	sum := m.Sum(m.buf[:0])
	m.buf = hex.AppendEncode(sum, sum)
	return string(m.buf[len(sum):])
}

// sessionKey derives the key of session ids, so that the configured one may
// serve other purposes and other resources too.
func sessionKey(key []byte, resource string) ([]byte, error) {
	if len(key) == 0 {
		key = make([]byte, minSessionKey)
		if _, err := rand.Read(key); err != nil {
			return nil, fmt.Errorf("authlib: no random session key: %w", err)
		}
	}
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "authlib session id 1\x00%s", resource)
	return m.Sum(nil), nil
}

// canonicalHost lower-cases host and drops the scheme's default port.
func canonicalHost(scheme, host string) string {
	host = strings.ToLower(host)
	if strings.EqualFold(scheme, "https") {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// Resource is the canonical URI of the guarded server, as configured.
func (g *Guard) Resource() string { return g.cfg.Resource }

// Policy returns a copy of the guard's policy.
func (g *Guard) Policy() Policy { return g.cfg.Policy.clone() }

// Protect authenticates every request to next, whatever its path, and refuses
// operations that the policy does not allow. What reaches next is the canonical
// re-encoding of exactly the message that was decided on, with the decision in
// its context (see [Decided]), and without the caller's token. Use [Guard.Handler] or [Guard.Mount] to serve the
// metadata that clients need as well.
func (g *Guard) Protect(next http.Handler) http.Handler {
	var s *strangers
	if g.cfg.AllowAnonymous {
		s = newStrangers(g.now)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(&exchange{g: g, strangers: s, w: w, r: r, number: newRequestID()}).serve(next)
	})
}
