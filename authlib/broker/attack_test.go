package broker

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// No redirect URI leads to another place than the one that the consent page
// shows, or makes a browser run something.
func TestRedirectsThatAreTricksAreRefused(t *testing.T) {
	for _, s := range []string{
		"http://localhost.evil.test/cb", "http://127.0.0.1.evil.test/cb", "http://localhost@evil.test/cb", "http://localhost:80@evil.test/cb",
		"https://good.test@evil.test/cb", "https://evil.test\\@good.test/cb", "https://good.test%2f@evil.test/cb", "https://good.test%2eevil.test/cb",
		"http://%6c%6fcalhost/cb", "http://localhost%00.evil.test/cb", "http://[::1%25lo]/cb", "http://[fe80::1%25lo]/cb", "http://127.1/cb", "http://2130706433/cb",
		"http://0.0.0.0/cb", "http://localhost:80:80/cb", "http:localhost/cb", "http:///cb", "https:evil.test", "https:/evil.test", "https:///evil.test/cb", "//evil.test/cb",
		"https://good.test/cb#", "https://good.test/cb#f", "https://good.test/\r\nSet-Cookie: a=b", "https://good.test/ x", "https://good.test/é",
		"javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "javascript://good.test/%0aalert(1)", "data:text/html,x",
		"vbscript:x", "blob:https://good.test/x", "filesystem:https://good.test/x", "view-source:https://good.test", "file:///etc/passwd", "about:blank",
		"ms-word:ofe|u|x", "ms-settings:x", "search-ms:query=x", "microsoft-edge:https://evil.test", "intent://x#Intent;end", "intent://x", "chrome-extension://x/y", "ws://localhost/cb", "ftp://localhost/cb", "mailto:a@b",
	} {
		if u, err := parseRedirect(s); err == nil {
			t.Errorf("%q passes as %v", s, u)
		}
	}
}

// Nothing of a request comes back as markup or as a redirect, whichever
// parameter it is in.
func TestPagesReflectNothing(t *testing.T) {
	be := newBench(t, nil)
	id := be.register("")["client_id"].(string)
	const evil = `"'><script>alert(1)</script>{{.}}`
	for _, param := range []string{"client_id", "redirect_uri", "state", "scope", "resource", "response_type", "code_challenge", "code_challenge_method", "response_mode", "nonce", evil} {
		f := be.newFlow(id)
		f.params.Set(param, evil)
		mustNotReflect(t, param, be.authURL(f))
	}
	for _, query := range []string{"state=" + url.QueryEscape(evil), "error=" + url.QueryEscape(evil), url.QueryEscape(evil), "%zz"} {
		mustNotReflect(t, query, be.srv.URL+pathCallback+"dev?"+query)
		mustNotReflect(t, query, be.srv.URL+"/oauth/dev/signin?"+query)
	}
}

func mustNotReflect(t *testing.T, what, target string) {
	t.Helper()
	res, err := noRedirects().Get(target)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if strings.Contains(string(body), "<script") || strings.Contains(string(body), `"'>`) || res.Header.Get("Location") != "" {
		t.Errorf("%s: %d %s %s", what, res.StatusCode, res.Header.Get("Location"), body)
	}
}

// However often somebody allowed a client, each sign-in asks again: any program
// on the machine can claim the same client.
func TestConsentIsNeverRemembered(t *testing.T) {
	be := newBench(t, nil)
	id := be.register("")["client_id"].(string)
	browser := noRedirects()
	for range 2 {
		if _, err := robot.SignIn(context.Background(), browser, be.authURL(be.newFlow(id)), answers()); err != nil {
			t.Fatal(err)
		}
	}
	f := be.newFlow(id)
	f.params.Set("prompt", "none")
	if p := be.openConsent(browser, f); !strings.Contains(p.html, `value="approve"`) {
		t.Error("no question")
	}
}

// A client authenticates in one way, as itself, or not at all.
func TestClientsCannotBeConfused(t *testing.T) {
	be := newBench(t, nil)
	public := be.register("")["client_id"].(string)
	reg := be.register(`{"redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"client_secret_post"}`)
	id, secret := reg["client_id"].(string), reg["client_secret"].(string)
	f := be.newFlow(id)
	form := f.exchange(be.code(f))
	for name, c := range map[string]struct {
		change func(url.Values, http.Header)
		status int
	}{
		"no secret":                     {func(v url.Values, h http.Header) { v.Del("client_secret") }, 401},
		"empty secret":                  {func(v url.Values, h http.Header) { v.Set("client_secret", "") }, 401},
		"a public client's id":          {func(v url.Values, h http.Header) { v.Set("client_id", public); v.Del("client_secret") }, 400},
		"a public client with a secret": {func(v url.Values, h http.Header) { v.Set("client_id", public) }, 401},
		"a document's id":               {func(v url.Values, h http.Header) { v.Set("client_id", "https://app.test/c"); v.Del("client_secret") }, 400},
		"a document's id, secret":       {func(v url.Values, h http.Header) { v.Set("client_id", "https://app.test/c") }, 401},
		"Basic as well":                 {func(v url.Values, h http.Header) { h.Set("Authorization", basicAuth(id, secret)) }, 400},
		"Basic of another": {func(v url.Values, h http.Header) {
			v.Del("client_secret")
			h.Set("Authorization", basicAuth(public, ""))
		}, 400},
		"two Basic": {func(v url.Values, h http.Header) {
			h["Authorization"] = []string{basicAuth(id, secret), basicAuth(id, secret)}
		}, 401},
		"Bearer":                {func(v url.Values, h http.Header) { h.Set("Authorization", "Bearer "+secret) }, 401},
		"secret twice":          {func(v url.Values, h http.Header) { v.Add("client_secret", "x") }, 400},
		"id twice":              {func(v url.Values, h http.Header) { v.Add("client_id", public) }, 400},
		"other redirect":        {func(v url.Values, h http.Header) { v.Set("redirect_uri", "http://127.0.0.1:1/callback") }, 400},
		"no redirect":           {func(v url.Values, h http.Header) { v.Del("redirect_uri") }, 400},
		"challenge as verifier": {func(v url.Values, h http.Header) { v.Set("code_verifier", f.params.Get("code_challenge")) }, 400},
		"no verifier":           {func(v url.Values, h http.Header) { v.Del("code_verifier") }, 400},
		"plain method": {func(v url.Values, h http.Header) {
			v.Set("code_verifier", f.params.Get("code_challenge"))
			v.Set("code_challenge_method", "plain")
		}, 400},
	} {
		v := url.Values{"client_secret": {secret}}
		for k := range form {
			v.Set(k, form.Get(k))
		}
		h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
		c.change(v, h)
		if got := be.send(h, v); got != c.status {
			t.Errorf("%s: %d, want %d", name, got, c.status)
		}
	}
	form.Set("client_secret", secret)
	be.tokens(form)
}

func basicAuth(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

func (be *bench) send(h http.Header, form url.Values) (status int) {
	be.Helper()
	req, _ := http.NewRequest(http.MethodPost, be.srv.URL+pathToken+"?client_secret=in-the-query", strings.NewReader(form.Encode()))
	req.Header = h
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		be.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// A thief who keeps up with the user by replaying what was just rotated is in the
// log each time, as an error soon, and is out when the family ends at the latest.
func TestThiefWhoKeepsUpIsLoggedAndEndsWithTheFamily(t *testing.T) {
	var log bytes.Buffer
	be := newBench(t, func(c *Config) {
		c.FamilyTTL = 24 * time.Hour
		c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	})
	user := be.signIn()
	var thief tokens
	for hour := range 23 {
		be.advance(time.Hour - time.Minute)
		stolen := user
		user = be.tokens(stolen.refreshForm())
		be.advance(time.Minute)
		thief = be.tokens(stolen.refreshForm())
		if n := strings.Count(log.String(), "refresh_replay"); n != hour+1 {
			t.Fatalf("hour %d: %d replays in the log", hour, n)
		}
		if n := strings.Count(log.String(), "refresh_shadowed"); n != max(0, hour+1-maxLate) {
			t.Fatalf("hour %d: %d alarms in the log", hour, n)
		}
	}
	be.advance(time.Hour)
	be.wantInvalid(thief.access)
	be.refused(thief.refreshForm(), "invalid_grant")
	be.refused(user.refreshForm(), "invalid_grant")
}

// A client that loses an answer now and then raises no alarm.
func TestLostAnswersAreNoThief(t *testing.T) {
	var log bytes.Buffer
	be := newBench(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	user := be.signIn()
	for i := range 4 * keptRotations {
		lost := user
		be.advance(time.Hour)
		user = be.tokens(lost.refreshForm())
		if i%keptRotations < maxLate {
			be.advance(time.Minute)
			user = be.tokens(lost.refreshForm())
		}
	}
	if s := log.String(); strings.Contains(s, "refresh_shadowed") || strings.Count(s, "refresh_replay") != 4*maxLate {
		t.Errorf("%d replays in the log, or an alarm", strings.Count(s, "refresh_replay"))
	}
	be.wantValid(user.access)
}

// A token that was stolen long ago is no key to a family that nobody used since: it
// ends it.
func TestAVeryLateReplayEndsTheFamily(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		good  bool
	}{"within two lifetimes": {2*time.Hour - time.Second, true}, "after them": {2 * time.Hour, false}} {
		be := newBench(t, nil)
		stolen := be.signIn()
		user := be.tokens(stolen.refreshForm())
		be.advance(c.after)
		if c.good {
			be.wantValid(be.tokens(stolen.refreshForm()).access)
			be.wantValid(be.tokens(user.refreshForm()).access)
			continue
		}
		be.refused(stolen.refreshForm(), "invalid_grant")
		be.refused(user.refreshForm(), "invalid_grant")
		if n, err := be.b.store.Count(context.Background(), kindGrant); n != 0 || err != nil {
			t.Errorf("%s: %d families, %v", name, n, err)
		}
	}
}

// What a browser carries during a sign-in is not in the log, at any level.
func TestLogHoldsNothingOfTheBrowser(t *testing.T) {
	var log bytes.Buffer
	be := newBench(t, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	id := be.register(`{"client_name":"a\nlevel=ERROR msg=forged","redirect_uris":["http://127.0.0.1/callback"]}`)["client_id"].(string)
	browser := noRedirects()
	f := be.newFlow(id)
	f.params.Set("state", "the-clients-state")
	p := be.openConsent(browser, f)
	res := be.answer(browser, p, nil)
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{p.txn, p.csrf, u.Query().Get("state"), "the-clients-state", "invented-code", devCode}
	base, _ := url.Parse(be.srv.URL)
	for _, c := range browser.Jar.Cookies(base) {
		secrets = append(secrets, c.Value)
	}
	for _, query := range []string{"code=invented-code&state=" + u.Query().Get("state"), "code=invented-code&state=x", "%zz&code=invented-code"} {
		res, err := browser.Get(be.srv.URL + pathCallback + "dev?" + query)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	be.send(http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, url.Values{"code": {"invented-code"}, "client_id": {id}})
	if len(secrets) < 8 {
		t.Fatalf("only %d secrets", len(secrets))
	}
	for i, s := range secrets {
		if s == "" || strings.Contains(log.String(), s) {
			t.Errorf("secret %d is empty or in the log", i)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(log.String()), "\n") {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, " level=ERROR msg=forged") {
			t.Errorf("forged line %q", line)
		}
	}
}

// interrupted runs something before the first grant is written.
type interrupted struct {
	session.Store
	before func()
}

func (s *interrupted) Put(ctx context.Context, kind session.Kind, key string, r session.Record, v uint64) error {
	if f := s.before; f != nil && strings.HasPrefix(string(kind), string(kindGrant)) {
		s.before = nil
		f()
	}
	return s.Store.Put(ctx, kind, key, r, v)
}

// A sign-out that comes while a sign-in is being finished is not missed.
func TestSignOutDuringASignInHolds(t *testing.T) {
	store := &interrupted{Store: memstore.New()}
	be := newBench(t, func(c *Config) {
		store.Store.(*memstore.Store).Now = c.Now
		c.Store, c.Keys = store, [][]byte{bytes.Repeat([]byte{7}, 32)}
	})
	other := be.signIn()
	f := be.newFlow(be.register("")["client_id"].(string))
	authCode := be.code(f)
	store.before = func() {
		if err := be.b.Revoke(context.Background(), be.srv.URL+"/oauth/dev", "alice"); err != nil {
			t.Error(err)
		}
	}
	be.refused(f.exchange(authCode), "invalid_grant")
	be.wantInvalid(other.access)
	if n, err := be.b.store.Count(context.Background(), kindGrant); n != 0 || err != nil {
		t.Errorf("%d grants are left, %v", n, err)
	}
	be.wantValid(be.signIn().access)
}
