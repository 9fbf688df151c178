package authtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// An Issuer is a stand-in for an OpenID Connect issuer and OAuth authorization
// server with one client and one browser user, who has always consented. It is
// strict where that catches mistakes: PKCE must be used and fit, and so must the
// client's credentials. Set it up with the methods; it is safe for concurrent
// use.
type Issuer struct {
	URL          string // the issuer identifier
	ClientID     string
	ClientSecret string
	// Now is its clock; set it before use. It starts as time.Now.
	Now func() time.Time

	srv *httptest.Server

	mu       sync.Mutex
	alg      jose.SignatureAlgorithm
	key      crypto.Signer
	keyID    string
	rotated  int
	user     map[string]any // claims
	ttl      time.Duration
	declines bool
	lax      bool
	down     bool
	iss      string
	tamper   map[string]func(map[string]any)
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

// Paths of an [Issuer], for [Issuer.Calls] and [Issuer.Tamper].
const (
	IssuerMetadata      = "/.well-known/openid-configuration"
	IssuerKeys          = "/keys"
	IssuerAuthorize     = "/authorize"
	IssuerToken         = "/token"
	IssuerUserInfo      = "/userinfo"
	IssuerIntrospection = "/introspect"
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
func NewIssuerAs(url string) *Issuer {
	i := newIssuer()
	i.URL, i.iss = url, url
	return i
}

func newIssuer() *Issuer {
	i := &Issuer{
		alg: jose.ES256, ClientID: "mcp-server", ClientSecret: random(), Now: time.Now, ttl: time.Hour,
		user:   map[string]any{"sub": "42", "name": "Ada Lovelace", "preferred_username": "ada", "email": "ada@example.com", "email_verified": true},
		tamper: map[string]func(map[string]any){}, codes: map[string]issuerCode{}, access: map[string]map[string]any{},
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.calls[r.URL.Path]++
		if i.down {
			http.Error(w, "down", http.StatusServiceUnavailable)
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

// RevokeAll ends every sign-in.
func (i *Issuer) RevokeAll() {
	i.set(func() { i.access, i.refresh = map[string]map[string]any{}, map[string]issuerCode{} })
}

// Rotate makes a new key and withdraws the old one.
func (i *Issuer) Rotate() {
	i.set(func() { i.rotate(i.alg) })
}

// SignWith makes a new key for an algorithm, RS256, ES256 or EdDSA, and withdraws
// the old one. It panics for any other. An Issuer starts with ES256.
func (i *Issuer) SignWith(alg string) {
	i.set(func() { i.rotate(jose.SignatureAlgorithm(alg)) })
}

func (i *Issuer) rotate(alg jose.SignatureAlgorithm) {
	key, err := newKey(alg)
	if err != nil {
		panic(err)
	}
	i.rotated++
	i.alg, i.key, i.keyID = alg, key, "key-"+strconv.Itoa(i.rotated)
}

func newKey(alg jose.SignatureAlgorithm) (crypto.Signer, error) {
	switch alg {
	case jose.RS256:
		return rsa.GenerateKey(rand.Reader, 2048)
	case jose.ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.EdDSA:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("authtest: an Issuer does not sign with %q", alg)
}

// Token mints an access token for p (RFC 9068) that is good for an hour, or until
// p.Expiry.
func (i *Issuer) Token(p authlib.Principal, audience string) string {
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
	return i.Mint("at+jwt", claims)
}

// Mint signs claims with the present key.
func (i *Issuer) Mint(typ string, claims map[string]any) (token string) {
	i.set(func() { token = i.mint(typ, claims) })
	return token
}

// MintAs signs claims with the present key, and names the key kid.
func (i *Issuer) MintAs(typ, kid string, claims map[string]any) (token string) {
	i.set(func() { token = sign(i.alg, i.key, typ, kid, claims) })
	return token
}

func (i *Issuer) mint(typ string, claims map[string]any) string {
	return sign(i.alg, i.key, typ, i.keyID, claims)
}

func sign(alg jose.SignatureAlgorithm, key crypto.Signer, typ, kid string, claims map[string]any) string {
	opts := (&jose.SignerOptions{}).WithHeader("kid", kid)
	if typ != "" {
		opts = opts.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	if err != nil {
		panic(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return token
}

// reply sends doc as JSON, after what Tamper does to it.
func (i *Issuer) reply(w http.ResponseWriter, path string, status int, doc map[string]any) {
	if change := i.tamper[path]; change != nil {
		change(doc)
	}
	reply(w, status, doc)
}
