package authtest

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A Google is a stand-in for Google with one OAuth web client and one browser user.
// It answers for Google's own host names, over TLS, with Google's paths and Google's
// habits: it knows only the redirect URIs that were registered, gives a refresh token
// to whoever asks for offline access with a prompt for consent, and the same one as
// long as it lives, writes scopes by their long names, and says to which Workspace
// domain (hd) an account belongs. It refuses what Google refuses, and a sign-in
// without PKCE as well, which Google lets pass. It is safe for concurrent use.
//
// A program finds it through [Google.Env], and code in the same process through
// [Google.Transport]. What it does not do: show a page, sign several users in at
// once, or answer any other API of Google's.
type Google struct {
	ClientID     string // of the web client, for GOOGLE_CLIENT_ID
	ClientSecret string // of the web client, for GOOGLE_CLIENT_SECRET

	issuer *Issuer
	wire   *googleWire

	mu        sync.Mutex
	redirects []string
}

// A GoogleUser is who signs in at a [Google].
type GoogleUser struct {
	Subject  string // the account's number
	Name     string // to show
	Email    string // the address
	Verified bool   // whether Email is
	Domain   string // the Workspace domain; "" for an account of one's own
}

// Hosts of Google's that a [Google] answers for.
const (
	googleAccounts = "accounts.google.com"
	googleTokens   = "oauth2.googleapis.com"
	googleUserInfo = "openidconnect.googleapis.com"
	googleKeys     = "www.googleapis.com"
)

// googlePaths says where Google has what an [Issuer] has elsewhere.
var googlePaths = map[string]string{
	"GET " + googleAccounts + "/.well-known/openid-configuration": IssuerMetadata,
	"GET " + googleAccounts + "/o/oauth2/v2/auth":                 IssuerAuthorize,
	"POST " + googleTokens + "/token":                             IssuerToken,
	"POST " + googleTokens + "/revoke":                            IssuerRevocation,
	"GET " + googleUserInfo + "/v1/userinfo":                      IssuerUserInfo,
	"GET " + googleKeys + "/oauth2/v3/certs":                      IssuerKeys,
}

// NewGoogle starts one and stops it with t. redirects are the "Authorized redirect
// URIs" of its client: those of google.Provider.CallbackURL. The user is Ada Lovelace
// of the Workspace domain example.com.
func NewGoogle(t testing.TB, redirects ...string) *Google {
	t.Helper()
	is := NewIssuerAs(t, "https://"+googleAccounts)
	is.ClientID = "1234567890-authtest.apps.googleusercontent.com"
	is.constant, is.iss = true, ""
	is.SignWith("RS256")
	g := &Google{ClientID: is.ClientID, ClientSecret: is.ClientSecret, issuer: is, redirects: redirects}
	g.SetUser(GoogleUser{Subject: "110248495921238986420", Name: "Ada Lovelace", Email: "ada@example.com", Verified: true, Domain: "example.com"})
	is.Tamper(IssuerMetadata, googleMetadata)
	is.Tamper(IssuerToken, func(m map[string]any) { m["scope"] = longNames(m["scope"]) })
	g.wire = newGoogleWire(t, g)
	return g
}

func googleMetadata(m map[string]any) {
	delete(m, "authorization_response_iss_parameter_supported")
	delete(m, "introspection_endpoint")
	maps.Copy(m, map[string]any{
		"authorization_endpoint": "https://" + googleAccounts + "/o/oauth2/v2/auth", "token_endpoint": "https://" + googleTokens + "/token",
		"revocation_endpoint": "https://" + googleTokens + "/revoke", "userinfo_endpoint": "https://" + googleUserInfo + "/v1/userinfo",
		"jwks_uri": "https://" + googleKeys + "/oauth2/v3/certs", "scopes_supported": []string{"openid", "email", "profile"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
	})
}

const googleScope = "https://www.googleapis.com/auth/"

// longNames are scopes as Google's answers spell them.
func longNames(v any) string {
	s, _ := v.(string)
	scopes := strings.Fields(s)
	for i, name := range scopes {
		if name == "email" || name == "profile" {
			scopes[i] = googleScope + "userinfo." + name
		}
	}
	return strings.Join(scopes, " ")
}

// SetUser changes who signs in from now on.
func (g *Google) SetUser(u GoogleUser) {
	claims := map[string]any{"sub": u.Subject, "name": u.Name, "email": u.Email, "email_verified": u.Verified, "azp": g.ClientID}
	if u.Domain != "" {
		claims["hd"] = u.Domain
	}
	g.issuer.SetUser(claims)
}

// Register adds an authorized redirect URI, for a server whose port is known late.
func (g *Google) Register(redirect string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.redirects = append(g.redirects, redirect)
}

// Decline makes the user decline.
func (g *Google) Decline() { g.issuer.Decline() }

// SetDown makes every answer 503, or stops that.
func (g *Google) SetDown(down bool) { g.issuer.SetDown(down) }

// RevokeAll ends every sign-in, as a user does in their account.
func (g *Google) RevokeAll() { g.issuer.RevokeAll() }

// Token issues an access token of Google's own to the present user. No MCP server
// may take it for one of its own.
func (g *Google) Token() string { return g.issuer.Opaque() }

// ServeHTTP answers what Google's client libraries ask.
func (g *Google) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := googlePaths[r.Method+" "+r.Host+r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	why := ""
	switch path {
	case IssuerAuthorize:
		why = g.badSignIn(r.URL.Query())
	case IssuerToken, IssuerRevocation:
		why = badForm(r)
	}
	if why != "" {
		reply(w, http.StatusBadRequest, map[string]any{"error": why})
		return
	}
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = path, ""
	g.issuer.Handler().ServeHTTP(w, r)
}

// badSignIn is what Google's page would say is wrong with an authorization request,
// before it asks anybody anything.
func (g *Google) badSignIn(q url.Values) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	for name, values := range q {
		if len(values) > 1 {
			return "invalid_request: " + name + " is there twice"
		}
	}
	switch redirect := q.Get("redirect_uri"); {
	case q.Get("client_id") != g.ClientID:
		return "invalid_client"
	case !slices.Contains(g.redirects, redirect) || !secureRedirect(redirect):
		return "redirect_uri_mismatch"
	case !all(strings.Fields(q.Get("scope")), isGoogleScope):
		return "invalid_scope"
	case !slices.Contains([]string{"", "online", "offline"}, q.Get("access_type")),
		!all(strings.Fields(q.Get("prompt")), func(s string) bool { return s == "consent" || s == "select_account" || s == "none" }):
		return "invalid_request"
	}
	return ""
}

// secureRedirect: Google wants https, but for this machine, and no fragment.
func secureRedirect(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Fragment != "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func isGoogleScope(s string) bool {
	return s == "openid" || s == "email" || s == "profile" || s == "https://mail.google.com/" ||
		strings.HasPrefix(s, googleScope) && len(s) > len(googleScope)
}

func all(items []string, ok func(string) bool) bool {
	return !slices.ContainsFunc(items, func(s string) bool { return !ok(s) })
}

// badForm: Google takes one form, and nothing of it from the query.
func badForm(r *http.Request) string {
	if err := r.ParseForm(); err != nil || r.URL.RawQuery != "" || len(r.PostForm) == 0 {
		return "invalid_request"
	}
	return ""
}
