package broker

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// signInWith signs a user in with a browser.
func (be *bench) signInWith(browser *http.Client, user, meta string) tokens {
	be.Helper()
	f := be.newFlow(be.register(meta)["client_id"].(string))
	u, err := robot.SignIn(context.Background(), browser, be.authURL(f), map[string]string{"code": devCode, "user": user})
	if err != nil {
		be.Fatal(err)
	}
	return be.tokens(f.exchange(u.Query().Get("code")))
}

// signOutPage opens the page and returns its CSRF token, "" if it has no form.
func (be *bench) signOutPage(browser *http.Client) (csrf, html string, h http.Header) {
	be.Helper()
	res, err := browser.Get(be.b.Issuer() + pathSignOut)
	if err != nil {
		be.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		be.Fatalf("%d %s", res.StatusCode, body)
	}
	if m := regexp.MustCompile(`name="csrf" value="([^"]*)"`).FindSubmatch(body); m != nil {
		csrf = string(m[1])
	}
	return csrf, string(body), res.Header
}

// sendSignOut sends the page's form.
func (be *bench) sendSignOut(browser *http.Client, csrf string, header func(http.Header)) (int, string) {
	be.Helper()
	req, _ := http.NewRequest(http.MethodPost, be.b.Issuer()+pathSignOut, strings.NewReader(url.Values{"csrf": {csrf}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", be.srv.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if header != nil {
		header(req.Header)
	}
	res, err := browser.Do(req)
	if err != nil {
		be.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

// Signing out ends every family of the user, whichever program and browser it is of,
// and nobody else's. The page says what it ends, and the log what was ended.
func TestSignOutEndsTheUsersSignInsAndNoOthers(t *testing.T) {
	var log bytes.Buffer
	be := newBench(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	browser := noRedirects()
	first := be.signInWith(noRedirects(), "alice", `{"client_name":"Laptop","redirect_uris":["http://127.0.0.1/callback"]}`)
	bob := be.signInWith(noRedirects(), "bob", "")
	be.advance(time.Hour - time.Minute)
	second := be.signInWith(browser, "alice", `{"client_name":"Phone <b>","redirect_uris":["http://127.0.0.1/callback"]}`)
	csrf, html, _ := be.signOutPage(browser)
	for _, want := range []string{"alice (dev)", "<dt>Laptop</dt>", "<dt>Phone &lt;b&gt;</dt>"} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q: %s", want, html)
		}
	}
	be.wantValid(first.access) // looking ended nothing
	status, html := be.sendSignOut(browser, csrf, nil)
	if status != http.StatusOK || !strings.Contains(html, `role="status">These programs`) || strings.Count(html, "<dt>") != 2 {
		t.Errorf("%d %s", status, html)
	}
	for _, tok := range []tokens{first, second} {
		be.wantInvalid(tok.access)
		be.refused(tok.refreshForm(), "invalid_grant")
	}
	be.wantValid(bob.access)
	be.tokens(bob.refreshForm())
	if s := log.String(); strings.Count(s, `reason="the user signed out"`) != 1 || !strings.Contains(s, "subject=alice") || !strings.Contains(s, "grants=2") {
		t.Errorf("log %s", s)
	}
	if csrf, html, _ := be.signOutPage(browser); csrf != "" || strings.Contains(html, "alice") {
		t.Errorf("the browser still knows the user: %s", html)
	}
}

// Only the form that was made for this browser, sent by this site, ends anything.
func TestSignOutIsRefused(t *testing.T) {
	be := newBench(t, nil)
	browser, other := noRedirects(), noRedirects()
	tok := be.signInWith(browser, "alice", "")
	be.signInWith(other, "mallory", "")
	csrf, _, _ := be.signOutPage(browser)
	theirs, _, _ := be.signOutPage(other)
	consent := be.openConsent(browser, be.newFlow(tok.client))
	for name, c := range map[string]struct {
		browser *http.Client
		csrf    string
		header  func(http.Header)
		status  int
	}{
		"no token":               {browser, "", nil, 403},
		"garbage":                {browser, "%%%", nil, 403},
		"another browser's form": {browser, theirs, nil, 403},
		"the consent form's":     {browser, consent.csrf, nil, 403},
		"no cookie":              {noRedirects(), csrf, nil, 403},
		"another browser":        {other, csrf, nil, 403},
		"another site":           {browser, csrf, func(h http.Header) { h.Set("Origin", "https://evil.test"); h.Del("Sec-Fetch-Site") }, 403},
		"another site's form":    {browser, csrf, func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"nobody says who":        {browser, csrf, func(h http.Header) { h.Del("Origin"); h.Del("Sec-Fetch-Site") }, 403},
		"not a form":             {browser, csrf, func(h http.Header) { h.Set("Content-Type", "text/plain") }, 400},
	} {
		if status, html := be.sendSignOut(c.browser, c.csrf, c.header); status != c.status {
			t.Errorf("%s: %d, want %d: %s", name, status, c.status, html)
		}
		be.wantValid(tok.access)
	}
	if status, _ := be.sendSignOut(browser, csrf, nil); status != http.StatusOK {
		t.Errorf("the form itself: %d", status)
	}
	be.wantInvalid(tok.access)
}

// A page that was open while somebody else signed in with the browser ends nothing:
// it shows another user than it would sign out.
func TestSignOutPageIsForWhomItShows(t *testing.T) {
	be := newBench(t, nil)
	browser := noRedirects()
	alice := be.signInWith(browser, "alice", "")
	csrf, _, _ := be.signOutPage(browser)
	bob := be.signInWith(browser, "bob", "")
	if status, _ := be.sendSignOut(browser, csrf, nil); status != http.StatusForbidden {
		t.Errorf("%d", status)
	}
	be.wantValid(alice.access)
	be.wantValid(bob.access)
}

// The page is one that no site can frame and no script runs on, and its cookie one
// that no script reads; the consent page links to it.
func TestSignOutPageIsGuarded(t *testing.T) {
	be := newBench(t, nil)
	browser := noRedirects()
	tok := be.signInWith(browser, "alice", "")
	_, html, h := be.signOutPage(browser)
	if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || h.Get("X-Frame-Options") != "DENY" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", h)
	}
	if strings.Contains(html, "<script") || !strings.Contains(html, `<html lang="en">`) || !strings.Contains(html, "<h1>") {
		t.Error(html)
	}
	if !slices.Contains(be.b.Paths(), pathSignOut) {
		t.Errorf("paths %v", be.b.Paths())
	}
	if p := be.openConsent(browser, be.newFlow(tok.client)); !strings.Contains(p.html, `href="`+pathSignOut+`"`) {
		t.Error("the consent page has no link to it")
	}
	if _, html, _ := be.signOutPage(noRedirects()); strings.Contains(html, "<form") || strings.Contains(html, "alice") {
		t.Errorf("another browser sees %s", html)
	}
	res, err := browser.Post(be.srv.URL+pathSignOut, "application/x-www-form-urlencoded", nil)
	if err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("%v, %v", res.Status, err)
	}
	res.Body.Close()
	be.advance(be.b.cfg.FamilyTTL)
	if csrf, _, _ := be.signOutPage(browser); csrf != "" {
		t.Error("the cookie outlives every sign-in")
	}
}

// Another server's cookie, and a changed one, say nothing.
func TestSignedInCookieIsSealed(t *testing.T) {
	be := newBench(t, nil)
	browser := noRedirects()
	be.signInWith(browser, "alice", "")
	site, _ := url.Parse(be.srv.URL)
	i := slices.IndexFunc(browser.Jar.Cookies(site), func(c *http.Cookie) bool { return c.Name == be.b.signedInCookie() })
	if i < 0 {
		t.Fatal("no cookie")
	}
	value := browser.Jar.Cookies(site)[i].Value
	read := func(b *Broker, value string) bool {
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: b.signedInCookie(), Value: value})
		_, who := b.signedInBy(r)
		return who != nil
	}
	if strings.Contains(value, "alice") || !read(be.b, value) {
		t.Errorf("cookie %q", value)
	}
	for name, bad := range map[string]string{
		"changed": value[:len(value)-2] + "AA", "empty": "", "long": value + strings.Repeat("A", maxSignedIn), "garbage": "%",
	} {
		if read(be.b, bad) {
			t.Errorf("%s: it is believed", name)
		}
	}
	if read(newBench(t, nil).b, value) {
		t.Error("another server believes it")
	}
}

// While the store is down nobody is told that they are signed out.
func TestSignOutWhileTheStoreIsDown(t *testing.T) {
	store := &failing{Store: memstore.New()}
	be := newBench(t, func(c *Config) { c.Store, c.Keys = session.Store(store), [][]byte{make([]byte, 32)} })
	browser := noRedirects()
	tok := be.signInWith(browser, "alice", "")
	csrf, _, _ := be.signOutPage(browser)
	store.down = true
	if status, html := be.sendSignOut(browser, csrf, nil); status != http.StatusServiceUnavailable || strings.Contains(html, "signed out") {
		t.Errorf("%d %s", status, html)
	}
	store.down = false
	be.wantValid(tok.access)
	if status, _ := be.sendSignOut(browser, csrf, nil); status != http.StatusOK {
		t.Errorf("again: %d", status)
	}
	be.wantInvalid(tok.access)
}
