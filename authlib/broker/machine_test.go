package broker

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/jwtauth"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

const machineSecret = "a secret that is long enough to be none that one guesses"

// publicKeys are a machine's, whose private key signs what signer mints.
func publicKeys(t *testing.T, signer *authtest.Issuer) *jwtauth.Keys {
	t.Helper()
	res, err := http.Get(signer.URL + authtest.IssuerKeys)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	doc, _ := io.ReadAll(res.Body)
	keys, err := jwtauth.ParseKeys(doc)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// withMachines adds "robot", which signs, and "cron", which has a secret.
func withMachines(t *testing.T, signer *authtest.Issuer) func(*Config) {
	keys := publicKeys(t, signer)
	return func(c *Config) {
		c.Machines = []Machine{
			{ID: "robot", Keys: keys, Scopes: []string{"mcp:read", "mcp:write"}, Roles: []string{"admin"}},
			{ID: "cron", SecretSHA256: hex.EncodeToString(hash(machineSecret)), Scopes: []string{"mcp:read"}},
		}
	}
}

// claims are those of a good assertion of robot's.
func (be *bench) claims(jti string) map[string]any {
	now := be.clock.Now()
	return map[string]any{
		"iss": "robot", "sub": "robot", "aud": be.b.Issuer(), "jti": jti, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	}
}

func asserted(jwt string) url.Values {
	return url.Values{"grant_type": {grantMachine}, "client_assertion_type": {assertionType}, "client_assertion": {jwt}}
}

func (be *bench) cron() url.Values {
	return url.Values{"grant_type": {grantMachine}, "client_id": {"cron"}, "client_secret": {machineSecret}, "resource": {be.b.resource.String()}}
}

// A machine gets a token for itself, by its key or its secret, and no refresh token.
func TestMachinesGetTokensOfTheirOwn(t *testing.T) {
	var log bytes.Buffer
	signer := authtest.NewIssuer(t)
	be := newBench(t, func(c *Config) {
		withMachines(t, signer)(c)
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	for i, aud := range []any{be.b.Issuer(), be.b.Issuer() + pathToken, []string{be.b.Issuer()}} {
		claims := be.claims(fmt.Sprint(i))
		claims["aud"] = aud
		jwt := signer.Mint([]string{"JWT", "", "client-authentication+jwt"}[i], claims)
		tok := be.tokens(asserted(jwt))
		p := be.wantValid(tok.access)
		if p.Issuer != be.b.Issuer()+"/oauth/machine" || p.Subject != "robot" || p.ClientID != "robot" || tok.refresh != "" ||
			!slices.Equal(p.Scopes, []string{"mcp:read", "mcp:write"}) || !slices.Equal(p.Roles, []string{"admin"}) || tok.scope != "mcp:read mcp:write" {
			t.Errorf("%+v, %+v", p, tok)
		}
		if strings.Contains(log.String(), jwt) || strings.Contains(log.String(), tok.access) {
			t.Error("a secret is in the log")
		}
	}
	tok := be.tokens(be.cron())
	if p := be.wantValid(tok.access); p.Subject != "cron" || p.Roles != nil || tok.refresh != "" || tok.scope != "mcp:read" {
		t.Errorf("%+v, %+v", p, tok)
	}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {basicAuth("cron", url.QueryEscape(machineSecret))}}
	if status := be.send(h, url.Values{"grant_type": {grantMachine}}); status != http.StatusOK {
		t.Errorf("Basic: %d", status)
	}
	if !strings.Contains(log.String(), "machine_token") || strings.Contains(log.String(), machineSecret) {
		t.Errorf("log %s", log.String())
	}
	be.advance(be.b.cfg.AccessTTL)
	be.wantInvalid(tok.access)
}

// Only an assertion that robot made just now, for here, and once, is robot's.
func TestMachineAssertionIsRefused(t *testing.T) {
	signer, thief := authtest.NewIssuer(t), authtest.NewIssuer(t)
	be := newBench(t, withMachines(t, signer))
	now := be.clock.Now()
	for name, change := range map[string]func(map[string]any){
		"no issuer":            func(c map[string]any) { delete(c, "iss") },
		"another issuer":       func(c map[string]any) { c["iss"] = "cron" },
		"another subject":      func(c map[string]any) { c["sub"] = "cron" },
		"issuer in capitals":   func(c map[string]any) { delete(c, "iss"); c["ISS"] = "robot" },
		"no audience":          func(c map[string]any) { delete(c, "aud") },
		"another audience":     func(c map[string]any) { c["aud"] = "https://evil.test" },
		"the resource":         func(c map[string]any) { c["aud"] = be.b.resource.String() },
		"several audiences":    func(c map[string]any) { c["aud"] = []string{be.b.Issuer(), "https://evil.test"} },
		"audience of numbers":  func(c map[string]any) { c["aud"] = []any{1} },
		"longer audience":      func(c map[string]any) { c["aud"] = be.b.Issuer() + ".evil.test" },
		"no end":               func(c map[string]any) { delete(c, "exp") },
		"end is a string":      func(c map[string]any) { c["exp"] = "4102444800" },
		"end is negative":      func(c map[string]any) { c["exp"] = -1 },
		"ended":                func(c map[string]any) { c["exp"] = now.Add(-31 * time.Second).Unix() },
		"good for a day":       func(c map[string]any) { c["exp"] = now.Add(24 * time.Hour).Unix() },
		"from the future":      func(c map[string]any) { c["iat"] = now.Add(time.Minute).Unix() },
		"no date":              func(c map[string]any) { c["iat"] = "yesterday" },
		"not yet":              func(c map[string]any) { c["nbf"] = now.Add(time.Minute).Unix() },
		"no name":              func(c map[string]any) { delete(c, "jti") },
		"name is a number":     func(c map[string]any) { c["jti"] = 1 },
		"a very long name":     func(c map[string]any) { c["jti"] = strings.Repeat("x", maxJTI+1) },
		"subject is an array":  func(c map[string]any) { c["sub"] = []string{"robot"} },
		"nobody's":             func(c map[string]any) { c["iss"], c["sub"] = "nobody", "nobody" },
		"a machine's, no keys": func(c map[string]any) { c["iss"], c["sub"] = "cron", "cron" },
	} {
		claims := be.claims(name)
		change(claims)
		form := asserted(signer.Mint("JWT", claims))
		form.Set("client_id", "robot")
		if name == "nobody's" || name == "a machine's, no keys" {
			form.Set("client_id", claims["sub"].(string))
		}
		t.Log(name)
		be.refused(form, "invalid_client")
	}
	good := be.claims("form")
	for name, jwt := range map[string]string{
		"another's key":       thief.Mint("JWT", good),
		"another's with kid":  thief.MintAs("JWT", "key-1", good),
		"an access token":     signer.Mint("at+jwt", good),
		"an ID-JAG":           signer.Mint("oauth-id-jag+jwt", good),
		"unsigned":            base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(signer.Mint("JWT", good), ".")[1] + ".",
		"signature left out":  strings.Join(strings.Split(signer.Mint("JWT", good), ".")[:2], ".") + ".",
		"empty":               "",
		"no JWT":              "x.y.z",
		"an end and no start": ".",
	} {
		form := asserted(jwt)
		form.Set("client_id", "robot")
		t.Log(name)
		be.refused(form, "invalid_client")
	}
	be.tokens(asserted(signer.Mint("JWT", good))) // nothing of the above used its name up
}

// An assertion is good for one request, also at another process, and its name is
// remembered for as long as it could be used.
func TestMachineAssertionIsGoodOnce(t *testing.T) {
	signer := authtest.NewIssuer(t)
	store := memstore.New()
	shared := func(c *Config) {
		withMachines(t, signer)(c)
		store.Now = c.Now
		c.Store, c.Keys = store, [][]byte{make([]byte, 32)}
	}
	be := newBench(t, shared)
	form := asserted(signer.Mint("JWT", be.claims("once")))
	be.tokens(form)
	be.refused(form, "invalid_client")
	be.serve(be.newBroker(shared))
	be.refused(form, "invalid_client")
	be.advance(5*time.Minute + 29*time.Second)
	be.refused(form, "invalid_client")
	be.advance(time.Minute)
	be.refused(form, "invalid_client") // it has ended
	form = asserted(signer.Mint("JWT", be.claims("race")))
	answers := make(chan int, 10)
	for range cap(answers) {
		go func() {
			res, err := http.PostForm(be.srv.URL+pathToken, form)
			if err != nil {
				answers <- 0
				return
			}
			res.Body.Close()
			answers <- res.StatusCode
		}()
	}
	good := 0
	for range cap(answers) {
		if <-answers == http.StatusOK {
			good++
		}
	}
	if good != 1 {
		t.Errorf("%d of 10 at once got a token", good)
	}
}

// A machine authenticates in one way, and nobody else is taken for it.
func TestMachinesCannotBeConfused(t *testing.T) {
	signer := authtest.NewIssuer(t)
	be := newBench(t, withMachines(t, signer))
	user := be.signIn()
	robot := func(jti string) url.Values { return asserted(signer.Mint("JWT", be.claims(jti))) }
	with := func(v url.Values, pairs ...string) url.Values {
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	without := func(v url.Values, name string) url.Values { v.Del(name); return v }
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"wrong secret":                      {with(be.cron(), "client_secret", "x"), "invalid_client"},
		"the hash as secret":                {with(be.cron(), "client_secret", hex.EncodeToString(hash(machineSecret))), "invalid_client"},
		"no secret":                         {without(be.cron(), "client_secret"), "invalid_client"},
		"a secret of one that signs":        {with(be.cron(), "client_id", "robot"), "invalid_client"},
		"nothing of one that signs":         {without(with(be.cron(), "client_id", "robot"), "client_secret"), "invalid_client"},
		"an assertion and a secret":         {with(robot("a"), "client_secret", machineSecret), "invalid_request"},
		"an assertion of another type":      {with(robot("b"), "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), "invalid_request"},
		"no assertion type":                 {without(robot("c"), "client_assertion_type"), "invalid_request"},
		"another's id":                      {with(robot("d"), "client_id", "cron"), "invalid_client"},
		"a user's client":                   {url.Values{"grant_type": {grantMachine}, "client_id": {user.client}}, "unauthorized_client"},
		"a user's client with an assertion": {with(robot("e"), "client_id", user.client), "unauthorized_client"},
		"a user's refresh token":            {with(be.cron(), "grant_type", "refresh_token", "refresh_token", user.refresh), "unauthorized_client"},
		"a code":                            {with(be.cron(), "grant_type", "authorization_code", "code", "x"), "unauthorized_client"},
		"another resource":                  {with(be.cron(), "resource", "https://other.test/mcp"), "invalid_target"},
		"scopes of others":                  {with(be.cron(), "scope", "mcp:write admin"), "invalid_scope"},
		"malformed scope":                   {with(be.cron(), "scope", "a\"b"), "invalid_scope"},
	} {
		t.Log(name)
		be.refused(c.form, c.want)
	}
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {basicAuth("robot", "x")}}
	if status := be.send(h, robot("f")); status != http.StatusBadRequest {
		t.Errorf("an assertion and Basic: %d", status)
	}
	if tok := be.tokens(with(be.cron(), "scope", "mcp:write mcp:read offline_access")); tok.scope != "mcp:read" {
		t.Errorf("scope %q", tok.scope)
	}
	if p := be.openConsentStatus("cron"); p != http.StatusBadRequest {
		t.Errorf("a machine at the authorization endpoint: %d", p)
	}
	be.wantValid(user.access)
}

func (be *bench) openConsentStatus(clientID string) int {
	be.Helper()
	res, err := noRedirects().Get(be.authURL(be.newFlow(clientID)))
	if err != nil {
		be.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// Without machines the grant is off, and nothing is announced that is not there.
func TestMachinesAreAnnouncedWhereTheyAre(t *testing.T) {
	signer := authtest.NewIssuer(t)
	for name, c := range map[string]struct {
		change       func(*Config)
		grant, signs bool
	}{
		"none":    {nil, false, false},
		"both":    {withMachines(t, signer), true, true},
		"secrets": {func(c *Config) { withMachines(t, signer)(c); c.Machines = c.Machines[1:] }, true, false},
	} {
		be := newBench(t, c.change)
		m := be.b.metadata()
		if slices.Contains(m.GrantTypes, grantMachine) != c.grant || slices.Contains(m.TokenAuthMethods, "private_key_jwt") != c.signs ||
			slices.Contains(m.TokenAuthAlgs, "ES256") != c.signs || slices.Contains(m.RevocationAuthAlgs, "ES256") != c.signs {
			t.Errorf("%s: %+v", name, m)
		}
		if name == "none" {
			client := be.register("")["client_id"].(string)
			be.refused(url.Values{"grant_type": {grantMachine}, "client_id": {client}}, "unsupported_grant_type")
			be.refused(be.cron(), "invalid_client")
			be.refused(asserted(signer.Mint("JWT", be.claims("x"))), "invalid_request")
		}
	}
}

// A machine's tokens end when it or an operator says so, or when it is no longer
// configured, and carry no more than it may have now.
func TestMachineTokensEnd(t *testing.T) {
	signer := authtest.NewIssuer(t)
	store := memstore.New()
	machines := withMachines(t, signer)
	shared := func(change func(*Config)) func(*Config) {
		return func(c *Config) {
			machines(c)
			change(c)
			store.Now = c.Now
			c.Store, c.Keys = store, [][]byte{make([]byte, 32)}
		}
	}
	be := newBench(t, shared(func(*Config) {}))
	robot := func(jti string) tokens { return be.tokens(asserted(signer.Mint("JWT", be.claims(jti)))) }
	tok, other := robot("a"), be.tokens(be.cron())
	form := asserted(signer.Mint("JWT", be.claims("b")))
	form.Set("token", tok.access)
	if res := be.post(pathRevoke, form); res.StatusCode != http.StatusOK {
		t.Errorf("revocation: %d", res.StatusCode)
	}
	be.wantInvalid(tok.access)
	be.wantValid(other.access)
	tok = robot("c")
	if err := be.b.Revoke(context.Background(), be.b.Issuer()+"/oauth/machine", "robot"); err != nil {
		t.Fatal(err)
	}
	be.wantInvalid(tok.access)
	tok = robot("d")
	less := be.newBroker(shared(func(c *Config) { c.Machines[0].Scopes, c.Machines[0].Roles = []string{"mcp:read"}, nil }))
	if p, err := less.Verify(context.Background(), tok.access); err != nil || !slices.Equal(p.Scopes, []string{"mcp:read"}) || p.Roles != nil {
		t.Errorf("%+v, %v", p, err)
	}
	gone := be.newBroker(shared(func(c *Config) { c.Machines = c.Machines[1:] }))
	if _, err := gone.Verify(context.Background(), tok.access); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("a machine that is gone: %v", err)
	}
}

// One machine that asks without end is held up, and fills nothing; others are not.
func TestOneMachineHoldsUpItselfOnly(t *testing.T) {
	signer := authtest.NewIssuer(t)
	be := newBench(t, withMachines(t, signer))
	for range holderRate.Burst {
		be.tokens(be.cron())
	}
	be.advance(time.Millisecond)
	res := be.post(pathToken, be.cron())
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	be.tokens(asserted(signer.Mint("JWT", be.claims("x"))))
	be.advance(10 * time.Second)
	for range 10 {
		be.tokens(be.cron())
	}
	if n, err := be.b.store.Count(context.Background(), kindGrant); n > 2*maxGrantsPerUser || err != nil {
		t.Errorf("%d grants are kept, %v", n, err)
	}
}

// Guessing a secret is refused like any other.
func TestMachineSecretsAreNotGuessed(t *testing.T) {
	be := newBench(t, withMachines(t, authtest.NewIssuer(t)))
	bad := be.cron()
	bad.Set("client_secret", "guess")
	last := 0
	for range rates[doorFail].each.Burst + 1 {
		last = be.ask(http.MethodPost, pathToken, "8.8.8.8:1", "application/x-www-form-urlencoded", bad.Encode()).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("%d", last)
	}
	be.tokens(be.cron()) // from elsewhere
}

// A store that cannot be asked is 503, and the assertion is still good afterwards.
func TestMachineWhileTheStoreIsDown(t *testing.T) {
	signer := authtest.NewIssuer(t)
	store := &puts{failing: failing{Store: memstore.New()}}
	be := newBench(t, func(c *Config) {
		withMachines(t, signer)(c)
		c.Store, c.Keys = store, [][]byte{make([]byte, 32)}
	})
	form := asserted(signer.Mint("JWT", be.claims("x")))
	store.down = true
	be.refused(form, "temporarily_unavailable")
	store.down = false
	be.tokens(form)
}

// Short families that have ended push none out that lives.
func TestEndedFamiliesMakeRoomFirst(t *testing.T) {
	be := newBench(t, nil)
	si := signIn{}
	long := be.signIn()
	p := be.wantValid(long.access)
	si.Identity.Issuer, si.Identity.Subject = p.Issuer, p.Subject
	for range 2 * maxGrantsPerUser {
		if _, err := be.b.newShortGrant(context.Background(), &grant{ClientID: "x", SignIn: si}); err != nil {
			t.Fatal(err)
		}
		be.advance(10 * time.Minute)
	}
	be.advance(2 * be.b.cfg.AccessTTL) // the short ones have all ended
	next := be.tokens(long.refreshForm())
	be.wantValid(next.access)
	if err := be.b.Revoke(context.Background(), p.Issuer, p.Subject); err != nil {
		t.Fatal(err)
	}
	be.wantInvalid(next.access)
}

// A machine that is signed out while it gets a token has none afterwards.
func TestSignOutWhileAMachineGetsATokenHolds(t *testing.T) {
	store := &interrupted{Store: memstore.New()}
	be := newBench(t, func(c *Config) {
		withMachines(t, authtest.NewIssuer(t))(c)
		store.Store.(*memstore.Store).Now = c.Now
		c.Store, c.Keys = store, [][]byte{make([]byte, 32)}
	})
	store.before = func() {
		if err := be.b.Revoke(context.Background(), be.b.machineIssuer(), "cron"); err != nil {
			t.Error(err)
		}
	}
	be.refused(be.cron(), "invalid_grant")
	if n, err := be.b.store.Count(context.Background(), kindGrant); n != 0 || err != nil {
		t.Errorf("%d grants are left, %v", n, err)
	}
	be.tokens(be.cron())
}

func TestMachinesThatAreRefused(t *testing.T) {
	keys := publicKeys(t, authtest.NewIssuer(t))
	secret, sum, err := NewMachineSecret()
	if err != nil || hex.EncodeToString(hash(secret)) != sum || len(secret) < 43 {
		t.Fatalf("NewMachineSecret: %v", err)
	}
	d, _ := providers(t)
	for want, machines := range map[string][]Machine{
		"ID \"\"":          {{Keys: keys}},
		"visible ASCII":    {{ID: "a b", Keys: keys}},
		"https://":         {{ID: "https://app.test/client", Keys: keys}},
		"not both":         {{ID: "a", Keys: keys, SecretSHA256: sum}},
		"either":           {{ID: "a"}},
		"never the secret": {{ID: "a", SecretSHA256: secret}},
		"Config.Scopes":    {{ID: "a", Keys: keys, Scopes: []string{"more"}}},
		"role":             {{ID: "a", Keys: keys, Roles: []string{""}}},
		"twice":            {{ID: "a", Keys: keys}, {ID: "a", SecretSHA256: sum}},
	} {
		cfg := Config{Resource: "http://localhost:8080/mcp", Providers: []provider.Provider{d}, Scopes: []string{"mcp:read"}, Machines: machines}
		_, err := New(cfg)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", want, err)
		}
		if s := fmt.Sprintf("%v %+v %#v %v %#v", cfg, machines, machines, machines[0], machines[0]); strings.Contains(s, sum) || strings.Contains(s, secret) {
			t.Errorf("printed: %s", s)
		}
	}
}

// puts fails to write, too.
type puts struct{ failing }

func (p *puts) Put(ctx context.Context, kind session.Kind, key string, r session.Record, v uint64) error {
	if p.down {
		return errors.New("connection refused")
	}
	return p.Store.Put(ctx, kind, key, r, v)
}

// The names of one machine's assertions are no other's: nobody uses them up for it.
func TestMachinesNameTheirAssertionsApart(t *testing.T) {
	signer := authtest.NewIssuer(t)
	be := newBench(t, func(c *Config) {
		withMachines(t, signer)(c)
		second := c.Machines[0]
		second.ID = "second"
		c.Machines = append(c.Machines, second)
	})
	for _, id := range []string{"robot", "second"} {
		claims := be.claims("same")
		claims["iss"], claims["sub"] = id, id
		if p := be.wantValid(be.tokens(asserted(signer.Mint("JWT", claims))).access); p.Subject != id {
			t.Errorf("%s is taken for %s", id, p.Subject)
		}
	}
}
