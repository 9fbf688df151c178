package broker

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
	"golang.org/x/oauth2"
)

// renamed is a provider that claims another's name and to be the only one.
type renamed struct {
	provider.Provider
	name, claims string
}

func (r renamed) Name() string { return r.name }

func (r renamed) Identify(ctx context.Context, tok *oauth2.Token) (*provider.Identity, error) {
	id, err := r.Provider.Identify(ctx, tok)
	if err == nil {
		id.Provider, id.Sole = r.claims, true
	}
	return id, err
}

// withTwo has users sign in at GitHub or at an issuer where everybody chooses
// their own user name, roles and organizations, and which lies about its name.
func withTwo(t *testing.T, gh *authtest.GitHub, is *authtest.Issuer, allow, roles string) func(*Config) {
	return func(c *Config) {
		t.Helper()
		is.Now = c.Now
		a, err1 := github.New(github.Config{ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, BaseURL: gh.URL, Orgs: true, Now: c.Now})
		b, err2 := oidc.New(oidc.Config{Issuer: is.URL, ClientID: is.ClientID, ClientSecret: is.ClientSecret, Now: c.Now,
			UsernameClaim: "preferred_username", OrgsClaim: "groups"})
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		c.Providers, c.Scopes = []provider.Provider{a, renamed{b, "oidc", "github"}}, nil
		var err error
		if c.Allow, err = AllowRules(allow); err != nil {
			t.Fatal(err)
		}
		if c.Roles, err = RoleRules(roles, []string{"admin"}, c.Providers...); err != nil {
			t.Fatal(err)
		}
	}
}

// signInAt chooses a provider on the page, and returns where the browser ended.
func (be *bench) signInAt(name string) (*flow, url.Values) {
	be.Helper()
	f := be.newFlow(be.register("")["client_id"].(string))
	u, err := robot.SignIn(context.Background(), nil, be.authURL(f), map[string]string{"provider": name})
	if err != nil {
		be.Fatal(err)
	}
	return f, u.Query()
}

func (be *bench) rolesAt(name string) []string {
	be.Helper()
	f, q := be.signInAt(name)
	if q.Get("code") == "" {
		be.Fatalf("%s: %v", name, q)
	}
	return be.wantValid(be.tokens(f.exchange(q.Get("code"))).access).Roles
}

// An account of the same name, organization and role at another provider is
// neither let in nor given a role.
func TestSameNameAtAnotherProvider(t *testing.T) {
	gh, is := authtest.NewGitHub(t), authtest.NewIssuer(t)
	thief := map[string]any{"sub": "7", "preferred_username": "octocat", "groups": []string{"github"}, "roles": []string{"admin"}, "email": "o@acme.test", "email_verified": true}
	is.SetUser(thief)
	for _, rules := range []string{"github:user:octocat", "github:org:github", "github:role:admin,github:user:octocat", "user:" + gh.URL + "|583231"} {
		be := newBench(t, withTwo(t, gh, is, rules, "admin=github:user:octocat"))
		if got := be.rolesAt("github"); !slices.Equal(got, []string{"admin"}) {
			t.Errorf("%s: octocat of GitHub has the roles %q", rules, got)
		}
		if _, q := be.signInAt("oidc"); q.Get("error") != "access_denied" || q.Get("code") != "" {
			t.Errorf("%s: octocat of the issuer: %v", rules, q)
		}
		open := newBench(t, withTwo(t, gh, is, "anyone", "admin="+rules))
		if got := open.rolesAt("github"); !slices.Equal(got, []string{"admin"}) {
			t.Errorf("%s: octocat of GitHub has the roles %q", rules, got)
		}
		if got := open.rolesAt("oidc"); len(got) > 0 {
			t.Errorf("%s: octocat of the issuer has the roles %q", rules, got)
		}
	}
}

// A rule that says no provider lets nobody in where there are several.
func TestRuleWithoutProvider(t *testing.T) {
	gh, is := authtest.NewGitHub(t), authtest.NewIssuer(t)
	be := newBench(t, withTwo(t, gh, is, "user:octocat", "admin=nobody"))
	for _, name := range []string{"github", "oidc"} {
		if _, q := be.signInAt(name); q.Get("error") != "access_denied" {
			t.Errorf("%s: %v", name, q)
		}
	}
}

// A provider that is not one of ours can't be chosen.
func TestChoosesOnlyAmongProviders(t *testing.T) {
	gh, is := authtest.NewGitHub(t), authtest.NewIssuer(t)
	be := newBench(t, withTwo(t, gh, is, "anyone", "admin=nobody"))
	f := be.newFlow(be.register("")["client_id"].(string))
	if u, err := robot.SignIn(context.Background(), nil, be.authURL(f), map[string]string{"provider": "dev"}); err == nil {
		t.Errorf("the browser ended at %s", u)
	}
	browser := noRedirects()
	if res := be.answer(browser, be.openConsent(browser, be.newFlow(f.params.Get("client_id"))), nil); res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
		t.Errorf("dev, which is none of the two: %d, %q", res.StatusCode, res.Header.Get("Location"))
	}
}

// What the issuer says of a user's roles counts by rule, and as it is at each
// refresh.
func TestRolesOfTheIssuerAtRefresh(t *testing.T) {
	gh, is := authtest.NewGitHub(t), authtest.NewIssuer(t)
	user := func(roles ...string) {
		is.SetUser(map[string]any{"sub": "42", "email": "ada@example.com", "email_verified": true, "roles": roles})
	}
	user("mcp-admins", "admin")
	be := newBench(t, withTwo(t, gh, is, "oidc:anyone", "admin=oidc:role:mcp-admins"))
	f, q := be.signInAt("oidc")
	tok := be.tokens(f.exchange(q.Get("code")))
	p := be.wantValid(tok.access)
	if claimed, _ := p.Claims["roles"].([]any); !slices.Equal(p.Roles, []string{"admin"}) || len(claimed) != 2 {
		t.Errorf("roles %q; claims %v", p.Roles, p.Claims)
	}
	is.Tamper(authtest.IssuerUserInfo, func(m map[string]any) { m["roles"] = []string{"MCP-ADMINS", "admin"} })
	be.advance(2 * time.Hour)
	if got := be.wantValid(be.tokens(tok.refreshForm()).access).Roles; len(got) > 0 {
		t.Errorf("roles after the issuer took them back: %q", got)
	}
}
