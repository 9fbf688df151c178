package broker

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// ask sends a request from an address and returns the answer.
func (be *bench) ask(method, target, from, contentType, body string) *http.Response {
	be.Helper()
	r := httptest.NewRequest(method, be.srv.URL+target, strings.NewReader(body))
	r.RemoteAddr = from
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	be.b.ServeHTTP(w, r)
	return w.Result()
}

func (be *bench) registerFrom(from string, i int) int {
	be.Helper()
	body := fmt.Sprintf(`{"client_name":"%d","redirect_uris":["http://127.0.0.1/callback"]}`, i)
	return be.ask(http.MethodPost, pathRegister, from, "application/json", body).StatusCode
}

// One flooder is refused before anybody else is.
func TestOneFloodersLimitIsNobodyElses(t *testing.T) {
	be := newBench(t, nil)
	each := rates[doorRegister].each.Burst
	for i := range each {
		if s := be.registerFrom("198.51.99.1:1000", i); s != http.StatusCreated {
			t.Fatalf("registration %d: %d", i, s)
		}
	}
	for i := range 3 * rates[doorRegister].all.Burst {
		if s := be.registerFrom(fmt.Sprint("198.51.99.1:", 1000+i), i); s != http.StatusTooManyRequests {
			t.Fatalf("too many: %d", s)
		}
	}
	if s := be.registerFrom("198.51.99.2:1000", 1); s != http.StatusCreated {
		t.Errorf("somebody else: %d", s)
	}
	for i := range each + 1 { // one subscriber's network has any number of addresses
		s := be.registerFrom(fmt.Sprintf("[2606:4700:0:1::%x]:1", i+1), i)
		if want := i == each; want != (s == http.StatusTooManyRequests) {
			t.Fatalf("address %d of one network: %d", i, s)
		}
	}
	be.advance(rates[doorRegister].each.Every)
	if s := be.registerFrom("198.51.99.1:1000", 1); s != http.StatusCreated {
		t.Errorf("later: %d", s)
	}
}

// Whoever comes through a proxy on this machine or network is told apart by
// Config.Peer, and else limited with all others only.
func TestProxiesAreNoPeers(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:1": "", "10.0.0.1:1": "", "[::1]:1": "", "100.64.0.1:1": "", "@": "", "": "",
		"8.8.8.8:1": "8.8.8.8", "[::ffff:8.8.8.8]:1": "8.8.8.8", "[2606:4700:1:2:3:4:5:6]:1": "2606:4700:1:2::/64",
	} {
		if got := limit.PublicPeer(&http.Request{RemoteAddr: addr}); got != want {
			t.Errorf("publicPeer(%q) = %q, want %q", addr, got, want)
		}
	}
	be := newBench(t, func(c *Config) { c.Peer = func(r *http.Request) string { return r.RemoteAddr[:9] } })
	for i := range rates[doorRegister].each.Burst + 1 {
		be.registerFrom("127.0.0.1:1", i)
	}
	if s := be.registerFrom("127.0.0.1:1", 0); s != http.StatusTooManyRequests {
		t.Errorf("named by Peer: %d", s)
	}
	if s := be.registerFrom("127.0.0.2:1", 0); s != http.StatusCreated {
		t.Errorf("another one: %d", s)
	}
}

// However long a flood through one process lasts, what is kept of it never
// reaches the limit, at which others would be refused for as long as it is kept.
func TestAFloodNeverFillsWhatIsKept(t *testing.T) {
	kept := func(d door, ttl time.Duration) int { return rates[d].all.Burst + int(ttl/rates[d].all.Every) }
	if n := kept(doorConsent, requestTTL); n >= maxLogins {
		t.Errorf("%d logins are kept, of %d", n, maxLogins)
	}
	if n := kept(doorRegister, crowdedTTL); n >= maxClients/2 {
		t.Errorf("%d registrations are kept, of %d", n, maxClients/2)
	}
}

// A consent form can be answered again and again, but not so often that logins
// fill the store.
func TestManyAnswersToAConsentForm(t *testing.T) {
	be := newBench(t, nil)
	browser := noRedirects()
	p := be.openConsent(browser, be.newFlow(be.register("")["client_id"].(string)))
	for i := range rates[doorConsent].all.Burst {
		if res := be.answer(browser, p, nil); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("answer %d: %d", i, res.StatusCode)
		}
	}
	res := be.answer(browser, p, nil)
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "1" || !strings.Contains(res.Header.Get("Content-Type"), "html") {
		t.Errorf("one more: %d %v", res.StatusCode, res.Header)
	}
	be.advance(rates[doorConsent].all.Every)
	if res := be.answer(browser, p, nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("later: %d", res.StatusCode)
	}
}

// elsewhere is a provider that keeps nothing of a login.
type elsewhere struct{ provider.Provider }

func (elsewhere) AuthCodeURL(context.Context, provider.AuthRequest) (string, error) {
	return "https://login.test/", nil
}

// The stored logins have a limit of their own, for several processes.
func TestLoginsUnderWayAreLimited(t *testing.T) {
	be := newBench(t, nil)
	be.b.limits = nil // of each process
	req := &authRequest{ClientID: "c", Redirect: callback, Ends: be.b.now().Add(requestTTL)}
	start := func() error {
		_, err := be.b.startLogin(httptest.NewRecorder(), context.Background(), elsewhere{be.b.cfg.Providers[0]}, req)
		return err
	}
	for i := range maxLogins {
		if err := start(); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := start(); err == nil {
		t.Error("one more login is under way")
	}
	be.advance(requestTTL + time.Minute)
	if err := start(); err != nil {
		t.Error("after they ended:", err)
	}
}

func TestAuthorizationPagesAreLimited(t *testing.T) {
	be := newBench(t, nil)
	target := strings.TrimPrefix(be.authURL(be.newFlow(be.register("")["client_id"].(string))), be.srv.URL)
	for i := range rates[doorAuthorize].each.Burst {
		if res := be.ask(http.MethodGet, target, "8.8.8.8:1", "", ""); res.StatusCode != http.StatusOK {
			t.Fatalf("page %d: %d", i, res.StatusCode)
		}
	}
	if res := be.ask(http.MethodGet, target, "8.8.8.8:1", "", ""); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %d %v", res.StatusCode, res.Header)
	}
}

// Whoever sends inventions is refused at some time, without asking the store;
// what was made here is not refused for it, even from the same address.
func TestInventionsAreLimitedAndWhatIsOursIsNot(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	f := be.newFlow(be.register("")["client_id"].(string))
	code := be.code(f)
	post := func(path string, form url.Values) *http.Response {
		return be.ask(http.MethodPost, path, "8.8.8.8:1", "application/x-www-form-urlencoded", form.Encode())
	}
	guess := url.Values{"grant_type": {"authorization_code"}, "code": {"guess"}, "client_id": {tok.client}}
	unknown := url.Values{"token": {accessPrefix + "guess"}, "client_id": {tok.client}}
	for i := range rates[doorFail].each.Burst {
		path, form, want := pathToken, guess, http.StatusBadRequest
		if i%2 == 0 {
			path, form, want = pathRevoke, unknown, http.StatusOK
		}
		if res := post(path, form); res.StatusCode != want {
			t.Fatalf("guess %d: %d", i, res.StatusCode)
		}
	}
	for path, form := range map[string]url.Values{pathToken: guess, pathRevoke: unknown} {
		if res := post(path, form); res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "1" {
			t.Errorf("%s, one more guess: %d %v", path, res.StatusCode, res.Header)
		}
	}
	for name, form := range map[string]url.Values{"code": f.exchange(code), "refresh token": tok.refreshForm()} {
		if res := post(pathToken, form); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if res := post(pathRevoke, url.Values{"token": {tok.refresh}, "client_id": {tok.client}}); res.StatusCode != http.StatusOK {
		t.Errorf("revocation: %d", res.StatusCode)
	}
	be.refused(tok.refreshForm(), "invalid_grant")
}

// A code that was not made here is known for that by its form.
func TestInventedCodesAreNotLookedUp(t *testing.T) {
	be := newBench(t, nil)
	own, err := be.b.newCode()
	if err != nil || !be.b.isOwnCode(own) || own == "" {
		t.Fatal(own, err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(own)
	raw[0] ^= 1
	for _, s := range []string{"", "x", base64.RawURLEncoding.EncodeToString(raw), own + "A", own[1:], base64.RawURLEncoding.EncodeToString(raw[:32])} {
		if be.b.isOwnCode(s) {
			t.Errorf("%q passes", s)
		}
	}
	if other := newBench(t, nil); other.b.isOwnCode(own) {
		t.Error("another server's code passes")
	}
	store := &failing{Store: memstore.New(), down: true}
	be = newBench(t, func(c *Config) { c.Store, c.Keys = store, [][]byte{make([]byte, 32)} })
	// A client whose ID is a document is not looked up either.
	be.refused(url.Values{"grant_type": {"authorization_code"}, "code": {"guess"}, "client_id": {documentID}}, "invalid_grant")
}

// What strangers cause in the log is bounded, and counted.
func TestStrangersDoNotFillTheLog(t *testing.T) {
	var log bytes.Buffer
	be := newBench(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	be.b.limits = nil
	for i := range 1000 {
		be.registerFrom("8.8.8.8:1", i)
	}
	if n := strings.Count(log.String(), "client_registered"); n == 0 || n > 200 {
		t.Errorf("%d lines for 1000 registrations", n)
	}
	be.signIn()
	if !strings.Contains(log.String(), "login") {
		t.Error("a sign-in is not in the log")
	}
	be.advance(time.Minute)
	be.registerFrom("8.8.8.8:1", 1)
	if !strings.Contains(log.String(), "suppressed=9") {
		t.Error("the lines that were left out are not counted")
	}
}

// What comes from many addresses is limited all together, and who only looks takes
// nothing.
func TestManyPeersShareALimit(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	peer := 0
	l := newLimits(func(*http.Request) string { peer++; return fmt.Sprint("198.51.100.", peer) }, func() time.Time { return now })
	for d := range doors {
		for i := range rates[d].all.Burst {
			if err := errors.Join(l.open(d, nil), l.open(d, nil), l.pass(d, nil)); err != nil {
				t.Fatalf("%v: the %dth: %v", d, i+1, err)
			}
		}
		var refused *oauthError
		if err := l.open(d, nil); !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests {
			t.Errorf("%v: one more would be let through: %v", d, err)
		}
		if err := l.pass(d, nil); !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests {
			t.Errorf("%v: one more: %v", d, err)
		}
	}
	now = now.Add(time.Minute)
	for d := range doors {
		if err := l.pass(d, nil); err != nil {
			t.Errorf("%v: after a minute: %v", d, err)
		}
	}
}
