package broker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/dev"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/filestore"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

func files(dir string, keys ...byte) func(*Config) {
	return func(c *Config) {
		s, err := filestore.Open(dir)
		if err != nil {
			panic(err)
		}
		s.Now = c.Now
		c.Store, c.Keys = s, nil
		for _, k := range keys {
			c.Keys = append(c.Keys, bytes.Repeat([]byte{k}, 32))
		}
	}
}

// A restart, also with a new key in front, forgets nothing: not the client, not a
// code under way, not the tokens. A lost key forgets everything.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	be := newBench(t, files(dir, 1))
	restart := func(keys ...byte) { be.b = be.newBroker(files(dir, keys...)); be.serve(be.b) }
	tok := be.signIn()
	f := be.newFlow(tok.client)
	form := f.exchange(be.code(f))
	restart(2, 1)
	be.wantValid(tok.access)
	second := be.tokens(form)
	next := be.tokens(tok.refreshForm())
	be.wantValid(next.access)
	restart(3)
	be.wantInvalid(next.access)
	be.wantInvalid(second.access)
	be.refused(next.refreshForm(), "invalid_client")
}

// Two servers with one store and one key take nothing of each other.
func TestTwoServers(t *testing.T) {
	store, keys := memstore.New(), [][]byte{bytes.Repeat([]byte{7}, 32)}
	shared := func(c *Config) { c.Store, c.Keys = store, keys }
	a, b := newBench(t, shared), newBench(t, shared)
	tok := a.signIn()
	b.wantInvalid(tok.access)
	b.refused(tok.refreshForm(), "invalid_client")
	form := tok.refreshForm()
	form.Set("client_id", b.register("")["client_id"].(string))
	b.refused(form, "invalid_grant")
	a.wantValid(tok.access)
}

// Replicas know each other's sessions; servers with another resource or key do not.
func TestSessionKeys(t *testing.T) {
	be := newBench(t, files(t.TempDir(), 1))
	same, key, resource := be.newBroker(files(t.TempDir(), 1)), be.newBroker(files(t.TempDir(), 2)), newBench(t, files(t.TempDir(), 1)).b
	if k := be.b.SessionKeys()[0]; len(k) != 32 || !bytes.Equal(k, same.SessionKeys()[0]) || bytes.Equal(k, key.SessionKeys()[0]) || bytes.Equal(k, resource.SessionKeys()[0]) {
		t.Error("the session key is not that of the resource and the key alone")
	}
}

// The store never sees a token, and the log neither.
func TestNothingLeaks(t *testing.T) {
	var log bytes.Buffer
	gh := authtest.NewGitHub(t)
	seen := &recorder{Store: memstore.New()}
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) {
		c.Store, c.Keys = seen, [][]byte{bytes.Repeat([]byte{7}, 32)}
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}))
	f := be.newFlow(be.register("")["client_id"].(string))
	authCode := be.code(f)
	tok := be.tokens(f.exchange(authCode))
	next := be.tokens(tok.refreshForm())
	upstream, err := be.b.TokenSource(be.as(next)).Token()
	if err != nil {
		t.Fatal(err)
	}
	be.refused(f.exchange(authCode), "invalid_grant")
	everything := log.String() + seen.text.String()
	for what, secret := range map[string]string{
		"code": authCode, "access token": tok.access, "refresh token": tok.refresh, "next access token": next.access,
		"next refresh token": next.refresh, "upstream token": upstream.AccessToken, "client secret": gh.ClientSecret, "verifier": f.verifier,
	} {
		if strings.Contains(everything, secret) || strings.Contains(everything, strings.TrimPrefix(secret, accessPrefix)) {
			t.Errorf("the %s is in the log or the store", what)
		}
	}
	for _, event := range []string{"client_registered", "consent", "login", "refresh", "code_replayed"} {
		if !strings.Contains(log.String(), event) {
			t.Errorf("the log lacks %s", event)
		}
	}
	if !strings.Contains(log.String(), `scopes="[mcp:use read:user repo]"`) {
		t.Errorf("a sign-in is logged without the scopes that it gave:\n%s", log.String())
	}
}

// recorder writes down what reaches a store.
type recorder struct {
	session.Store
	mu   sync.Mutex
	text strings.Builder
}

func (r *recorder) Put(ctx context.Context, kind session.Kind, key string, rec session.Record, v uint64) error {
	r.mu.Lock()
	r.text.WriteString(string(kind) + " " + key + " " + string(rec.Value) + "\n")
	r.mu.Unlock()
	return r.Store.Put(ctx, kind, key, rec, v)
}

// Over https the cookies have the __Host- prefix, and the whole flow works.
func TestTLS(t *testing.T) {
	be := &bench{TB: t}
	be.srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*be.handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(be.srv.Close)
	p, err := dev.New(dev.Config{Resource: be.srv.URL + "/mcp", Code: devCode, Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if be.b, err = New(Config{Resource: be.srv.URL + "/mcp", Providers: []provider.Provider{p}, Logger: quiet()}); err != nil {
		t.Fatal(err)
	}
	be.serve(be.b)
	res, err := be.srv.Client().Post(be.srv.URL+pathRegister, "application/json", strings.NewReader(`{"redirect_uris":["https://app.test/cb?x=1"]}`))
	if err != nil {
		t.Fatal(err)
	}
	f := be.newFlow(be.decode(res, http.StatusCreated)["client_id"].(string))
	f.params.Set("redirect_uri", "https://app.test/cb?x=1")
	res, err = be.srv.Client().Get(be.authURL(f))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	c := res.Cookies()[0]
	if !strings.HasPrefix(c.Name, "__Host-mcp-consent-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %v", c)
	}
	u, err := robot.SignIn(context.Background(), be.srv.Client(), be.authURL(f), answers())
	if err != nil || u.Query().Get("code") == "" || u.Query().Get("x") != "1" {
		t.Errorf("sign in: %v, %v", u, err)
	}
}

// With two providers the user chooses, and each has its own callback.
func TestTwoProviders(t *testing.T) {
	gh := authtest.NewGitHub(t)
	be := newBench(t, func(c *Config) {
		p, err := github.New(github.Config{ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, BaseURL: gh.URL})
		if err != nil {
			t.Fatal(err)
		}
		c.Providers = append(c.Providers, p)
		c.Allow, _ = AllowRules("anyone")
	})
	for name, subject := range map[string]string{"dev": "alice", "github": "583231"} {
		f := be.newFlow(be.register("")["client_id"].(string))
		a := answers()
		a["provider"] = name
		u, err := robot.SignIn(context.Background(), nil, be.authURL(f), a)
		if err != nil {
			t.Fatal(err)
		}
		tok := be.tokens(f.exchange(u.Query().Get("code")))
		if p := be.wantValid(tok.access); p.Subject != subject {
			t.Errorf("%s signed in %+v", name, p)
		}
	}
	// A login that was sent to one does not end at the other's callback.
	browser := noRedirects()
	res := be.answer(browser, be.openConsent(browser, be.newFlow(be.register("")["client_id"].(string))), nil)
	u, _ := url.Parse(res.Header.Get("Location"))
	res, err := browser.Get(be.srv.URL + pathCallback + "github?code=x&state=" + u.Query().Get("state"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
		t.Errorf("mixed up: status %d", res.StatusCode)
	}
}

// Within CacheFor the store is not asked; a revocation here is seen at once, one
// elsewhere after it.
func TestCache(t *testing.T) {
	dir := t.TempDir()
	cached := func(c *Config) { files(dir, 1)(c); c.CacheFor = 5 * time.Second }
	be := newBench(t, cached)
	other := be.newBroker(files(dir, 1))
	here, there := be.signIn(), be.signIn()
	a, b := be.wantValid(here.access), be.wantValid(there.access)
	a.Scopes[0] = "changed by a handler"
	be.wantValid(here.access).Scopes[0] = "changed by another"
	if p := be.wantValid(here.access); p.Scopes[0] != "mcp:read" {
		t.Error("a handler changed the cached principal")
	}
	if err := other.dropGrant(context.Background(), b.Claims[claimSession].(string)); err != nil {
		t.Fatal(err)
	}
	be.wantValid(there.access)
	be.advance(5 * time.Second)
	be.wantInvalid(there.access)
	be.wantValid(here.access)
	if err := be.b.Revoke(context.Background(), a.Issuer, a.Subject); err != nil {
		t.Fatal(err)
	}
	be.wantInvalid(here.access)
}

func TestCacheIsBounded(t *testing.T) {
	v := newVerified(time.Second, time.Now)
	for i := range maxVerified + 100 {
		v.put(0, hashKey(string(rune(i))), "g", &authlib.Principal{Expiry: time.Now().Add(time.Hour)}, time.Hour)
	}
	if v.order.Len() != maxVerified || len(v.byKey) != maxVerified || len(v.byGrant[revocation("g")]) != maxVerified {
		t.Errorf("%d entries", v.order.Len())
	}
}

func TestCORS(t *testing.T) {
	be := newBench(t, nil)
	for path, open := range map[string]bool{pathMetadata: true, pathToken: true, pathRegister: true, pathRevoke: true, pathAuthorize: false, pathConsent: false} {
		req, _ := http.NewRequest(http.MethodOptions, be.srv.URL+path, nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := res.Header.Get("Access-Control-Allow-Origin") == "*"; got != open || res.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: header %v", path, res.Header)
		}
	}
}

func TestMethodsAndSizes(t *testing.T) {
	be := newBench(t, nil)
	for path, method := range map[string]string{pathMetadata: "POST", pathToken: "GET", pathRegister: "GET", pathRevoke: "PUT", pathAuthorize: "POST", pathConsent: "GET", pathCallback + "dev": "POST"} {
		req, _ := http.NewRequest(method, be.srv.URL+path, nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") == "" {
			t.Errorf("%s %s: status %d", method, path, res.StatusCode)
		}
	}
	be.decode(be.post(pathToken, url.Values{"code": {strings.Repeat("x", maxForm)}}), http.StatusBadRequest)
	res, err := http.Get(be.srv.URL + "/oauth/other")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("unknown path: status %d", res.StatusCode)
	}
}

// A lookup that is cut short is not a refusal.
func TestCancelledAllow(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	gh := authtest.NewGitHub(t)
	be := newBench(t, withGitHub(t, gh, "anyone", nil))
	tok, err := be.b.TokenSource(be.as(be.signIn())).Token()
	if err != nil {
		t.Fatal(err)
	}
	be.b.cfg.Allow = func(context.Context, *provider.Identity) error { cancel(); return errors.New("lookup cut short") }
	if _, err := be.b.admit(ctx, be.b.cfg.Providers[0], tok, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("admit: %v, want context.Canceled", err)
	}
}
