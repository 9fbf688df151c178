package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// withEnterprise lets the users of idp in whom the rules name.
func withEnterprise(t *testing.T, idp *authtest.Issuer, rules string) func(*Config) {
	return func(c *Config) {
		t.Helper()
		keys, err1 := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: idp.URL, Now: c.Now})
		allow, err2 := AllowRules(rules)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		c.Enterprise, c.Allow = []EnterpriseIssuer{{Name: "work", Issuer: idp.URL, Keys: keys}}, allow
	}
}

const everybody = "work:domain:example.com,dev:anyone"

// idJAG is the claims of a good identity assertion for a client.
func (be *bench) idJAG(idp *authtest.Issuer, client, jti string) map[string]any {
	now := be.clock.Now()
	return map[string]any{
		"iss": idp.URL, "sub": "U42", "aud": be.b.Issuer(), "resource": be.b.resource.String(), "client_id": client, "jti": jti,
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "scope": "mcp:read other", "email": "ada@example.com", "email_verified": true,
	}
}

func exchanged(client, jwt string) url.Values {
	return url.Values{"grant_type": {grantAssertion}, "assertion": {jwt}, "client_id": {client}}
}

// A user whom the company's issuer vouches for gets a token for this server, with the
// scopes that the issuer granted, no refresh token, and is known for who they are.
func TestEnterpriseUsersComeInByTheirIssuer(t *testing.T) {
	var log bytes.Buffer
	idp := authtest.NewIssuer(t)
	be := newBench(t, func(c *Config) {
		withEnterprise(t, idp, everybody)(c)
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
		c.Roles = func(_ context.Context, id *provider.Identity) ([]string, error) {
			return []string{id.Provider + " " + id.Username}, nil
		}
	})
	client := be.register("")["client_id"].(string)
	jwt := idp.Mint(typeIDJAG, be.idJAG(idp, client, "1"))
	tok := be.tokens(exchanged(client, jwt))
	p := be.wantValid(tok.access)
	if p.Issuer != idp.URL || p.Subject != "U42" || p.ClientID != client || p.Username != "ada@example.com" || tok.refresh != "" ||
		!slices.Equal(p.Scopes, []string{"mcp:read"}) || tok.scope != "mcp:read" || !slices.Equal(p.Roles, []string{"work ada@example.com"}) {
		t.Errorf("%+v, %+v", p, tok)
	}
	if s := log.String(); strings.Contains(s, jwt) || strings.Contains(s, tok.access) || !strings.Contains(s, "by=id-jag") {
		t.Errorf("log %s", s)
	}
	if _, err := be.b.TokenSource(be.as(tok)).Token(); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("a token of the issuer's: %v", err)
	}
	if err := be.b.Revoke(context.Background(), idp.URL, "U42"); err != nil {
		t.Fatal(err)
	}
	be.wantInvalid(tok.access)
	m := be.b.metadata()
	if !slices.Contains(m.GrantTypes, grantAssertion) || !slices.Equal(m.GrantProfiles, []string{profileIDJAG}) {
		t.Errorf("metadata %+v", m)
	}
}

// Only an identity assertion of a configured issuer, for this client, this server and
// this resource, is exchanged.
func TestIdentityAssertionIsRefused(t *testing.T) {
	idp, evil := authtest.NewIssuer(t), authtest.NewIssuer(t)
	be := newBench(t, withEnterprise(t, idp, everybody))
	client := be.register("")["client_id"].(string)
	other := be.register(`{"client_name":"Other","redirect_uris":["http://127.0.0.1/callback"]}`)["client_id"].(string)
	now := be.clock.Now()
	for name, change := range map[string]func(map[string]any){
		"an issuer that is not configured": func(c map[string]any) { c["iss"] = evil.URL },
		"no issuer":                        func(c map[string]any) { delete(c, "iss") },
		"issuer in capitals":               func(c map[string]any) { c["ISS"] = c["iss"]; delete(c, "iss") },
		"no subject":                       func(c map[string]any) { delete(c, "sub") },
		"a long subject":                   func(c map[string]any) { c["sub"] = strings.Repeat("x", 256) },
		"no audience":                      func(c map[string]any) { delete(c, "aud") },
		"another server":                   func(c map[string]any) { c["aud"] = "https://evil.test" },
		"the token endpoint":               func(c map[string]any) { c["aud"] = be.b.Issuer() + pathToken },
		"several servers":                  func(c map[string]any) { c["aud"] = []string{be.b.Issuer(), "https://evil.test"} },
		"no resource":                      func(c map[string]any) { delete(c, "resource") },
		"another resource":                 func(c map[string]any) { c["resource"] = be.b.resource.String() + "2" },
		"several resources":                func(c map[string]any) { c["resource"] = []string{be.b.resource.String(), "https://evil.test/mcp"} },
		"another client":                   func(c map[string]any) { c["client_id"] = other },
		"no client":                        func(c map[string]any) { delete(c, "client_id") },
		"no name":                          func(c map[string]any) { delete(c, "jti") },
		"no end":                           func(c map[string]any) { delete(c, "exp") },
		"ended":                            func(c map[string]any) { c["exp"] = now.Add(-time.Minute).Unix() },
		"good for a day":                   func(c map[string]any) { c["exp"] = now.Add(24 * time.Hour).Unix() },
		"no time":                          func(c map[string]any) { delete(c, "iat") },
		"from the future":                  func(c map[string]any) { c["iat"] = now.Add(time.Minute).Unix() },
		"bound to a key":                   func(c map[string]any) { c["cnf"] = map[string]any{"jkt": "x"} },
		"an address nobody vouches for":    func(c map[string]any) { c["email_verified"] = false },
		"a user whom no rule names":        func(c map[string]any) { c["email"] = "mallory@evil.test" },
	} {
		claims := be.idJAG(idp, client, name)
		change(claims)
		t.Log(name)
		be.refused(exchanged(client, idp.Mint(typeIDJAG, claims)), "invalid_grant")
	}
	good := be.idJAG(idp, client, "good")
	jwt := idp.Mint(typeIDJAG, good)
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"an ID token":             {exchanged(client, idp.Mint("JWT", good)), "invalid_grant"},
		"an access token":         {exchanged(client, idp.Mint("at+jwt", good)), "invalid_grant"},
		"of no type":              {exchanged(client, idp.Mint("", good)), "invalid_grant"},
		"signed by another":       {exchanged(client, evil.Mint(typeIDJAG, good)), "invalid_grant"},
		"signed by another, kid":  {exchanged(client, evil.MintAs(typeIDJAG, "key-1", good)), "invalid_grant"},
		"no assertion":            {exchanged(client, ""), "invalid_grant"},
		"sent by another client":  {exchanged(other, jwt), "invalid_grant"},
		"sent by nobody":          {exchanged("nobody", jwt), "invalid_client"},
		"for another resource":    {with(exchanged(client, jwt), "resource", "https://other.test/mcp"), "invalid_target"},
		"scopes that nobody gave": {with(exchanged(client, jwt), "scope", "mcp:write"), "invalid_scope"},
		"a malformed scope":       {with(exchanged(client, jwt), "scope", "\""), "invalid_scope"},
	} {
		t.Log(name)
		be.refused(c.form, c.want)
	}
	be.tokens(exchanged(client, jwt)) // nothing of the above used it up
	be.refused(exchanged(client, jwt), "invalid_grant")
	be.advance(5 * time.Minute)
	be.refused(exchanged(client, jwt), "invalid_grant")
}

func with(v url.Values, name, value string) url.Values {
	v.Set(name, value)
	return v
}

// Nobody has a scope that the issuer did not grant, also where it says nothing.
func TestAssertedScopes(t *testing.T) {
	idp := authtest.NewIssuer(t)
	be := newBench(t, withEnterprise(t, idp, everybody))
	client := be.register("")["client_id"].(string)
	for i, c := range []struct {
		granted any
		asked   string
		want    string
	}{
		{"mcp:read mcp:write admin", "", "mcp:read mcp:write"},
		{"mcp:read mcp:write", "mcp:write admin offline_access", "mcp:write"},
		{nil, "", ""},
		{[]string{"mcp:read"}, "", ""},
		{"", "", ""},
	} {
		claims := be.idJAG(idp, client, fmt.Sprint(i))
		if claims["scope"] = c.granted; c.granted == nil {
			delete(claims, "scope")
		}
		tok := be.tokens(with(exchanged(client, idp.Mint(typeIDJAG, claims)), "scope", c.asked))
		if p := be.wantValid(tok.access); tok.scope != c.want || strings.Join(p.Scopes, " ") != c.want {
			t.Errorf("granted %v, asked %q: %q, %v", c.granted, c.asked, tok.scope, p.Scopes)
		}
	}
}

// Without an issuer of that kind the grant is off.
func TestEnterpriseIsOff(t *testing.T) {
	idp := authtest.NewIssuer(t)
	be := newBench(t, nil)
	client := be.register("")["client_id"].(string)
	be.refused(exchanged(client, idp.Mint(typeIDJAG, be.idJAG(idp, client, "1"))), "unsupported_grant_type")
	if m := be.b.metadata(); m.GrantProfiles != nil || slices.Contains(m.GrantTypes, grantAssertion) {
		t.Errorf("metadata %+v", m)
	}
	if idp.Calls(authtest.IssuerKeys) != 0 {
		t.Error("the issuer was asked")
	}
}

// Outages are no refusals, and use nothing up: of the issuer, of the store, of whoever
// says which roles a user has. What is no assertion of the issuer's asks it nothing.
func TestEnterpriseOutages(t *testing.T) {
	idp := authtest.NewIssuer(t)
	store := &puts{failing: failing{Store: memstore.New()}}
	var roles error
	be := newBench(t, func(c *Config) {
		withEnterprise(t, idp, everybody)(c)
		c.Store, c.Keys = store, [][]byte{make([]byte, 32)}
		c.Roles = func(context.Context, *provider.Identity) ([]string, error) { return nil, roles }
	})
	client := be.register("")["client_id"].(string)
	form := exchanged(client, idp.Mint(typeIDJAG, be.idJAG(idp, client, "1")))
	idp.SetDown(true)
	be.refused(form, "temporarily_unavailable")
	idp.SetDown(false)
	be.advance(time.Minute)
	roles = errors.New("the directory is down")
	be.refused(form, "temporarily_unavailable")
	roles = nil
	store.down = true
	be.refused(form, "temporarily_unavailable")
	store.down = false
	be.tokens(form)
	be.refused(form, "invalid_grant")
}

// An assertion is no way to authenticate, and a machine may not bring one.
func TestMachinesBringNoIdentityAssertion(t *testing.T) {
	idp := authtest.NewIssuer(t)
	be := newBench(t, func(c *Config) {
		withEnterprise(t, idp, everybody)(c)
		withMachines(t, idp)(c)
	})
	form := be.cron()
	form.Set("grant_type", grantAssertion)
	form.Set("assertion", idp.Mint(typeIDJAG, be.idJAG(idp, "cron", "1")))
	be.refused(form, "unauthorized_client")
	form = asserted(idp.Mint(typeIDJAG, be.claims("1")))
	be.refused(form, "invalid_client")
	if res := be.post(pathToken, exchanged("", "x")); res.StatusCode != http.StatusBadRequest {
		t.Errorf("no client: %d", res.StatusCode)
	}
}

func TestEnterpriseThatIsRefused(t *testing.T) {
	keys, err := jwtauth.NewIssuerKeys(jwtauth.IssuerKeysConfig{Issuer: "https://idp.test"})
	if err != nil {
		t.Fatal(err)
	}
	d, _ := providers(t)
	anyone, err := AllowRules("anyone")
	if err != nil {
		t.Fatal(err)
	}
	good := EnterpriseIssuer{Name: "work", Issuer: "https://idp.test", Keys: keys}
	for want, change := range map[string]func(*Config){
		`Name ""`:               func(c *Config) { c.Enterprise[0].Name = "" },
		`Name "dev"`:            func(c *Config) { c.Enterprise[0].Name = "dev" },
		"https":                 func(c *Config) { c.Enterprise[0].Issuer = "http://idp.test" },
		"Enterprise[1]: Name":   func(c *Config) { c.Enterprise = append(c.Enterprise, good) },
		"Issuer is there twice": func(c *Config) { c.Enterprise = append(c.Enterprise, EnterpriseIssuer{"b", good.Issuer, keys}) },
		"Keys":                  func(c *Config) { c.Enterprise[0].Keys = nil },
		"Config.Allow is nil, so every user of the issuer": func(c *Config) { c.Allow = nil },
	} {
		cfg := Config{Resource: "http://localhost:8080/mcp", Providers: []provider.Provider{d}, Allow: anyone, Enterprise: []EnterpriseIssuer{good}}
		if _, err := New(cfg); err != nil {
			t.Fatal(err)
		}
		change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// A client that is named by its document comes in with one that we take, which is
// fetched only once the issuer has vouched for it.
func TestEnterpriseClientsNamedByTheirDocument(t *testing.T) {
	idp := authtest.NewIssuer(t)
	be := newBench(t, withEnterprise(t, idp, everybody))
	n := be.documents(serveDocument(goodDocument()))
	be.refused(exchanged(documentID, authtest.NewIssuer(t).Mint(typeIDJAG, be.idJAG(idp, documentID, "1"))), "invalid_grant")
	if n.Load() != 0 {
		t.Error("a stranger had the document fetched")
	}
	tok := be.tokens(exchanged(documentID, idp.Mint(typeIDJAG, be.idJAG(idp, documentID, "1"))))
	if p := be.wantValid(tok.access); p.ClientID != documentID || n.Load() != 1 {
		t.Errorf("%+v, fetched %d times", p, n.Load())
	}
	be = newBench(t, withEnterprise(t, idp, everybody))
	be.documents(func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
	form := exchanged(documentID, idp.Mint(typeIDJAG, be.idJAG(idp, documentID, "2")))
	be.refused(form, "invalid_client")
	be = newBench(t, func(c *Config) { withEnterprise(t, idp, everybody)(c); c.NoClientDocuments = true })
	form = exchanged(documentID, idp.Mint(typeIDJAG, be.idJAG(idp, documentID, "3")))
	be.refused(form, "invalid_client")
}

// With a provider and such an issuer a name alone says nothing: somebody else may have
// it at the other one.
func TestEnterpriseRulesNameTheirIssuer(t *testing.T) {
	idp := authtest.NewIssuer(t)
	for rules, want := range map[string][2]bool{
		"user:ada@example.com,user:alice":          {false, false},
		"work:user:ada@example.com,dev:user:alice": {true, true},
		"dev:user:ada@example.com,work:user:alice": {false, false},
	} {
		be := newBench(t, withEnterprise(t, idp, rules))
		client := be.register("")["client_id"].(string)
		res := be.post(pathToken, exchanged(client, idp.Mint(typeIDJAG, be.idJAG(idp, client, "1"))))
		res.Body.Close()
		u, err := robot.SignIn(context.Background(), nil, be.authURL(be.newFlow(client)), answers())
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{res.StatusCode == http.StatusOK, u.Query().Has("code")}; got != want {
			t.Errorf("%s: let in %v, want %v", rules, got, want)
		}
	}
}
