package github_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"golang.org/x/oauth2"
)

const verifier = "a-verifier-of-at-least-forty-three-characters-x"

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func newProvider(t *testing.T, gh *authtest.GitHub, change func(*github.Config)) *github.Provider {
	t.Helper()
	cfg := github.Config{ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, BaseURL: gh.URL}
	if change != nil {
		change(&cfg)
	}
	p, err := github.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// authorize plays the browser and returns the code.
func authorize(t *testing.T, p *github.Provider, scopes ...string) string {
	t.Helper()
	u, err := p.AuthCodeURL(context.Background(), provider.AuthRequest{State: "s", Challenge: challenge(), RedirectURL: "http://localhost/cb", Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(u)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	loc, err := url.Parse(res.Header.Get("Location"))
	if err != nil || loc.Query().Get("state") != "s" {
		t.Fatalf("redirected to %v, %v", loc, err)
	}
	return loc.Query().Get("code")
}

func exchange(p *github.Provider, code string) (*oauth2.Token, error) {
	return p.Exchange(context.Background(), provider.ExchangeRequest{Code: code, Verifier: verifier, RedirectURL: "http://localhost/cb"})
}

func signIn(t *testing.T, p *github.Provider, scopes ...string) *oauth2.Token {
	t.Helper()
	tok, err := exchange(p, authorize(t, p, scopes...))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func TestIdentify(t *testing.T) {
	gh := authtest.NewGitHub(t)
	p := newProvider(t, gh, func(c *github.Config) { c.Orgs, c.Emails = true, true })
	id, err := p.Identify(context.Background(), signIn(t, p, "public_repo", "mcp:read"))
	if err != nil {
		t.Fatal(err)
	}
	if id.Issuer != gh.URL || id.Subject != "583231" || id.Username != "octocat" || !slices.Equal(id.Orgs, []string{"github"}) ||
		id.Email != "octocat@github.test" || !id.EmailVerified || !slices.Equal(id.Scopes, []string{"read:user", "read:org", "user:email", "public_repo"}) {
		t.Errorf("identity %+v", id)
	}
}

// A team is known below its organization, and is none of the organization's name.
func TestTeams(t *testing.T) {
	gh := authtest.NewGitHub(t)
	p := newProvider(t, gh, func(c *github.Config) { c.Orgs = true })
	gh.SetUser(authtest.GitHubUser{ID: 7, Login: "ada", Orgs: []string{"acme", "zoo"}, Teams: []string{"acme/ops", "zoo/acme"}})
	id, err := p.Identify(context.Background(), signIn(t, p))
	if err != nil || !slices.Equal(id.Orgs, []string{"acme", "zoo", "acme/ops", "zoo/acme"}) {
		t.Errorf("%+v, %v", id, err)
	}
}

// Nothing is looked up that was not asked for, so Orgs says "not asked".
func TestIdentifyAsksForNoMore(t *testing.T) {
	gh := authtest.NewGitHub(t)
	p := newProvider(t, gh, nil)
	id, err := p.Identify(context.Background(), signIn(t, p))
	if err != nil || id.Orgs != nil || id.Email != "" || gh.Calls("/api/v3/user/orgs")+gh.Calls("/api/v3/user/emails") != 0 {
		t.Errorf("identity %+v, %v", id, err)
	}
}

func TestUnverifiedEmail(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.SetUser(authtest.GitHubUser{ID: 7, Login: "mallory", Email: "ceo@github.test"})
	p := newProvider(t, gh, func(c *github.Config) { c.Emails = true })
	id, err := p.Identify(context.Background(), signIn(t, p))
	if err != nil || id.Email != "" || id.EmailVerified {
		t.Errorf("identity %+v, %v", id, err)
	}
}

// A token of another app, which GET /user would take, is refused.
func TestForeignToken(t *testing.T) {
	gh := authtest.NewGitHub(t)
	p := newProvider(t, gh, nil)
	foreign := gh.ForeignToken(authtest.GitHubUser{ID: 1, Login: "victim"})
	for _, tok := range []*oauth2.Token{{AccessToken: foreign}, {AccessToken: "gho_invented"}, {}, nil} {
		if _, err := p.Identify(context.Background(), tok); !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("Identify: %v, want ErrInvalidToken", err)
		}
	}
}

func TestExchangeRefuses(t *testing.T) {
	gh := authtest.NewGitHub(t)
	p := newProvider(t, gh, nil)
	code := authorize(t, p)
	if _, err := exchange(p, "wrong"); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("200 with an error: %v, want ErrInvalidToken", err)
	}
	if _, err := p.Exchange(context.Background(), provider.ExchangeRequest{Code: code, Verifier: "other", RedirectURL: "http://localhost/cb"}); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("wrong verifier: %v, want ErrInvalidToken", err)
	}
	for _, iss := range []string{"https://evil.test", gh.URL + ".evil.test"} {
		req := provider.ExchangeRequest{Code: authorize(t, p), Verifier: verifier, RedirectURL: "http://localhost/cb", Issuer: iss}
		if _, err := p.Exchange(context.Background(), req); !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("issuer %s: %v, want ErrInvalidToken", iss, err)
		}
	}
}

// Wrong credentials and outages are not the user's fault.
func TestOutage(t *testing.T) {
	gh := authtest.NewGitHub(t)
	p := newProvider(t, gh, nil)
	tok := signIn(t, p)
	wrong := newProvider(t, gh, func(c *github.Config) { c.ClientSecret = "0000000000000000000000000000000000000000" })
	_, err1 := wrong.Identify(context.Background(), tok)
	_, err2 := exchange(wrong, authorize(t, wrong))
	gh.SetDown(true)
	_, err3 := p.Identify(context.Background(), tok)
	_, err4 := exchange(p, "x")
	for i, err := range []error{err1, err2, err3, err4} {
		if err == nil || errors.Is(err, provider.ErrInvalidToken) || errors.Is(err, provider.ErrDenied) {
			t.Errorf("%d: %v, want another error", i, err)
		}
		if err != nil && strings.Contains(err.Error(), tok.AccessToken) {
			t.Errorf("%d: the error shows the token", i)
		}
	}
}

func TestRefresh(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(8 * time.Hour)
	now := time.Now()
	p := newProvider(t, gh, func(c *github.Config) { c.Now = func() time.Time { return now } })
	tok := signIn(t, p)
	if !tok.Expiry.Equal(now.Add(8 * time.Hour)) {
		t.Errorf("ends %v", tok.Expiry)
	}
	next, err := p.Refresh(context.Background(), tok)
	if err != nil || next.AccessToken == tok.AccessToken || next.RefreshToken == "" {
		t.Fatalf("Refresh = %v", err)
	}
	if _, err := p.Refresh(context.Background(), tok); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("used refresh token: %v, want ErrInvalidToken", err)
	}
	if _, err := p.Refresh(context.Background(), &oauth2.Token{AccessToken: "x"}); !errors.Is(err, provider.ErrNoRefresh) {
		t.Errorf("no refresh token: %v, want ErrNoRefresh", err)
	}
}

// A redirect or a huge answer is an error, and our secret goes nowhere else.
func TestHostileAnswers(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	answers := map[string]http.HandlerFunc{
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		},
		"huge": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"access_token":"%s"}`, strings.Repeat("x", 2<<20))
		},
		"not JSON":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "access_token=x&token_type=bearer") },
		"no token":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{}`) },
		"MAC token": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, `{"access_token":"x","token_type":"mac"}`) },
	}
	for name, h := range answers {
		srv := httptest.NewServer(h)
		p, err := github.New(github.Config{ClientID: "Iv1.0123456789abcdef", ClientSecret: "0123456789abcdef", BaseURL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := exchange(p, "c"); err == nil {
			t.Errorf("%s was taken", name)
		}
		srv.Close()
	}
	if elsewhere != 0 {
		t.Error("the redirect was followed")
	}
}

// GitHub answers 404 for another app's token; should it ever not, the answer says
// whose it is.
func TestAnswerAboutAnotherApp(t *testing.T) {
	for body, want := range map[string]error{
		`{"app":{"client_id":"Iv1.0123456789abcdef"},"user":{"id":1,"login":"a"},"scopes":[]}`: nil,
		`{"app":{"client_id":"Iv1.another"},"user":{"id":1,"login":"a"},"scopes":[]}`:          provider.ErrInvalidToken,
		`{"user":{"id":1,"login":"a"},"scopes":[]}`:                                            provider.ErrInvalidToken,
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, body) }))
		p, err := github.New(github.Config{ClientID: "Iv1.0123456789abcdef", ClientSecret: "0123456789abcdef", BaseURL: srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Identify(context.Background(), &oauth2.Token{AccessToken: "x"}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
		srv.Close()
	}
}

func TestNewRefuses(t *testing.T) {
	good := github.Config{ClientID: "Ov23liAbCdEfGh012345", ClientSecret: "0123456789abcdef0123456789abcdef01234567"}
	if _, err := github.New(good); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		want   string
		change func(*github.Config)
	}{
		{"GITHUB_CLIENT_ID", func(c *github.Config) { c.ClientID = "" }},
		{"GITHUB_CLIENT_ID", func(c *github.Config) { c.ClientID = "your-client-id" }},
		{"GITHUB_CLIENT_ID", func(c *github.Config) { c.ClientID = "Iv1.xxxxxxxxxxxxxxxx" }},
		{"GITHUB_CLIENT_SECRET", func(c *github.Config) { c.ClientSecret = "" }},
		{"GITHUB_CLIENT_SECRET", func(c *github.Config) { c.ClientSecret = "<secret>" }},
		{"GITHUB_CLIENT_SECRET", func(c *github.Config) { c.ClientSecret = "0123\n" }},
		{"GITHUB_BASE_URL", func(c *github.Config) { c.BaseURL = "github.example.com" }},
		{"GITHUB_BASE_URL", func(c *github.Config) { c.BaseURL = "http://github.example.com" }},
		{"GITHUB_BASE_URL", func(c *github.Config) { c.BaseURL = "https:///x" }},
		{"GITHUB_BASE_URL", func(c *github.Config) { c.BaseURL = "https://user@github.example.com" }},
		{"GITHUB_BASE_URL", func(c *github.Config) { c.BaseURL = "https://github.example.com?x=y" }},
		{"GITHUB_BASE_URL", func(c *github.Config) { c.BaseURL = "https://github.example.com#x" }},
		{"Scopes", func(c *github.Config) { c.Scopes = []string{"repo user"} }},
	}
	for _, tt := range tests {
		cfg := good
		tt.change(&cfg)
		if _, err := github.New(cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%v): %v, want %s", cfg, err, tt.want)
		} else if cfg.ClientSecret != "" && strings.Contains(err.Error(), cfg.ClientSecret) {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

func TestPrintsNoSecret(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef01234567"
	cfg := github.Config{ClientID: "Ov23liAbCdEfGh012345", ClientSecret: secret}
	p, err := github.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Now = nil
	j, _ := json.Marshal(struct{ C any }{cfg})
	out := string(j)
	for _, f := range []string{"%v", "%+v", "%#v", "%s"} {
		out += fmt.Sprintf(f+f, cfg, p)
	}
	if strings.Contains(out, secret) {
		t.Errorf("printed %s", out)
	}
}

// nil is the default, and an empty list is none.
func TestNoScopes(t *testing.T) {
	for want, scopes := range map[string][]string{"read:user": nil, "": {}} {
		p, err := github.New(github.Config{ClientID: "Ov23liAbCdEfGh012345", ClientSecret: "0123456789abcdef0123456789abcdef01234567", Scopes: scopes})
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.AskedScopes(context.Background(), nil)
		if s := strings.Join(got, " "); s != want || err != nil {
			t.Errorf("%#v: %q, %v", scopes, s, err)
		}
	}
}

func TestExpandScopes(t *testing.T) {
	got := github.ExpandScopes([]string{"admin:org", "user"})
	for _, s := range []string{"admin:org", "write:org", "read:org", "user", "read:user", "user:email"} {
		if !slices.Contains(got, s) {
			t.Errorf("%v lacks %s", got, s)
		}
	}
	for small, large := range map[string]string{"public_repo": "repo", "read:org": "admin:org", "read:user": "user"} {
		if slices.Contains(github.ExpandScopes([]string{small}), large) {
			t.Errorf("%s must not include %s", small, large)
		}
	}
	if n := len(github.ExpandScopes([]string{"repo", "public_repo", "repo"})); n != 6 {
		t.Errorf("%d scopes, want 6", n)
	}
}

// A guard takes the hierarchy as it is, and decides by it as the provider does.
func TestAPolicyUnderstandsTheHierarchy(t *testing.T) {
	for _, scope := range []string{"public_repo", "read:org", "read:user", "gist"} {
		g, err := authlib.New(authlib.Config{
			Resource: "https://mcp.example.com/mcp", AuthorizationServers: []string{"https://mcp.example.com"},
			Verifier: authlib.VerifierFunc(func(context.Context, string) (*authlib.Principal, error) { return nil, authlib.ErrInvalidToken }),
			Policy:   authlib.Policy{Base: authlib.Rule{AllScopes: []string{scope}}, Implies: github.Implies()},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, held := range []string{"repo", "admin:org", "user", "gist", "read:user", "read:project"} {
			p := &authlib.Principal{Issuer: "https://github.com", Subject: "1", Scopes: []string{held}}
			allowed := g.Authorize(context.Background(), p, authlib.Operation{Method: "ping"}) == nil
			if want := slices.Contains(github.ExpandScopes([]string{held}), scope); allowed != want {
				t.Errorf("%s with %s: %v, want %v", scope, held, allowed, want)
			}
		}
	}
}

// The API is where the documentation of GitHub has it, and at an Enterprise Server
// where the server is.
func TestAPIOrigins(t *testing.T) {
	for base, want := range map[string]string{
		"":                              "https://api.github.com https://uploads.github.com",
		"https://GitHub.com/":           "https://api.github.com https://uploads.github.com",
		"https://github.acme.test":      "https://github.acme.test",
		"https://github.acme.test:8443": "https://github.acme.test:8443",
		"https://acme.test/github":      "https://acme.test",
		"http://127.0.0.1:8080":         "http://127.0.0.1:8080",
	} {
		p, err := github.New(github.Config{ClientID: "Iv1.0123456789abcdef", ClientSecret: "0123456789abcdef0123", BaseURL: base})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(p.APIOrigins(), " "); got != want {
			t.Errorf("%q: %s, want %s", base, got, want)
		}
		for _, o := range p.APIOrigins() {
			if _, err := provider.CheckOrigin(o); err != nil {
				t.Errorf("%q: %v", base, err)
			}
		}
	}
}
