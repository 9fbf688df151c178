package oidc_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/oidc"
)

const (
	verifier = "a-verifier-of-at-least-forty-three-characters-x"
	redirect = "http://localhost/cb"
	nonce    = "nonce-of-this-sign-in"
)

func newProvider(t *testing.T, is *authtest.Issuer, change func(*oidc.Config)) *oidc.Provider {
	t.Helper()
	cfg := oidc.Config{Issuer: is.URL, ClientID: is.ClientID, ClientSecret: is.ClientSecret, Now: is.Now}
	if change != nil {
		change(&cfg)
	}
	p, err := oidc.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func request() provider.AuthRequest {
	sum := sha256.Sum256([]byte(verifier))
	return provider.AuthRequest{State: "s", Nonce: nonce, Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), RedirectURL: redirect}
}

// authorize plays the browser and returns the answer's parameters.
func authorize(t *testing.T, p provider.Provider) provider.ExchangeRequest {
	t.Helper()
	u, err := p.AuthCodeURL(context.Background(), request())
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
	q := loc.Query()
	return provider.ExchangeRequest{Code: q.Get("code"), Verifier: verifier, RedirectURL: redirect, Nonce: nonce, Issuer: q.Get("iss")}
}

func signIn(t *testing.T, p provider.Provider) *oauth2.Token {
	t.Helper()
	tok, err := p.Exchange(context.Background(), authorize(t, p))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// stored is what a store gives back of a token.
func stored(tok *oauth2.Token) *oauth2.Token {
	t := &oauth2.Token{AccessToken: tok.AccessToken, TokenType: tok.TokenType, RefreshToken: tok.RefreshToken, Expiry: tok.Expiry}
	return provider.Keep(t, provider.Kept(tok))
}

func TestSignIn(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, func(c *oidc.Config) { c.RolesClaim, c.OrgsClaim = "/realm_access/roles", "groups" })
	is.SetUser(map[string]any{
		"sub": "42", "email": "ada@example.com", "email_verified": true, "preferred_username": "root",
		"realm_access": map[string]any{"roles": []string{"admin"}}, "groups": []string{"staff"},
	})
	tok := signIn(t, p)
	for range 2 {
		id, err := p.Identify(context.Background(), tok)
		if err != nil || id.Issuer != is.URL || id.Subject != "42" || id.Username != "ada@example.com" || !id.EmailVerified ||
			!slices.Equal(id.Orgs, []string{"staff"}) || !slices.Contains(id.Scopes, "openid") {
			t.Fatalf("Identify = %+v, %v", id, err)
		}
		if id.Claims["nonce"] != nil || id.Claims["aud"] != nil || id.Claims["groups"] == nil {
			t.Errorf("claims %v", id.Claims)
		}
		if roles, err := p.Roles(context.Background(), id); err != nil || !slices.Equal(roles, []string{"admin"}) {
			t.Errorf("Roles = %v, %v", roles, err)
		}
		tok = stored(tok)
	}
	next, err := p.Refresh(context.Background(), tok)
	if err != nil || next.AccessToken == tok.AccessToken || next.RefreshToken == "" || !next.Expiry.After(time.Now()) {
		t.Fatalf("Refresh = %v", err)
	}
	if id, err := p.Identify(context.Background(), stored(next)); err != nil || id.Subject != "42" {
		t.Errorf("Identify after Refresh = %+v, %v", id, err)
	}
}

// What users may choose themselves is not what user and domain rules are
// compared with.
func TestUnverifiedNames(t *testing.T) {
	for _, verified := range []any{nil, false, "false", "yes", 1} {
		is := authtest.NewIssuer(t)
		is.SetUser(map[string]any{"sub": "666", "email": "ada@example.com", "email_verified": verified, "preferred_username": "ada"})
		p := newProvider(t, is, nil)
		id, err := p.Identify(context.Background(), signIn(t, p))
		if err != nil || id.EmailVerified || id.Username != "" || id.Orgs != nil {
			t.Errorf("email_verified %v: %+v, %v", verified, id, err)
		}
	}
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, func(c *oidc.Config) { c.UsernameClaim = "preferred_username" })
	if id, err := p.Identify(context.Background(), signIn(t, p)); err != nil || id.Username != "ada" {
		t.Errorf("Identify = %+v, %v", id, err)
	}
}

func TestAuthCodeURL(t *testing.T) {
	is := authtest.NewIssuer(t)
	is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { m["authorization_endpoint"] = is.URL + "/authorize?tenant=x" })
	p := newProvider(t, is, nil)
	req := request()
	req.Scopes = []string{"phone", "mcp:use"}
	s, err := p.AuthCodeURL(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("scope") != "openid email profile offline_access phone" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") != nonce || q.Get("tenant") != "x" {
		t.Errorf("query %v", q)
	}
	for what, change := range map[string]func(*provider.AuthRequest){
		"state": func(r *provider.AuthRequest) { r.State = "" }, "nonce": func(r *provider.AuthRequest) { r.Nonce = "" },
		"challenge": func(r *provider.AuthRequest) { r.Challenge = "" }, "redirect": func(r *provider.AuthRequest) { r.RedirectURL = "" },
	} {
		req := request()
		change(&req)
		if _, err := p.AuthCodeURL(context.Background(), req); err == nil {
			t.Errorf("a request without %s was sent", what)
		}
	}
}

// Every ID token that does not fit ends the sign-in.
func TestBadIDToken(t *testing.T) {
	for what, change := range map[string]func(map[string]any){
		"another issuer":       func(c map[string]any) { c["iss"] = "https://evil.test" },
		"another client":       func(c map[string]any) { c["aud"] = "another" },
		"no audience":          func(c map[string]any) { delete(c, "aud") },
		"several, no azp":      func(c map[string]any) { c["aud"] = []string{"mcp-server", "another"} },
		"azp of another":       func(c map[string]any) { c["azp"] = "another" },
		"azp is no string":     func(c map[string]any) { c["azp"] = []string{"mcp-server"} },
		"ended":                func(c map[string]any) { c["exp"] = time.Now().Add(-time.Minute).Unix() },
		"no end":               func(c map[string]any) { delete(c, "exp") },
		"from the future":      func(c map[string]any) { c["iat"] = time.Now().Add(time.Hour).Unix() },
		"another nonce":        func(c map[string]any) { c["nonce"] = "another" },
		"no nonce":             func(c map[string]any) { delete(c, "nonce") },
		"nonce in capitals":    func(c map[string]any) { delete(c, "nonce"); c["NONCE"] = nonce },
		"another access token": func(c map[string]any) { c["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" },
		"no subject":           func(c map[string]any) { delete(c, "sub") },
		"a long subject":       func(c map[string]any) { c["sub"] = strings.Repeat("x", 256) },
	} {
		is := authtest.NewIssuer(t)
		is.Tamper(authtest.IssuerIDToken, change)
		p := newProvider(t, is, nil)
		if tok, err := p.Exchange(context.Background(), authorize(t, p)); tok != nil || !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("%s: %v, want ErrInvalidToken", what, err)
		}
	}
	is := authtest.NewIssuer(t)
	is.Tamper(authtest.IssuerIDToken, func(c map[string]any) { c["aud"], c["azp"] = []string{"another", "mcp-server"}, "mcp-server" })
	signIn(t, newProvider(t, is, nil))
}

func TestForgedIDToken(t *testing.T) {
	is, other := authtest.NewIssuer(t), authtest.NewIssuer(t)
	claims := map[string]any{"iss": is.URL, "aud": is.ClientID, "sub": "1", "nonce": nonce, "exp": time.Now().Add(time.Hour).Unix()}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{}`)) + "."
	for what, idToken := range map[string]string{"another's key": other.Mint("JWT", claims), "none": none, "garbage": "x"} {
		is.Tamper(authtest.IssuerToken, func(m map[string]any) { m["id_token"] = idToken })
		p := newProvider(t, is, nil)
		if _, err := p.Exchange(context.Background(), authorize(t, p)); !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("%s: %v, want ErrInvalidToken", what, err)
		}
	}
	is.Tamper(authtest.IssuerToken, func(m map[string]any) { delete(m, "id_token") })
	p := newProvider(t, is, nil)
	if _, err := p.Exchange(context.Background(), authorize(t, p)); err == nil {
		t.Error("a sign-in without an ID token")
	}
}

// RFC 9207: the answer names its issuer where the metadata promise that.
func TestIssuerParameter(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, nil)
	for _, iss := range []string{"https://evil.test", ""} {
		req := authorize(t, p)
		req.Issuer = iss
		if _, err := p.Exchange(context.Background(), req); !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("iss %q: %v, want ErrInvalidToken", iss, err)
		}
	}
	is.Tamper(authtest.IssuerMetadata, func(m map[string]any) { delete(m, "authorization_response_iss_parameter_supported") })
	is.AnswerAs("")
	signIn(t, newProvider(t, is, nil))
}

func TestExchangeRefuses(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, nil)
	used := authorize(t, p)
	if _, err := p.Exchange(context.Background(), used); err != nil {
		t.Fatal(err)
	}
	wrong := authorize(t, p)
	wrong.Verifier = strings.Repeat("x", 43)
	for what, req := range map[string]provider.ExchangeRequest{"used code": used, "wrong verifier": wrong} {
		_, err := p.Exchange(context.Background(), req)
		if !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("%s: %v, want ErrInvalidToken", what, err)
		}
		for _, secret := range []string{req.Code, req.Verifier, is.ClientSecret} {
			if strings.Contains(fmt.Sprint(err), secret) {
				t.Errorf("%s: the error holds a secret: %v", what, err)
			}
		}
	}
	bad := newProvider(t, is, func(c *oidc.Config) { c.ClientSecret = "0123456789abcdef" })
	if _, err := bad.Exchange(context.Background(), authorize(t, bad)); err == nil || errors.Is(err, provider.ErrInvalidToken) || !strings.Contains(err.Error(), "OIDC_CLIENT_SECRET") {
		t.Errorf("wrong credentials of ours: %v", err)
	}
}

// Outages are no sign-outs.
func TestOutages(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, nil)
	is.SetDown(true)
	if _, err := p.AuthCodeURL(context.Background(), request()); err == nil || errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("AuthCodeURL while down: %v", err)
	}
	is.SetDown(false)
	p = newProvider(t, is, nil)
	tok := signIn(t, p)
	is.SetDown(true)
	for what, call := range map[string]func() error{
		"Refresh":  func() error { _, err := p.Refresh(context.Background(), tok); return err },
		"Identify": func() error { _, err := p.Identify(context.Background(), tok); return err },
	} {
		if err := call(); err == nil || errors.Is(err, provider.ErrInvalidToken) || errors.Is(err, provider.ErrDenied) {
			t.Errorf("%s while down: %v", what, err)
		}
	}
	is.SetDown(false)
	is.RevokeAll()
	if _, err := p.Identify(context.Background(), tok); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("Identify of a revoked token: %v", err)
	}
	if _, err := p.Refresh(context.Background(), tok); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("Refresh of a revoked token: %v", err)
	}
}

// Tokens that this client did not get identify nobody.
func TestForeignTokens(t *testing.T) {
	is, other := authtest.NewIssuer(t), authtest.NewIssuer(t)
	p, q := newProvider(t, is, nil), newProvider(t, other, nil)
	foreign := signIn(t, q)
	for what, tok := range map[string]*oauth2.Token{
		"nil": nil, "empty": {}, "bare": {AccessToken: is.Opaque()}, "another issuer's": foreign,
	} {
		if _, err := p.Identify(context.Background(), tok); !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("%s: %v, want ErrInvalidToken", what, err)
		}
	}
	tok := signIn(t, p)
	is.SetUser(map[string]any{"sub": "666"})
	swapped := stored(tok)
	swapped.AccessToken = is.Opaque() // valid, of another user
	if _, err := p.Identify(context.Background(), swapped); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("another user's access token: %v, want ErrInvalidToken", err)
	}
	if _, err := p.Refresh(context.Background(), &oauth2.Token{AccessToken: "x"}); !errors.Is(err, provider.ErrNoRefresh) {
		t.Errorf("Refresh without a refresh token: %v", err)
	}
}

// What an ID token said once is believed of this issuer, this client and a user, and of
// no other: a store may hold what another configuration wrote.
func TestKeptClaimsOfAnother(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, nil)
	tok := signIn(t, p)
	if _, err := p.Identify(context.Background(), stored(tok)); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(claims map[string]any){
		"another issuer": func(c map[string]any) { c["iss"] = "https://other.test" },
		"no issuer":      func(c map[string]any) { delete(c, "iss") },
		"another client": func(c map[string]any) { c["aud"] = "another" },
		"no client":      func(c map[string]any) { delete(c, "aud") },
		"nobody":         func(c map[string]any) { c["sub"] = "" },
	} {
		var all map[string]any
		if err := json.Unmarshal([]byte(provider.Kept(tok)), &all); err != nil {
			t.Fatal(err)
		}
		change(all["claims"].(map[string]any))
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		for _, kept := range []string{string(text), string(text[:len(text)-1])} {
			if id, err := p.Identify(context.Background(), provider.Keep(stored(tok), kept)); !errors.Is(err, provider.ErrInvalidToken) {
				t.Errorf("%s: %v, %v", name, id, err)
			}
		}
	}
}

func TestRefreshOfAnotherUser(t *testing.T) {
	is := authtest.NewIssuer(t)
	p := newProvider(t, is, nil)
	tok := signIn(t, p)
	is.Tamper(authtest.IssuerIDToken, func(c map[string]any) { c["sub"] = "666" })
	if _, err := p.Refresh(context.Background(), tok); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("Refresh = %v, want ErrInvalidToken", err)
	}
	is.Tamper(authtest.IssuerIDToken, nil)
	tok = signIn(t, p)
	is.Tamper(authtest.IssuerToken, func(m map[string]any) { delete(m, "id_token"); delete(m, "refresh_token"); delete(m, "scope") })
	next, err := p.Refresh(context.Background(), tok)
	if err != nil || next.RefreshToken != tok.RefreshToken || provider.Kept(next) != provider.Kept(tok) {
		t.Errorf("Refresh without an ID token = %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := oidc.Config{Issuer: "https://login.test", ClientID: "my-mcp-server", ClientSecret: "0123456789abcdef"}
	p, err := oidc.New(good)
	if err != nil {
		t.Fatal(err)
	}
	if s := fmt.Sprintf("%v %+v %#v %v %#v", p, p, p, good, good); strings.Contains(s, good.ClientSecret) {
		t.Errorf("the secret is printed: %s", s)
	}
	for want, change := range map[string]func(*oidc.Config){
		"OIDC_ISSUER is not set":                      func(c *oidc.Config) { c.Issuer = "" },
		"OIDC_ISSUER: ":                               func(c *oidc.Config) { c.Issuer = "http://login.test" },
		"OIDC_CLIENT_ID is not set":                   func(c *oidc.Config) { c.ClientID = "" },
		"OIDC_CLIENT_SECRET is still":                 func(c *oidc.Config) { c.ClientSecret = "your-secret" },
		"WORK_LOGIN_CLIENT_SECRET is not set":         func(c *oidc.Config) { c.Name, c.ClientSecret = "work-login", "" },
		`Config.Scopes: "a b" is no scope`:            func(c *oidc.Config) { c.Scopes = []string{"a b"} },
		`Config.Algorithms: algorithm "HS256" is not`: func(c *oidc.Config) { c.Algorithms = []string{"HS256"} },
	} {
		cfg := good
		change(&cfg)
		if _, err := oidc.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
	}
}

// An issuer's tokens are sent where the program says, and nowhere by default.
func TestAPIOrigins(t *testing.T) {
	is := authtest.NewIssuer(t)
	if got := newProvider(t, is, nil).APIOrigins(); len(got) > 0 {
		t.Errorf("by default %v", got)
	}
	named := []string{"https://graph.microsoft.com"}
	p := newProvider(t, is, func(c *oidc.Config) { c.APIOrigins = named })
	named[0] = "https://evil.example"
	p.APIOrigins()[0] = "https://evil.example"
	if got := p.APIOrigins(); !slices.Equal(got, []string{"https://graph.microsoft.com"}) {
		t.Errorf("%v: can be changed from outside", got)
	}
	for _, bad := range []string{"http://graph.microsoft.com", "graph.microsoft.com", "https://*.microsoft.com", "https://graph.microsoft.com/v1.0", ""} {
		cfg := oidc.Config{Issuer: is.URL, ClientID: is.ClientID, ClientSecret: is.ClientSecret, APIOrigins: []string{bad}}
		if _, err := oidc.New(cfg); err == nil || !strings.Contains(err.Error(), "APIOrigins") {
			t.Errorf("%q: %v, want an error that names the field", bad, err)
		}
	}
}
