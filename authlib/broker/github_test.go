package broker

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"golang.org/x/oauth2"
)

func withGitHub(t *testing.T, gh *authtest.GitHub, rules string, change func(*Config)) func(*Config) {
	return func(c *Config) {
		t.Helper()
		p, err := github.New(github.Config{ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, BaseURL: gh.URL, Orgs: true, Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		c.Providers = []provider.Provider{p}
		c.Scopes = []string{"mcp:use", "read:user", "repo"}
		if c.Allow, err = AllowRules(rules); err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(c)
		}
	}
}

func TestGitHubSignIn(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.Grant("read:user", "read:org") // the user does not grant repo
	roles := func(_ context.Context, id *provider.Identity) ([]string, error) {
		return []string{"member-of-" + id.Orgs[0]}, nil
	}
	be := newBench(t, withGitHub(t, gh, "org:GitHub", func(c *Config) { c.Roles = roles }))
	tok := be.signIn()
	p := be.wantValid(tok.access)
	if p.Issuer != gh.URL || p.Subject != "583231" || p.Username != "octocat" || !slices.Equal(p.Roles, []string{"member-of-github"}) {
		t.Errorf("principal %+v", p)
	}
	if !slices.Equal(p.Scopes, []string{"mcp:use", "read:user"}) {
		t.Errorf("scopes %v: repo was not granted", p.Scopes)
	}
	for k, v := range p.Claims {
		if s, ok := v.(string); ok && strings.HasPrefix(s, "gho_") {
			t.Errorf("claim %s holds the upstream token", k)
		}
	}
}

func (be *bench) signInFails(want string) {
	be.Helper()
	f := be.newFlow(be.register("")["client_id"].(string))
	u, err := robot.SignIn(context.Background(), nil, be.authURL(f), nil)
	if err != nil {
		be.Fatal(err)
	}
	if q := u.Query(); q.Get("error") != want || q.Get("code") != "" || q.Get("iss") != be.srv.URL || q.Get("state") != "client-state" {
		be.Errorf("redirected to %s, want error %s", u, want)
	}
}

func TestGitHubRefusals(t *testing.T) {
	gh := authtest.NewGitHub(t)
	be := newBench(t, withGitHub(t, gh, "user:octocat", nil))
	gh.SetUser(authtest.GitHubUser{ID: 666, Login: "mallory", Orgs: []string{"octocat"}})
	be.signInFails("access_denied")
	gh.SetDown(true)
	f := be.newFlow(be.register("")["client_id"].(string))
	if _, err := robot.SignIn(context.Background(), nil, be.authURL(f), nil); err == nil {
		t.Error("signed in while GitHub was down")
	}
	gh.SetDown(false)
	gh.Decline()
	be.signInFails("access_denied")
}

// Roles that cannot be looked up stop the sign-in, and defer the refresh.
func TestRolesOutage(t *testing.T) {
	gh := authtest.NewGitHub(t)
	var broken error
	roles := func(context.Context, *provider.Identity) ([]string, error) { return nil, broken }
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { c.Roles = roles }))
	tok := be.signIn()
	broken = errors.New("directory is down")
	be.signInFails("temporarily_unavailable")
	be.refused(tok.refreshForm(), "temporarily_unavailable")
	broken = nil
	be.wantValid(be.tokens(tok.refreshForm()).access)
}

// Allow and the upstream token are asked at each refresh.
func TestRefreshAsksAgain(t *testing.T) {
	gh := authtest.NewGitHub(t)
	allowed := true
	allow := func(context.Context, *provider.Identity) error {
		if !allowed {
			return errors.New("left the company")
		}
		return nil
	}
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { c.Allow = allow }))
	tok, fired := be.signIn(), be.signIn()
	gh.SetDown(true)
	be.refused(tok.refreshForm(), "temporarily_unavailable") // not a logout
	gh.SetDown(false)
	tok = be.tokens(tok.refreshForm())
	allowed = false
	be.refused(fired.refreshForm(), "invalid_grant")
	be.wantInvalid(fired.access)
	allowed = true
	gh.RevokeAll()
	be.refused(tok.refreshForm(), "invalid_grant")
	be.wantInvalid(tok.access)
}

func (be *bench) as(tok tokens) context.Context {
	return authlib.NewContext(context.Background(), be.wantValid(tok.access))
}

// A hundred handlers that need the upstream token refresh it once.
func TestTokenSource(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { c.AccessTTL = 3 * time.Hour }))
	tok := be.signIn()
	first, err := be.b.TokenSource(be.as(tok)).Token()
	if err != nil || !strings.HasPrefix(first.AccessToken, "gho_") {
		t.Fatalf("Token = %v", err)
	}
	be.advance(2*time.Hour - 4*time.Minute)
	before := gh.Calls("/login/oauth/access_token")
	var wg sync.WaitGroup
	for range 100 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if next, err := be.b.TokenSource(be.as(tok)).Token(); err != nil || next.AccessToken == first.AccessToken {
				t.Errorf("Token = %v", err)
			}
		}()
	}
	wg.Wait()
	if n := gh.Calls("/login/oauth/access_token") - before; n != 1 {
		t.Errorf("%d refreshes at GitHub, want 1", n)
	}
}

// An outage leaves a token that is still valid in use; a refusal ends the
// sign-in.
func TestTokenSourceOutage(t *testing.T) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) { c.AccessTTL = 5 * time.Hour }))
	tok := be.signIn()
	ctx := be.as(tok)
	gh.SetDown(true)
	be.advance(2*time.Hour - time.Minute)
	if _, err := be.b.TokenSource(ctx).Token(); err != nil {
		t.Errorf("with a minute left: %v", err)
	}
	be.advance(2 * time.Minute)
	if _, err := be.b.TokenSource(ctx).Token(); err == nil || errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("after its end: %v, want an outage", err)
	}
	gh.SetDown(false)
	gh.RevokeAll()
	if _, err := be.b.TokenSource(ctx).Token(); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("revoked: %v, want ErrInvalidToken", err)
	}
	be.wantInvalid(tok.access)
}

func TestTokenSourceOfNobody(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	if _, err := be.b.TokenSource(be.as(tok)).Token(); err != nil {
		t.Fatalf("the caller's own: %v", err)
	}
	not := func(change func(*authlib.Principal)) *authlib.Principal {
		p := be.wantValid(tok.access).Clone()
		change(p)
		return p
	}
	for name, p := range map[string]*authlib.Principal{
		"nobody": nil, "no sign-in": {Subject: "alice"},
		"another user":            not(func(p *authlib.Principal) { p.Subject = "mallory" }),
		"that user of another":    not(func(p *authlib.Principal) { p.Issuer = "https://other.test" }),
		"a sign-in that is none":  not(func(p *authlib.Principal) { p.Claims[claimSession] = "../x" }),
		"a sign-in of a number":   not(func(p *authlib.Principal) { p.Claims[claimSession] = 7 }),
		"one that nobody has got": not(func(p *authlib.Principal) { p.Claims[claimSession] = grantName(1) }),
	} {
		if _, err := be.b.TokenSource(authlib.NewContext(context.Background(), p)).Token(); err == nil {
			t.Errorf("%s: got a token", name)
		}
	}
	if _, err := be.b.TokenSource(context.Background()).Token(); err == nil {
		t.Error("without a caller: got a token")
	}
}

func TestRevokeUser(t *testing.T) {
	be := newBench(t, nil)
	a, b := be.signIn(), be.signIn()
	p := be.wantValid(a.access)
	if err := be.b.Revoke(context.Background(), p.Issuer, "bob"); err != nil {
		t.Fatal(err)
	}
	be.wantValid(a.access)
	if err := be.b.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.wantInvalid(a.access)
	be.wantInvalid(b.access)
	be.refused(b.refreshForm(), "invalid_grant")
}

// Signing in again and again does not grow without end.
func TestManySignIns(t *testing.T) {
	be := newBench(t, nil)
	first := be.signIn()
	for range maxGrantsPerUser {
		be.advance(time.Second) // or one address would sign in too often
		be.signIn()
	}
	be.wantInvalid(first.access)
}

// Fifty refreshes at once ask GitHub once.
func TestRefreshRaceAsksOnce(t *testing.T) {
	gh := authtest.NewGitHub(t)
	be := newBench(t, withGitHub(t, gh, "anyone", nil))
	tok := be.signIn()
	check := "/api/v3/applications/" + gh.ClientID + "/token"
	before := gh.Calls(check)
	if got := be.race(50, tok.refreshForm()); len(got) != 50 {
		t.Errorf("%d of 50 answers carry tokens", len(got))
	}
	if n := gh.Calls(check) - before; n != 1 {
		t.Errorf("GitHub was asked %d times, want 1", n)
	}
}

// turncoat says that a token is somebody else's once it is told to.
type turncoat struct {
	provider.Provider
	turned atomic.Bool
}

func (p *turncoat) Identify(ctx context.Context, tok *oauth2.Token) (*provider.Identity, error) {
	id, err := p.Provider.Identify(ctx, tok)
	if err == nil && p.turned.Load() {
		id.Subject = "1"
	}
	return id, err
}

func TestIdentityNeverChanges(t *testing.T) {
	gh := authtest.NewGitHub(t)
	var p *turncoat
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) {
		p = &turncoat{Provider: c.Providers[0]}
		c.Providers[0] = p
	}))
	tok := be.signIn()
	p.turned.Store(true)
	be.refused(tok.refreshForm(), "invalid_grant")
	be.wantInvalid(tok.access)
}

// slow takes its time to refresh, so that others arrive meanwhile.
type slow struct {
	provider.Provider
	calls atomic.Int64
}

func (p *slow) Refresh(ctx context.Context, tok *oauth2.Token) (*oauth2.Token, error) {
	p.calls.Add(1)
	time.Sleep(150 * time.Millisecond)
	return p.Provider.Refresh(ctx, tok)
}

// Two processes that share a store refresh an upstream token once.
func TestTokenSourceOverProcesses(t *testing.T) {
	dir, m := t.TempDir(), miniredis.RunT(t)
	for name, store := range map[string]func(*Config){"files": files(dir, 1), "Redis": overRedis(t, m)} {
		t.Run(name, func(t *testing.T) { tokenSourceOverProcesses(t, store) })
	}
}

func tokenSourceOverProcesses(t *testing.T, store func(*Config)) {
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	p := &slow{}
	shared := withGitHub(t, gh, "anyone", func(c *Config) {
		store(c)
		p.Provider, c.Providers[0], c.AccessTTL = c.Providers[0], p, 5*time.Hour
	})
	be := newBench(t, shared)
	brokers := []*Broker{be.b, be.newBroker(shared)}
	ctx := be.as(be.signIn())
	be.advance(2*time.Hour + time.Minute)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if _, err := brokers[i%2].TokenSource(ctx).Token(); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if n := p.calls.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}
