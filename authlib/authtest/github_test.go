package authtest_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
)

type githubApp struct {
	*authtest.GitHub
	provider *github.Provider
	verifier string
}

func newGitHubApp(t *testing.T) *githubApp {
	t.Helper()
	g := authtest.NewGitHub(t)
	p, err := github.New(github.Config{ClientID: g.ClientID, ClientSecret: g.ClientSecret, BaseURL: g.URL, Orgs: true, Emails: true})
	if err != nil {
		t.Fatal(err)
	}
	return &githubApp{g, p, oauth2.GenerateVerifier()}
}

// open sends the user there, and returns the status and what came back.
func (a *githubApp) open(t *testing.T, change func(url.Values)) (int, url.Values) {
	t.Helper()
	sum := sha256.Sum256([]byte(a.verifier))
	raw, err := a.provider.AuthCodeURL(context.Background(), provider.AuthRequest{
		State: "s", Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), RedirectURL: "http://localhost/cb", Scopes: []string{"public_repo"}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); change != nil {
		change(q)
		u.RawQuery = q.Encode()
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, to.Query()
}

func (a *githubApp) exchange(code, verifier string) (*oauth2.Token, error) {
	return a.provider.Exchange(context.Background(), provider.ExchangeRequest{Code: code, Verifier: verifier, RedirectURL: "http://localhost/cb"})
}

// A user signs in with what they grant, their organizations, teams and address; the
// token ends and is refreshed once, and is gone when they revoke it.
func TestGitHubSignsIn(t *testing.T) {
	a, ctx := newGitHubApp(t), context.Background()
	a.SetUser(authtest.GitHubUser{ID: 7, Login: "ada", Email: "ada@example.com", Verified: true, Orgs: []string{"acme"}, Teams: []string{"acme/ops"}})
	a.Grant("read:user", "read:org", "user:email")
	a.ExpireTokens(time.Hour)
	_, q := a.open(t, nil)
	tok, err := a.exchange(q.Get("code"), a.verifier)
	if err != nil {
		t.Fatal(err)
	}
	id, err := a.provider.Identify(ctx, tok)
	if err != nil || id.Subject != "7" || id.Username != "ada" || id.Email != "ada@example.com" || !slices.Equal(id.Orgs, []string{"acme", "acme/ops"}) || slices.Contains(id.Scopes, "public_repo") {
		t.Errorf("%+v, %v", id, err)
	}
	again, err := a.provider.Refresh(ctx, tok)
	if err != nil || again.AccessToken == tok.AccessToken {
		t.Fatalf("refresh: %v", err)
	}
	if _, err := a.provider.Refresh(ctx, tok); err == nil {
		t.Error("a refresh token works twice")
	}
	if _, err := a.exchange(q.Get("code"), a.verifier); err == nil {
		t.Error("a code works twice")
	}
	a.RevokeAll()
	if _, err := a.provider.Identify(ctx, again); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("revoked: %v", err)
	}
	if a.Calls("/login/oauth/access_token") == 0 {
		t.Error("calls are not counted")
	}
}

// What is not as it should be is refused, where GitHub would let it pass as well.
func TestGitHubRefuses(t *testing.T) {
	a, ctx := newGitHubApp(t), context.Background()
	for what, change := range map[string]func(url.Values){
		"another client": func(q url.Values) { q.Set("client_id", "Iv1.other") },
		"no redirect":    func(q url.Values) { q.Del("redirect_uri") },
		"no state":       func(q url.Values) { q.Del("state") },
		"no PKCE":        func(q url.Values) { q.Del("code_challenge") },
		"plain PKCE":     func(q url.Values) { q.Set("code_challenge_method", "plain") },
	} {
		if status, q := a.open(t, change); status/100 != 4 || len(q) > 0 {
			t.Errorf("%s: %d, %v", what, status, q)
		}
	}
	_, q := a.open(t, nil)
	if _, err := a.exchange(q.Get("code"), oauth2.GenerateVerifier()); err == nil {
		t.Error("another verifier is taken")
	}
	foreign := &oauth2.Token{AccessToken: a.ForeignToken(authtest.GitHubUser{ID: 1, Login: "victim"})}
	if _, err := a.provider.Identify(ctx, foreign); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("a token of another app: %v", err)
	}
	a.Decline()
	if _, q := a.open(t, nil); q.Get("error") != "access_denied" {
		t.Errorf("declined: %v", q)
	}
	a.SetDown(true)
	if status, _ := a.open(t, nil); status != http.StatusServiceUnavailable {
		t.Errorf("down: %d", status)
	}
}

// By hand: GitHub answers 200 to what is wrong with a code, and wants JSON asked for.
func TestGitHubAnswersAsGitHubDoes(t *testing.T) {
	a := newGitHubApp(t)
	post := func(path, accept, user string, form url.Values) (int, string) {
		r, err := http.NewRequest(http.MethodPost, a.URL+path+"?"+form.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", accept)
		if user != "" {
			r.SetBasicAuth(user, a.ClientSecret)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode, res.Header.Get("Content-Type")
	}
	if status, kind := post("/login/oauth/access_token", "application/json", "", nil); status != http.StatusOK || kind != "application/json" {
		t.Errorf("no credentials: %d %s", status, kind)
	}
	if status, kind := post("/login/oauth/access_token", "", "", nil); status != http.StatusOK || kind == "application/json" {
		t.Errorf("no Accept: %d %s", status, kind)
	}
	for user, want := range map[string]int{"": http.StatusUnauthorized, a.ClientID: http.StatusBadRequest} {
		if status, _ := post("/api/v3/applications/"+a.ClientID+"/token", "application/json", user, nil); status != want {
			t.Errorf("user %q: %d, want %d", user, status, want)
		}
	}
	res, err := http.Get(a.URL + "/api/v3/user")
	if err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Fatalf("%v, %v", res, err)
	}
	res.Body.Close()
}
