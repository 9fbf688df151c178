package e2e

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// An API key is never shown to the authorization server that is asked about
// tokens, whether it is one or not; and a token is not looked up among the keys.
func TestKeysBesideIntrospection(t *testing.T) {
	t.Parallel()
	is := authtest.NewIssuer(t)
	key, entry := aKey("0123456789abcdef", "ci", "")
	b := migrated(t, "mcpgo-mux", []string{
		"OIDC_ISSUER=" + is.URL, "OIDC_CLIENT_ID=" + is.ClientID, "OIDC_CLIENT_SECRET=" + is.ClientSecret, "MCP_API_KEYS_FILE=" + keyFile(t, entry),
	}, "--provider", "jwt,apikey", "--issuer", is.URL, "--introspection-url", is.URL+authtest.IssuerIntrospection)
	is.Tamper(authtest.IssuerIntrospection, func(m map[string]any) { m["aud"] = b.url() })
	if m := b.metadata(t); len(m.Servers) != 1 || m.Servers[0] != is.URL {
		t.Errorf("metadata name the authorization servers %q", m.Servers)
	}
	b.calls(t, key, map[string]string{"an unknown key": "mcpk_" + strings.Repeat("fedcba9876543210", 4)})
	if n := is.Calls(authtest.IssuerIntrospection); n != 0 {
		t.Errorf("the authorization server was asked %d times about API keys", n)
	}
	b.calls(t, is.Opaque(), map[string]string{})
}

// three are the providers of one program, each with its present user.
type three struct {
	*bed
	github *authtest.GitHub
	google *authtest.Google
	oidc   *authtest.Issuer
}

// newThree migrates a server to sign-in at three places, with API keys besides.
func newThree(t *testing.T, server, roles, keys string) *three {
	t.Helper()
	h := &three{github: authtest.NewGitHub(t), google: authtest.NewGoogle(t), oidc: authtest.NewIssuer(t)}
	env := append(h.google.Env(), "GITHUB_CLIENT_ID="+h.github.ClientID, "GITHUB_CLIENT_SECRET="+h.github.ClientSecret, "GITHUB_BASE_URL="+h.github.URL,
		"OIDC_ISSUER="+h.oidc.URL, "OIDC_CLIENT_ID="+h.oidc.ClientID, "OIDC_CLIENT_SECRET="+h.oidc.ClientSecret,
		"MCP_ROLES="+roles, "MCP_API_KEYS_FILE="+keys)
	h.bed = migrated(t, server, env, "--provider", "github", "--provider", "google,oidc", "--provider", "apikey", "--issuer", h.oidc.URL, "--store", "memory",
		"--allow", "github:user:ada,google:user:ada@example.com", "--allow", "oidc:user:bob@example.com", "--tool-roles", "delete_*=admin")
	h.google.Register(strings.TrimSuffix(h.url(), "/mcp") + "/oauth/callback/google")
	return h
}

// at signs in at one of the providers, after a look at the page that lists them.
func (h *three) at(t *testing.T, provider string) (*signin.Session, error) {
	t.Helper()
	return signin.Connect(t.Context(), signin.Options{URL: h.url(), Browser: func(ctx context.Context, authURL string) (*url.URL, error) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, err
		}
		client := &http.Client{Transport: h.google.Transport(), Jar: jar}
		chooser(t, client, authURL)
		return robot.SignIn(ctx, client, authURL, map[string]string{"provider": provider})
	}})
}

// chooser makes sure that the page offers the three providers and nothing else.
func chooser(t *testing.T, client *http.Client, authURL string) {
	t.Helper()
	res, err := client.Get(authURL)
	if err != nil {
		t.Error(err)
		return
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	for _, name := range []string{"github", "google", "oidc"} {
		if !strings.Contains(string(page), `name="provider" value="`+name+`"`) {
			t.Errorf("the page does not offer %s:\n%s", name, page)
		}
	}
	if n := strings.Count(string(page), `name="provider"`); n != 3 {
		t.Errorf("the page offers %d providers", n)
	}
}

// token signs in and returns the access token.
func (h *three) token(t *testing.T, provider string) string {
	t.Helper()
	s, err := h.at(t, provider)
	if err != nil {
		t.Fatalf("%s: %v", provider, err)
	}
	defer s.Close()
	if text, err := s.CallTool(t.Context(), h.ReadOnly, nil); err != nil || !strings.Contains(text, h.Want) {
		t.Errorf("the user of %s calls %s: %q, %v", provider, h.ReadOnly, text, err)
	}
	token, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (h *three) mustNotEnter(t *testing.T, provider, who string) {
	t.Helper()
	if s, err := h.at(t, provider); err == nil || !strings.Contains(err.Error(), "access_denied") {
		if err == nil {
			s.Close()
		}
		t.Errorf("%s of %s signed in, or not for want of a rule: %v", who, provider, err)
	}
}

func address(sub, email string) map[string]any {
	return map[string]any{"sub": sub, "email": email, "email_verified": true}
}

// Users of three providers and a program's key, at one server of each SDK. Every
// one comes in by their own rule; the same name at another provider opens nothing
// and gives no role.
func TestSeveralProviders(t *testing.T) {
	for _, server := range []string{"mcpgo-full", "gosdk-full"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			key, entry := aKey("0123456789abcdef", "ci", `, "roles": ["admin"]`)
			plain, plainEntry := aKey("fedcba9876543210", "ada@gmail.com", "")
			h := newThree(t, server, "admin=google:user:ada@gmail.com,github:user:ada,google:user:bob@example.com", keyFile(t, entry, plainEntry))

			h.github.SetUser(ada)
			admin := h.token(t, "github")
			h.google.SetUser(authtest.GoogleUser{Subject: "1", Email: "ada@example.com", Verified: true, Domain: "example.com"})
			h.lacksRole(t, "ada@example.com of Google", h.token(t, "google"))
			// The same address as an admin's at Google, and as somebody's who may.
			h.oidc.SetUser(address("1", "bob@example.com"))
			bob := h.token(t, "oidc")
			h.lacksRole(t, "bob@example.com of the issuer", bob)

			h.github.SetUser(mallory)
			h.mustNotEnter(t, "github", "mallory")
			h.oidc.SetUser(map[string]any{"sub": "2", "email": "ada@example.com", "email_verified": true, "preferred_username": "ada", "hd": "example.com", "roles": []string{"admin"}})
			h.mustNotEnter(t, "oidc", "ada@example.com")
			h.google.SetUser(authtest.GoogleUser{Subject: "3", Email: "bob@example.com", Verified: true, Domain: "example.com"})
			h.mustNotEnter(t, "google", "bob@example.com")

			h.lacksRole(t, "a key whose subject is an admin's address", plain)
			for what, token := range map[string]string{"an unknown key": key + "0", "a broker's token that looks like a key": "mcpk_" + bob, "a key that looks like a broker's token": "mcpat_" + key} {
				a, err := (&probe.Client{URL: h.url(), Token: token}).CallTool(t.Context(), "delete_note", h.Delete)
				h.mustRefuse(t, "delete_note with "+what, a, err)
			}
			// Last, since the note is gone then.
			h.hasRole(t, "ada of GitHub", admin)
			h.hasRole(t, "a key with the role", key)
		})
	}
}
