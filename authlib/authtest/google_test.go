package authtest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
)

const googleCallback = "https://mcp.example.com/oauth/callback/google"

// A googleApp is a program that signs users in at a stand-in for Google.
type googleApp struct {
	*authtest.Google
	provider *google.Provider
	browser  *http.Client
	verifier string
}

func newGoogleApp(t *testing.T, redirects ...string) *googleApp {
	t.Helper()
	g := authtest.NewGoogle(t, redirects...)
	p, err := google.New(google.Config{ClientID: g.ClientID, ClientSecret: g.ClientSecret, HTTPClient: &http.Client{Transport: g.Transport()}})
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Transport: g.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &googleApp{g, p, browser, oauth2.GenerateVerifier()}
}

// address is where a user is sent, with some parameters changed.
func (a *googleApp) address(t *testing.T, change func(url.Values)) string {
	t.Helper()
	sum := sha256.Sum256([]byte(a.verifier))
	raw, err := a.provider.AuthCodeURL(context.Background(), provider.AuthRequest{
		State: "s", Nonce: "n", Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), RedirectURL: googleCallback})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if change != nil {
		change(q)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// open goes there, and returns the status and what came back.
func (a *googleApp) open(t *testing.T, change func(url.Values)) (int, url.Values) {
	t.Helper()
	res, err := a.browser.Get(a.address(t, change))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode == http.StatusFound && to.Scheme+"://"+to.Host+to.Path != googleCallback {
		t.Errorf("the browser is sent to %s", to)
	}
	return res.StatusCode, to.Query()
}

func (a *googleApp) exchange(code, verifier, redirect string) (*oauth2.Token, error) {
	return a.provider.Exchange(context.Background(), provider.ExchangeRequest{Code: code, Verifier: verifier, RedirectURL: redirect, Nonce: "n"})
}

// A sign-in at the stand-in goes as one at Google: the long names of scopes, the
// Workspace domain, and a refresh token that stays the same until it is revoked.
func TestGoogleSignsIn(t *testing.T) {
	a, ctx := newGoogleApp(t, googleCallback), context.Background()
	_, q := a.open(t, nil)
	tok, err := a.exchange(q.Get("code"), a.verifier, googleCallback)
	if err != nil || q.Get("iss") != "" || tok.RefreshToken == "" {
		t.Fatalf("%v, %v", q, err)
	}
	id, err := a.provider.Identify(ctx, tok)
	if err != nil || id.Issuer != google.Issuer || id.Email != "ada@example.com" || !id.EmailVerified || !slices.Equal(id.Orgs, []string{"example.com"}) {
		t.Errorf("%+v, %v", id, err)
	}
	if got := strings.Join(id.Scopes, " "); !strings.Contains(got, "https://www.googleapis.com/auth/userinfo.email") {
		t.Errorf("scopes %q", got)
	}
	again, err := a.provider.Refresh(ctx, tok)
	if err != nil || again.RefreshToken != tok.RefreshToken || again.AccessToken == tok.AccessToken {
		t.Fatalf("refresh: %v", err)
	}
	if _, err := a.provider.Refresh(ctx, again); err != nil {
		t.Errorf("the refresh token is used up: %v", err)
	}
	if _, err := a.exchange(q.Get("code"), a.verifier, googleCallback); err == nil {
		t.Error("a code works twice")
	}
	a.RevokeAll()
	if _, err := a.provider.Refresh(ctx, again); err == nil {
		t.Error("a refresh token works after it was revoked")
	}
	if _, err := a.provider.Identify(ctx, again); err == nil {
		t.Error("a token works after it was revoked")
	}
}

// Without offline access and a prompt for consent there is no refresh token: this user
// has consented before, and Google gives one at the first time only.
func TestGoogleGivesRefreshTokensAsGoogleDoes(t *testing.T) {
	a := newGoogleApp(t, googleCallback)
	for _, gone := range []string{"access_type", "prompt"} {
		_, q := a.open(t, func(q url.Values) { q.Del(gone) })
		tok, err := a.exchange(q.Get("code"), a.verifier, googleCallback)
		if err != nil || tok.RefreshToken != "" {
			t.Errorf("without %s: %v, or there is a refresh token", gone, err)
		}
	}
}

// What Google refuses is refused before the user sees anything, and nothing is sent
// to an address that nobody registered.
func TestGoogleRefusesSignIns(t *testing.T) {
	a := newGoogleApp(t, googleCallback, "http://mcp.example.com/insecure", "https://mcp.example.com/x#fragment")
	set := func(name, value string) func(url.Values) { return func(q url.Values) { q.Set(name, value) } }
	for what, change := range map[string]func(url.Values){
		"another client":               set("client_id", "other.apps.googleusercontent.com"),
		"no redirect":                  func(q url.Values) { q.Del("redirect_uri") },
		"a redirect with more":         set("redirect_uri", googleCallback+"/"),
		"a redirect elsewhere":         set("redirect_uri", "https://evil.example.com/"),
		"a redirect in the clear":      set("redirect_uri", "http://mcp.example.com/insecure"),
		"a redirect with a fragment":   set("redirect_uri", "https://mcp.example.com/x#fragment"),
		"a scope that is not Google's": set("scope", "openid mcp:use"),
		"no openid":                    set("scope", "email"),
		"another access type":          set("access_type", "always"),
		"another prompt":               set("prompt", "maybe"),
		"no PKCE":                      func(q url.Values) { q.Del("code_challenge") },
		"plain PKCE":                   set("code_challenge_method", "plain"),
		"no state":                     func(q url.Values) { q.Del("state") },
		"no nonce":                     func(q url.Values) { q.Del("nonce") },
		"the implicit flow":            set("response_type", "token"),
		"a parameter twice":            func(q url.Values) { q.Add("state", "t") },
	} {
		if status, q := a.open(t, change); status != http.StatusBadRequest || len(q) > 0 {
			t.Errorf("%s: %d, %v", what, status, q)
		}
	}
	a.Register("http://localhost:8080/cb")
	res, err := a.browser.Get(a.address(t, set("redirect_uri", "http://localhost:8080/cb")))
	if err != nil || res.StatusCode != http.StatusFound {
		t.Fatalf("a registered address of this machine: %v, %v", res, err)
	}
	res.Body.Close()
	a.Decline()
	if _, q := a.open(t, nil); q.Get("error") != "access_denied" || q.Get("code") != "" {
		t.Errorf("the user declines: %v", q)
	}
	a.SetDown(true)
	if status, _ := a.open(t, nil); status != http.StatusServiceUnavailable {
		t.Errorf("down: %d", status)
	}
}

// A code is for whom it was made, and for where it was sent.
func TestGoogleRefusesCodes(t *testing.T) {
	a := newGoogleApp(t, googleCallback)
	for what, try := range map[string]func(code string) error{
		"another verifier": func(code string) error {
			_, err := a.exchange(code, oauth2.GenerateVerifier(), googleCallback)
			return err
		},
		"another redirect": func(code string) error {
			_, err := a.exchange(code, a.verifier, "https://mcp.example.com/")
			return err
		},
		"another code": func(string) error {
			_, err := a.exchange("4/x", a.verifier, googleCallback)
			return err
		},
		"another secret": func(code string) error {
			p, err := google.New(google.Config{ClientID: a.ClientID, ClientSecret: "GOCSPX-0f9db7c1e6a2d4853960", HTTPClient: &http.Client{Transport: a.Transport()}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Exchange(context.Background(), provider.ExchangeRequest{Code: code, Verifier: a.verifier, RedirectURL: googleCallback, Nonce: "n"})
			return err
		},
	} {
		_, q := a.open(t, nil)
		if err := try(q.Get("code")); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

// What is asked by hand is refused as by Google: forms in the query, other paths,
// other hosts, tokens that are none.
func TestGoogleIsNowhereElse(t *testing.T) {
	a := newGoogleApp(t, googleCallback)
	for address, want := range map[string]int{
		"https://oauth2.googleapis.com/token?grant_type=authorization_code&code=x": http.StatusBadRequest,
		"https://oauth2.googleapis.com/token":                                      http.StatusBadRequest,
		"https://accounts.google.com/token":                                        http.StatusNotFound,
		"https://oauth2.googleapis.com/revoke":                                     http.StatusBadRequest,
	} {
		res, err := a.browser.Post(address, "application/x-www-form-urlencoded", nil)
		if err != nil || res.StatusCode != want {
			t.Errorf("%s: %v, %v; want %d", address, res, err, want)
			continue
		}
		res.Body.Close()
	}
	for _, address := range []string{"https://www.google.com/", "https://accounts.google.com:8443/", "https://example.com/"} {
		if res, err := a.browser.Get(address); err == nil {
			res.Body.Close()
			t.Errorf("%s is reached: %s", address, res.Status)
		}
	}
	r, err := http.NewRequest(http.MethodGet, "https://openidconnect.googleapis.com/v1/userinfo", nil)
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]int{"": 401, "ya29.x": 401, a.Token(): 200} {
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := a.browser.Do(r)
		if err != nil || res.StatusCode != want {
			t.Errorf("token %q: %v, %v", token, res, err)
			continue
		}
		res.Body.Close()
	}
	if res, err := a.browser.PostForm("https://oauth2.googleapis.com/revoke", url.Values{"token": {"x"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}}); err != nil || res.StatusCode != 200 {
		t.Errorf("revoke: %v, %v", res, err)
	}
}

// A program is told all that it needs, and its certificate is a file.
func TestGoogleEnv(t *testing.T) {
	g := authtest.NewGoogle(t)
	env := map[string]string{}
	for _, line := range g.Env() {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	pem, err := os.ReadFile(env["SSL_CERT_FILE"])
	if err != nil || !bytes.HasPrefix(pem, []byte("-----BEGIN CERTIFICATE-----")) {
		t.Errorf("certificate: %v", err)
	}
	if env["GOOGLE_CLIENT_ID"] != g.ClientID || env["GOOGLE_CLIENT_SECRET"] != g.ClientSecret || !strings.HasPrefix(env["HTTPS_PROXY"], "http://127.0.0.1:") {
		t.Errorf("%v", env)
	}
	// Plain HTTP on this machine goes past the proxy.
	is := authtest.NewIssuer(t)
	res, err := (&http.Client{Transport: g.Transport(), Timeout: 5 * time.Second}).Get(is.URL + authtest.IssuerKeys)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var keys struct{ Keys []any }
	if body, err := io.ReadAll(res.Body); err != nil || json.Unmarshal(body, &keys) != nil || len(keys.Keys) != 1 {
		t.Errorf("%v: %v", err, keys)
	}
}
