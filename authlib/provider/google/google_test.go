package google_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/google"
)

const clientID = "1234-abc.apps.googleusercontent.com"

// A direct transport answers every request by one handler, whatever the host.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "accounts.google.com" || r.URL.Scheme != "https" {
		return nil, fmt.Errorf("%s was asked", r.URL.Host)
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

// newGoogle returns a provider and the stand-in that it asks.
func newGoogle(t *testing.T, change func(*google.Config)) (*google.Provider, *authtest.Issuer, *http.Client) {
	t.Helper()
	is := authtest.NewIssuerAs(t, google.Issuer)
	is.ClientID = clientID
	is.AnswerAs("")
	is.Tamper(authtest.IssuerMetadata, func(m map[string]any) {
		delete(m, "authorization_response_iss_parameter_supported")
		m["scopes_supported"] = []string{"openid", "email", "profile"}
	})
	client := &http.Client{Transport: direct{is.Handler()}}
	cfg := google.Config{ClientID: clientID, ClientSecret: is.ClientSecret, Resource: "https://mcp.test/mcp", HTTPClient: client}
	if change != nil {
		change(&cfg)
	}
	p, err := google.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p, is, client
}

func authURL(t *testing.T, p *google.Provider, verifier string, scopes ...string) url.Values {
	t.Helper()
	sum := sha256.Sum256([]byte(verifier))
	s, err := p.AuthCodeURL(context.Background(), provider.AuthRequest{
		State: "s", Nonce: "n", Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), RedirectURL: "http://localhost/cb", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func signIn(t *testing.T, p *google.Provider, client *http.Client) *oauth2.Token {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	c := &http.Client{Transport: client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(google.Issuer + authtest.IssuerAuthorize + "?" + authURL(t, p, verifier).Encode())
	if err != nil {
		t.Fatal(err)
	}
	loc, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	tok, err := p.Exchange(context.Background(), provider.ExchangeRequest{
		Code: loc.Query().Get("code"), Verifier: verifier, RedirectURL: "http://localhost/cb", Nonce: "n"})
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestIdentify(t *testing.T) {
	for _, tt := range []struct {
		what     string
		email    string
		verified bool
		hd       string
		username string
		orgs     []string
	}{
		{"Workspace", "ada@example.com", true, "example.com", "ada@example.com", []string{"example.com"}},
		{"gmail", "ada@GMail.com", true, "", "ada@GMail.com", []string{}},
		{"gmail, not verified", "ada@gmail.com", false, "", "", []string{}},
		{"an account with a company's address", "ada@example.com", true, "", "", []string{}},
		{"nearly gmail", "ada@notgmail.com", true, "", "", []string{}},
	} {
		p, is, client := newGoogle(t, nil)
		user := map[string]any{"sub": "1", "email": tt.email, "email_verified": tt.verified}
		if tt.hd != "" {
			user["hd"] = tt.hd
		}
		is.SetUser(user)
		is.Tamper(authtest.IssuerToken, func(m map[string]any) {
			m["scope"] = "openid https://www.googleapis.com/auth/userinfo.email"
		})
		id, err := p.Identify(context.Background(), signIn(t, p, client))
		if err != nil || id.Issuer != google.Issuer || id.Subject != "1" || id.Username != tt.username || id.EmailVerified != (tt.username != "") || !slices.Equal(id.Orgs, tt.orgs) || id.Orgs == nil {
			t.Errorf("%s: %+v, %v", tt.what, id, err)
			continue
		}
		if has := p.ExpandScopes(id.Scopes); !slices.Contains(has, "email") || slices.Contains(has, "profile") {
			t.Errorf("%s: scopes %v", tt.what, has)
		}
	}
}

func TestRefreshAndOutage(t *testing.T) {
	p, is, client := newGoogle(t, nil)
	tok := signIn(t, p, client)
	is.Tamper(authtest.IssuerToken, func(m map[string]any) { delete(m, "refresh_token") })
	next, err := p.Refresh(context.Background(), tok)
	if err != nil || next.RefreshToken != tok.RefreshToken {
		t.Fatalf("Refresh = %v", err)
	}
	is.SetDown(true)
	if _, err := p.Identify(context.Background(), next); err == nil || errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("Identify while down: %v", err)
	}
}

func TestAuthCodeURL(t *testing.T) {
	p, _, _ := newGoogle(t, nil)
	const drive = "https://www.googleapis.com/auth/drive.readonly"
	q := authURL(t, p, "x", drive, "mcp:use")
	if q.Get("access_type") != "offline" || q.Get("prompt") != "consent" || q.Get("scope") != "openid email profile "+drive {
		t.Errorf("query %v", q)
	}
	if asked, err := p.AskedScopes(context.Background(), []string{drive, "mcp:use"}); err != nil || strings.Join(asked, " ") != q.Get("scope") {
		t.Errorf("AskedScopes = %v, %v", asked, err) // what users are told
	}
	p, is, _ := newGoogle(t, func(c *google.Config) { c.Scopes = []string{} })
	is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["scopes_supported"] = []string{"openid", "offline_access"} })
	if q := authURL(t, p, "x"); q.Get("scope") != "openid offline_access" || len(q["prompt"]) != 1 {
		t.Errorf("no scopes: query %v", q)
	}
	p, _, _ = newGoogle(t, func(c *google.Config) { c.Online = true })
	if q := authURL(t, p, "x"); q.Has("access_type") || q.Has("prompt") {
		t.Errorf("query %v", q)
	}
	if p.CallbackURL() != "https://mcp.test/oauth/callback/google" {
		t.Errorf("callback %s", p.CallbackURL())
	}
}

func TestNewRefuses(t *testing.T) {
	for want, cfg := range map[string]google.Config{
		"GOOGLE_CLIENT_ID is not set":     {ClientSecret: "0123456789"},
		"GOOGLE_CLIENT_ID does not end":   {ClientID: "x", ClientSecret: "0123456789"},
		"GOOGLE_CLIENT_ID is still":       {ClientID: "your-id.apps.googleusercontent.com", ClientSecret: "0123456789"},
		"GOOGLE_CLIENT_SECRET is not set": {ClientID: clientID},
	} {
		if _, err := google.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
		if cfg.ClientSecret != "" && strings.Contains(fmt.Sprintf("%v %#v", cfg, cfg), cfg.ClientSecret) {
			t.Error("the secret is printed")
		}
	}
}

// Google's APIs get the token, and what only belongs to Google, or to its customers,
// does not.
func TestAPIOrigins(t *testing.T) {
	p, _, _ := newGoogle(t, nil)
	for target, want := range map[string]bool{
		"https://www.googleapis.com/calendar/v3": true, "https://gmail.googleapis.com/": true, "https://compute.us-central1.rep.googleapis.com/": true,
		"https://googleapis.com/": false, "https://www.google.com/": false, "https://x.appspot.com/": false, "https://x.run.app/": false,
		"https://script.google.com/macros": false, "https://googleapis.com.evil.example/": false, "http://www.googleapis.com/": false,
	} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		if got := provider.SendsTo(p.APIOrigins(), u); got != want {
			t.Errorf("%s: %v", target, got)
		}
	}
}
