package authtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A GitHubUser is who signs in at a [GitHub].
type GitHubUser struct {
	ID       int64    // the account's number, which never changes
	Login    string   // the user name
	Email    string   // the primary address
	Verified bool     // whether Email is
	Orgs     []string // names of organizations
	Teams    []string // as ORG/TEAM
}

// A GitHub is a stand-in for GitHub with one OAuth app and one browser user, who
// has always consented. It is stricter than GitHub where that catches mistakes:
// PKCE must be used and fit. Like GitHub it answers 200 to a bad code, and GET
// /user takes a token of any app. Set it up with the methods; it is safe for
// concurrent use.
type GitHub struct {
	URL          string // for github.Config.BaseURL; the API is below /api/v3
	ClientID     string // of the app, for GITHUB_CLIENT_ID
	ClientSecret string // of the app, for GITHUB_CLIENT_SECRET

	srv *httptest.Server

	mu        sync.Mutex
	user      GitHubUser
	scopes    map[string]bool // granted of those asked for; nil: all
	tokenTTL  time.Duration
	declines  bool
	down      bool
	keeps     bool // refresh tokens after their use
	codes     map[string]ghCode
	tokens    map[string]*ghToken
	refreshes map[string]*ghToken // by refresh token
	calls     map[string]int
}

type ghCode struct {
	challenge, redirect string
	scopes              []string
	user                GitHubUser
}

type ghToken struct {
	app    string
	user   GitHubUser
	scopes []string
}

// NewGitHub starts one and stops it with t. The user is octocat, number 583231.
func NewGitHub(t testing.TB) *GitHub {
	t.Helper()
	g := &GitHub{
		ClientID: "Iv1.0123456789abcdef", ClientSecret: random(),
		user:  GitHubUser{ID: 583231, Login: "octocat", Email: "octocat@github.test", Verified: true, Orgs: []string{"github"}},
		codes: map[string]ghCode{}, tokens: map[string]*ghToken{}, refreshes: map[string]*ghToken{}, calls: map[string]int{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login/oauth/authorize", g.authorize)
	mux.HandleFunc("POST /login/oauth/access_token", g.accessToken)
	mux.HandleFunc("POST /api/v3/applications/{id}/token", g.checkToken)
	mux.HandleFunc("GET /api/v3/user", g.withToken(func(tok *ghToken) any { return userJSON(tok.user) }))
	mux.HandleFunc("GET /api/v3/user/orgs", g.withToken(orgsJSON))
	mux.HandleFunc("GET /api/v3/user/teams", g.withToken(teamsJSON))
	mux.HandleFunc("GET /api/v3/user/emails", g.withToken(emailsJSON))
	g.srv = httptest.NewServer(g.count(mux))
	t.Cleanup(g.srv.Close)
	g.URL = g.srv.URL
	return g
}

func random() string {
	b := make([]byte, 20)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	return hex.EncodeToString(b)
}

// count counts calls, and answers 503 while the stand-in is down.
func (g *GitHub) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.calls[r.URL.Path]++
		down := g.down
		g.mu.Unlock()
		if down {
			http.Error(w, "unicorn", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Calls returns how often a path was requested.
func (g *GitHub) Calls(path string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls[path]
}

// SetUser changes who signs in from now on.
func (g *GitHub) SetUser(u GitHubUser) { g.set(func() { g.user = u }) }

// Grant limits what users grant; nothing means all that is asked for.
func (g *GitHub) Grant(scopes ...string) {
	g.set(func() {
		g.scopes = map[string]bool{}
		for _, s := range scopes {
			g.scopes[s] = true
		}
	})
}

// Decline makes the user decline.
func (g *GitHub) Decline() { g.set(func() { g.declines = true }) }

// SetDown makes every answer 503, or stops that.
func (g *GitHub) SetDown(down bool) { g.set(func() { g.down = down }) }

// ExpireTokens makes tokens end d after they are issued, and come with a refresh
// token.
func (g *GitHub) ExpireTokens(d time.Duration) { g.set(func() { g.tokenTTL = d }) }

// KeepRefreshTokens makes refresh tokens good more than once, as other providers do.
func (g *GitHub) KeepRefreshTokens() { g.set(func() { g.keeps = true }) }

// RevokeAll revokes every token, as a user does in their settings.
func (g *GitHub) RevokeAll() {
	g.set(func() { g.tokens, g.refreshes = map[string]*ghToken{}, map[string]*ghToken{} })
}

// NarrowTokens takes every scope but these from the tokens that are out, as an
// administrator of the user's can.
func (g *GitHub) NarrowTokens(scopes ...string) {
	g.set(func() {
		for _, tok := range g.tokens {
			tok.scopes = slices.DeleteFunc(slices.Clone(tok.scopes), func(s string) bool { return !slices.Contains(scopes, s) })
		}
	})
}

// ForeignToken returns a valid token of u that another app got.
func (g *GitHub) ForeignToken(u GitHubUser) string {
	tok := "gho_" + random()
	g.set(func() { g.tokens[tok] = &ghToken{app: "Iv1.another", user: u} })
	return tok
}

func (g *GitHub) set(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f()
}

func (g *GitHub) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	g.mu.Lock()
	defer g.mu.Unlock()
	if q.Get("client_id") != g.ClientID || q.Get("redirect_uri") == "" || q.Get("state") == "" {
		http.Error(w, "bad authorization request", http.StatusNotFound)
		return
	}
	if q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 {
		http.Error(w, "no PKCE", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {q.Get("state")}}
	if g.declines {
		answer.Set("error", "access_denied")
	} else {
		code := random()
		g.codes[code] = ghCode{q.Get("code_challenge"), q.Get("redirect_uri"), g.granted(q.Get("scope")), g.user}
		answer.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+answer.Encode(), http.StatusFound)
}

func (g *GitHub) granted(asked string) []string {
	out := []string{}
	for _, s := range strings.Fields(asked) {
		if g.scopes == nil || g.scopes[s] {
			out = append(out, s)
		}
	}
	return out
}

func (g *GitHub) accessToken(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.Header.Get("Accept") != "application/json" {
		w.Write([]byte("error=send_accept_json"))
		return
	}
	if r.PostFormValue("client_id") != g.ClientID || r.PostFormValue("client_secret") != g.ClientSecret {
		reply(w, http.StatusOK, map[string]any{"error": "incorrect_client_credentials"})
		return
	}
	if r.PostFormValue("grant_type") == "refresh_token" {
		g.refresh(w, r.PostFormValue("refresh_token"))
		return
	}
	c, ok := g.codes[r.PostFormValue("code")]
	delete(g.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || c.redirect != r.PostFormValue("redirect_uri") || base64.RawURLEncoding.EncodeToString(sum[:]) != c.challenge {
		reply(w, http.StatusOK, map[string]any{"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired."})
		return
	}
	g.issue(w, &ghToken{app: g.ClientID, user: c.user, scopes: c.scopes})
}

// refresh takes each refresh token once, unless told otherwise.
func (g *GitHub) refresh(w http.ResponseWriter, token string) {
	tok := g.refreshes[token]
	if !g.keeps {
		delete(g.refreshes, token)
	}
	if tok == nil {
		reply(w, http.StatusOK, map[string]any{"error": "bad_refresh_token"})
		return
	}
	g.issue(w, tok)
}

func (g *GitHub) issue(w http.ResponseWriter, tok *ghToken) {
	value := "gho_" + random()
	g.tokens[value] = tok
	out := map[string]any{"access_token": value, "token_type": "bearer", "scope": strings.Join(tok.scopes, ",")}
	if g.tokenTTL > 0 {
		refresh := "ghr_" + random()
		g.refreshes[refresh] = tok
		out["refresh_token"], out["expires_in"] = refresh, int(g.tokenTTL/time.Second)
	}
	reply(w, http.StatusOK, out)
}

func (g *GitHub) checkToken(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	if id != g.ClientID || secret != g.ClientSecret || r.PathValue("id") != id {
		reply(w, http.StatusUnauthorized, map[string]any{"message": "Bad credentials"})
		return
	}
	var in struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		reply(w, http.StatusBadRequest, map[string]any{"message": "Problems parsing JSON"})
		return
	}
	tok := g.tokens[in.AccessToken]
	if tok == nil || tok.app != g.ClientID {
		reply(w, http.StatusNotFound, map[string]any{"message": "Not Found"})
		return
	}
	reply(w, http.StatusOK, map[string]any{"scopes": tok.scopes, "user": userJSON(tok.user), "app": map[string]any{"client_id": tok.app}})
}

func (g *GitHub) withToken(answer func(*ghToken) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		defer g.mu.Unlock()
		tok := g.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if tok == nil {
			reply(w, http.StatusUnauthorized, map[string]any{"message": "Bad credentials"})
			return
		}
		body := answer(tok)
		if r.URL.Query().Get("page") > "1" {
			body = []any{}
		}
		reply(w, http.StatusOK, body)
	}
}

func userJSON(u GitHubUser) map[string]any {
	return map[string]any{"id": u.ID, "login": u.Login, "type": "User"}
}

func orgsJSON(tok *ghToken) any {
	out := []map[string]any{}
	for _, o := range tok.user.Orgs {
		out = append(out, map[string]any{"login": o})
	}
	return out
}

func teamsJSON(tok *ghToken) any {
	out := []map[string]any{}
	for _, t := range tok.user.Teams {
		org, slug, _ := strings.Cut(t, "/")
		out = append(out, map[string]any{"name": "The " + slug, "slug": slug, "organization": map[string]any{"login": org}})
	}
	return out
}

func emailsJSON(tok *ghToken) any {
	return []map[string]any{
		{"email": "other@elsewhere.test", "primary": false, "verified": true},
		{"email": tok.user.Email, "primary": true, "verified": tok.user.Verified},
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
