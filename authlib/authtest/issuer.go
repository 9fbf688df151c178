package authtest

import (
	"crypto"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// An Issuer is a stand-in for an OpenID Connect issuer and OAuth authorization
// server with one client and one browser user, who has always consented. It is
// strict where that catches mistakes: PKCE must be used and fit, and so must the
// client's credentials. Set it up with the methods; it is safe for concurrent
// use.
type Issuer struct {
	URL          string // the issuer identifier
	ClientID     string // of its one client
	ClientSecret string // of its one client
	// Now is its clock; set it before use. It starts as time.Now.
	Now func() time.Time

	srv *httptest.Server

	mu       sync.Mutex
	alg      string
	key      crypto.Signer
	keyID    string
	rotated  int
	retired  []map[string]any // public keys that are published still, as JWK
	user     map[string]any   // claims
	ttl      time.Duration
	declines bool
	lax      bool
	down     bool
	iss      string
	tamper   map[string]func(map[string]any)
	fails    map[string]failure
	constant bool                      // refresh tokens stay the same
	opaque   map[string]map[string]any // answers of introspection, by token
	codes    map[string]issuerCode
	access   map[string]map[string]any // claims of the user, by access token
	refresh  map[string]issuerCode
	calls    map[string]int
}

// An issuerCode is one sign-in.
type issuerCode struct {
	challenge, redirect, nonce, scope string
	user                              map[string]any
	offline                           bool // gets a refresh token
}

// A failure is how an endpoint answers that was told to fail.
type failure struct {
	status int
	code   string
}

// Paths of an [Issuer], for [Issuer.Calls], [Issuer.Tamper] and [Issuer.Fail].
const (
	IssuerMetadata      = "/.well-known/openid-configuration"
	IssuerKeys          = "/keys"
	IssuerAuthorize     = "/authorize"
	IssuerToken         = "/token"
	IssuerUserInfo      = "/userinfo"
	IssuerIntrospection = "/introspect"
	IssuerRevocation    = "/revoke"
	// IssuerIDToken is no path: it names the claims of the ID token.
	IssuerIDToken = "id_token"
)

// NewIssuer starts one and stops it with t. The user is number 42, Ada Lovelace,
// with a verified address at example.com.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := newIssuer()
	i.srv = httptest.NewServer(i.Handler())
	t.Cleanup(i.srv.Close)
	i.URL, i.iss = i.srv.URL, i.srv.URL
	return i
}

// NewIssuerAs returns one that believes to be at url and listens nowhere: serve
// its Handler.
func NewIssuerAs(t testing.TB, url string) *Issuer {
	t.Helper()
	i := newIssuer()
	i.URL, i.iss = url, url
	return i
}

func newIssuer() *Issuer {
	i := &Issuer{
		alg: "ES256", ClientID: "mcp-server", ClientSecret: random(), Now: time.Now, ttl: time.Hour,
		user:   map[string]any{"sub": "42", "name": "Ada Lovelace", "preferred_username": "ada", "email": "ada@example.com", "email_verified": true},
		tamper: map[string]func(map[string]any){}, fails: map[string]failure{}, opaque: map[string]map[string]any{}, codes: map[string]issuerCode{}, access: map[string]map[string]any{},
		refresh: map[string]issuerCode{}, calls: map[string]int{},
	}
	i.Rotate()
	return i
}

// Handler serves the issuer.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+IssuerMetadata, i.metadata)
	mux.HandleFunc("GET "+IssuerKeys, i.keys)
	mux.HandleFunc("GET "+IssuerAuthorize, i.authorize)
	mux.HandleFunc("POST "+IssuerToken, i.token)
	mux.HandleFunc("GET "+IssuerUserInfo, i.userInfo)
	mux.HandleFunc("POST "+IssuerIntrospection, i.introspect)
	mux.HandleFunc("POST "+IssuerRevocation, i.revoke)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.calls[r.URL.Path]++
		if i.down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		if f, ok := i.fails[r.URL.Path]; ok {
			reply(w, f.status, map[string]any{"error": f.code})
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (i *Issuer) set(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

// Calls returns how often a path was requested.
func (i *Issuer) Calls(path string) (n int) {
	i.set(func() { n = i.calls[path] })
	return n
}

// SetUser changes who signs in from now on; claims must hold sub.
func (i *Issuer) SetUser(claims map[string]any) { i.set(func() { i.user = claims }) }

// SetDown makes every answer 503, or stops that.
func (i *Issuer) SetDown(down bool) { i.set(func() { i.down = down }) }

// Decline makes the user decline.
func (i *Issuer) Decline() { i.set(func() { i.declines = true }) }

// GiveRefreshTokens makes it give refresh tokens to whoever asks for offline_access,
// as some issuers do. At first it wants prompt=consent with it (OpenID Connect Core
// §11), or with Google's access_type=offline.
func (i *Issuer) GiveRefreshTokens() { i.set(func() { i.lax = true }) }

// ExpireTokens makes access tokens end d after they are issued.
func (i *Issuer) ExpireTokens(d time.Duration) { i.set(func() { i.ttl = d }) }

// AnswerAs sets the iss parameter of authorization answers (RFC 9207); "" sends
// none.
func (i *Issuer) AnswerAs(iss string) { i.set(func() { i.iss = iss }) }

// Tamper changes the JSON that path answers from now on; nil stops that.
func (i *Issuer) Tamper(path string, change func(map[string]any)) {
	i.set(func() { i.tamper[path] = change })
}

// Fail makes path answer with status and an OAuth error code such as
// "temporarily_unavailable" (RFC 6749 §5.2) from now on; a status of 0 stops that.
func (i *Issuer) Fail(path string, status int, code string) {
	i.set(func() {
		if i.fails[path] = (failure{status, code}); status == 0 {
			delete(i.fails, path)
		}
	})
}

// RevokeAll ends every sign-in.
func (i *Issuer) RevokeAll() {
	i.set(func() {
		clear(i.access)
		clear(i.refresh)
		clear(i.opaque)
	})
}

// Rotate makes a new key and withdraws all others at once.
func (i *Issuer) Rotate() {
	i.set(func() {
		i.rotate(i.alg)
		i.retired = nil
	})
}

// AddKey makes a new key and goes on publishing the old ones, as an issuer does that
// lets tokens signed by them live on.
func (i *Issuer) AddKey() { i.set(func() { i.rotate(i.alg) }) }

// SignWith makes a new key for an algorithm, RS256, PS256, ES256 or EdDSA, and
// withdraws all others. It panics for any other algorithm. An Issuer starts with
// ES256.
func (i *Issuer) SignWith(alg string) {
	i.set(func() {
		i.rotate(alg)
		i.retired = nil
	})
}

func (i *Issuer) rotate(alg string) {
	key, err := newKey(alg)
	if err != nil {
		panic(err)
	}
	if i.key != nil {
		i.retired = append(i.retired, i.jwk())
	}
	i.rotated++
	i.alg, i.key, i.keyID = alg, key, "key-"+strconv.Itoa(i.rotated)
}

// jwk is the present public key as it is published.
func (i *Issuer) jwk() map[string]any {
	k := jwk(i.key.Public())
	maps.Copy(k, map[string]any{"kid": i.keyID, "alg": i.alg, "use": "sig"})
	return k
}

// Token mints an access token for p (RFC 9068) that is good for an hour, or until
// p.Expiry.
func (i *Issuer) Token(p authlib.Principal, audience string) string {
	return i.Mint("at+jwt", i.claims(p, audience))
}

// OpaqueToken issues an access token of no particular form to p, which the
// introspection endpoint knows (RFC 7662). It is good for an hour, or until p.Expiry
// or [Issuer.RevokeAll].
func (i *Issuer) OpaqueToken(p authlib.Principal, audience string) string {
	token, answer := "at-"+random(), i.claims(p, audience)
	answer["active"], answer["token_type"] = true, "Bearer"
	i.set(func() { i.opaque[token] = answer })
	return token
}

func (i *Issuer) claims(p authlib.Principal, audience string) map[string]any {
	exp := p.Expiry
	if exp.IsZero() {
		exp = i.Now().Add(time.Hour)
	}
	claims := map[string]any{
		"iss": i.URL, "sub": p.Subject, "aud": audience, "exp": exp.Unix(), "iat": i.Now().Unix(),
		"client_id": p.ClientID, "scope": strings.Join(p.Scopes, " "), "jti": random(),
	}
	if p.Roles != nil {
		claims["roles"] = p.Roles
	}
	return claims
}

// Mint signs claims with the present key.
func (i *Issuer) Mint(typ string, claims map[string]any) (token string) {
	i.set(func() { token = i.mint(typ, claims) })
	return token
}

// MintAs signs claims with the present key, and names the key kid.
func (i *Issuer) MintAs(typ, kid string, claims map[string]any) (token string) {
	i.set(func() { token = sign(i.alg, i.key, header(typ, kid), claims) })
	return token
}

func (i *Issuer) mint(typ string, claims map[string]any) string {
	return sign(i.alg, i.key, header(typ, i.keyID), claims)
}

func header(typ, kid string) map[string]any {
	h := map[string]any{"kid": kid}
	if typ != "" {
		h["typ"] = typ
	}
	return h
}

// reply sends doc as JSON, after what Tamper does to it.
func (i *Issuer) reply(w http.ResponseWriter, path string, status int, doc map[string]any) {
	if change := i.tamper[path]; change != nil {
		change(doc)
	}
	reply(w, status, doc)
}
