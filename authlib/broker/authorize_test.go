package broker

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
)

// Every bad request is a page, never a redirect: nobody approved the client yet.
func TestAuthorizeRefuses(t *testing.T) {
	be := newBench(t, nil)
	id := be.register("")["client_id"].(string)
	tests := map[string]func(url.Values){
		"unknown client":       func(v url.Values) { v.Set("client_id", "nobody") },
		"no client":            func(v url.Values) { v.Del("client_id") },
		"no redirect":          func(v url.Values) { v.Del("redirect_uri") },
		"other host":           func(v url.Values) { v.Set("redirect_uri", "http://localhost:7777/callback") },
		"other path":           func(v url.Values) { v.Set("redirect_uri", "http://127.0.0.1:7777/callback/x") },
		"added query":          func(v url.Values) { v.Set("redirect_uri", callback+"?x=1") },
		"foreign redirect":     func(v url.Values) { v.Set("redirect_uri", "https://evil.test/callback") },
		"user in redirect":     func(v url.Values) { v.Set("redirect_uri", "http://127.0.0.1:7777@evil.test/callback") },
		"plain PKCE":           func(v url.Values) { v.Set("code_challenge_method", "plain") },
		"no PKCE method":       func(v url.Values) { v.Del("code_challenge_method") },
		"no PKCE":              func(v url.Values) { v.Del("code_challenge") },
		"short challenge":      func(v url.Values) { v.Set("code_challenge", "abc") },
		"token response":       func(v url.Values) { v.Set("response_type", "token") },
		"fragment response":    func(v url.Values) { v.Set("response_mode", "fragment") },
		"wrong resource":       func(v url.Values) { v.Set("resource", "https://other.test/mcp") },
		"resource of the path": func(v url.Values) { v.Set("resource", be.srv.URL+"/other") },
		"request object":       func(v url.Values) { v.Set("request", "x") },
		"request by reference": func(v url.Values) { v.Set("request_uri", "https://evil.test/x") },
		"very long":            func(v url.Values) { v.Set("anything", strings.Repeat("x", maxQuery)) },
		"bad scope":            func(v url.Values) { v.Set("scope", "a\"b") },
		"repeated parameter":   func(v url.Values) { v.Add("state", "second") },
		"long state":           func(v url.Values) { v.Set("state", strings.Repeat("s", 5000)) },
	}
	for name, change := range tests {
		f := be.newFlow(id)
		change(f.params)
		res, err := noRedirects().Get(be.authURL(f))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" || strings.Contains(string(body), "<form") {
			t.Errorf("%s: status %d, location %q", name, res.StatusCode, res.Header.Get("Location"))
		}
	}
	f := be.newFlow(id)
	f.params.Set("resource", strings.Replace(be.b.resource.String(), "http", "HTTP", 1)+"/")
	be.code(f)
	f = be.newFlow(id)
	f.params.Del("resource")
	be.code(f)
}

func noRedirects() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// A page is what a consent page's form holds.
type page struct {
	txn, csrf, html string
	header          http.Header
}

func (be *bench) openConsent(c *http.Client, f *flow) page {
	be.Helper()
	res, err := c.Get(be.authURL(f))
	if err != nil {
		be.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	field := func(name string) string {
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindSubmatch(body)
		if m == nil {
			be.Fatalf("no field %s in %s", name, body)
		}
		return string(m[1])
	}
	return page{field("txn"), field("csrf"), string(body), res.Header}
}

// answer sends the consent form; header may alter the request.
func (be *bench) answer(c *http.Client, p page, header func(http.Header)) *http.Response {
	be.Helper()
	form := url.Values{"txn": {p.txn}, "csrf": {p.csrf}, "provider": {"dev"}, "answer": {"approve"}}
	req, err := http.NewRequest(http.MethodPost, be.srv.URL+pathConsent, strings.NewReader(form.Encode()))
	if err != nil {
		be.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", be.srv.URL)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if header != nil {
		header(req.Header)
	}
	res, err := c.Do(req)
	if err != nil {
		be.Fatal(err)
	}
	res.Body.Close()
	return res
}

func TestConsentPage(t *testing.T) {
	be := newBench(t, nil)
	id := be.register(`{"client_name":"Evil\u202egnp <script>alert(1)</script>","redirect_uris":["http://127.0.0.1/callback"]}`)["client_id"].(string)
	p := be.openConsent(noRedirects(), be.newFlow(id))
	csp := p.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("CSP %q lacks %q", csp, want)
		}
	}
	if strings.Contains(csp, "form-action") || strings.Contains(p.html, "<script") || strings.Contains(p.html, "\u202e") {
		t.Errorf("CSP %q, page %s", csp, p.html)
	}
	for _, want := range []string{"127.0.0.1:7777", "mcp:read", "mcp:write", "Evilgnp"} {
		if !strings.Contains(p.html, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if p.header.Get("X-Frame-Options") != "DENY" || p.header.Get("Cache-Control") != "no-store" || p.header.Get("X-Content-Type-Options") != "nosniff" || p.header.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("header %v", p.header)
	}
}

// Where the answer goes is what a person sees first and largest: the name that the
// program gives itself is only what it says.
func TestConsentShowsWhereTheAnswerGoes(t *testing.T) {
	for redirect, want := range map[string]string{
		"https://client.example.net/callback": "client.example.net",
		"http://127.0.0.1/callback":           "this computer (127.0.0.1",
		"com.example.app:/callback":           "an app on this computer (com.example.app:)",
	} {
		be := newBench(t, nil)
		id := be.register(`{"client_name":"your.bank.example","redirect_uris":["` + redirect + `"]}`)["client_id"].(string)
		f := be.newFlow(id)
		f.params.Set("redirect_uri", redirect)
		if p := be.openConsent(noRedirects(), f); !strings.Contains(p.html, `<p class="host">`+want) || strings.Contains(p.html, `<p class="host">your.bank`) {
			t.Errorf("%s: the page does not show %q: %s", redirect, want, p.html)
		}
	}
}

func TestConsentRefuses(t *testing.T) {
	be := newBench(t, nil)
	id := be.register("")["client_id"].(string)
	browser := noRedirects()
	p := be.openConsent(browser, be.newFlow(id))
	other := be.openConsent(noRedirects(), be.newFlow(id)) // another browser's form
	tests := map[string]struct {
		c      *http.Client
		p      page
		header func(http.Header)
	}{
		"no cookie":              {c: noRedirects(), p: p},
		"another browser's form": {c: browser, p: other},
		"no CSRF token":          {c: browser, p: page{txn: p.txn}},
		"wrong CSRF token":       {c: browser, p: page{txn: p.txn, csrf: other.csrf}},
		"foreign origin":         {c: browser, p: p, header: func(h http.Header) { h.Set("Origin", "https://evil.test") }},
		"cross-site":             {c: browser, p: p, header: func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site"); h.Del("Origin") }},
		"same-site":              {c: browser, p: p, header: func(h http.Header) { h.Set("Sec-Fetch-Site", "same-site") }},
		"null origin":            {c: browser, p: p, header: func(h http.Header) { h.Set("Origin", "null"); h.Del("Sec-Fetch-Site") }},
		"no origin at all":       {c: browser, p: p, header: func(h http.Header) { h.Del("Origin"); h.Del("Sec-Fetch-Site") }},
	}
	for name, tt := range tests {
		res := be.answer(tt.c, tt.p, tt.header)
		if res.StatusCode != http.StatusForbidden || len(res.Cookies()) > 0 || res.Header.Get("Location") != "" {
			t.Errorf("%s: status %d, cookies %v", name, res.StatusCode, res.Cookies())
		}
	}
	if res := be.answer(browser, p, nil); res.StatusCode != http.StatusSeeOther {
		t.Fatalf("the real form: status %d", res.StatusCode)
	}
	be.advance(11 * time.Minute)
	if res := be.answer(browser, p, nil); res.StatusCode != http.StatusBadRequest {
		t.Errorf("after ten minutes: status %d", res.StatusCode)
	}
}

// The state cookie comes only with the approval.
func TestCookies(t *testing.T) {
	be := newBench(t, nil)
	browser := noRedirects()
	f := be.newFlow(be.register("")["client_id"].(string))
	p := be.openConsent(browser, f)
	if got := p.header.Values("Set-Cookie"); len(got) != 1 || !strings.HasPrefix(got[0], "mcp-consent-") {
		t.Errorf("before consent: %q", got)
	}
	res := be.answer(browser, p, nil)
	got := res.Header.Values("Set-Cookie")
	if len(got) != 1 || !strings.HasPrefix(got[0], "mcp-state-") || !strings.Contains(got[0], "HttpOnly") || !strings.Contains(got[0], "SameSite=Lax") {
		t.Errorf("after consent: %q", got)
	}
	if !strings.HasPrefix(res.Header.Get("Location"), be.srv.URL+"/oauth/dev/signin?state=") {
		t.Errorf("location %q", res.Header.Get("Location"))
	}
}

func TestCookieNames(t *testing.T) {
	mk := func(resource string) *Broker {
		be := newBench(t, nil)
		cfg := be.b.cfg
		cfg.Resource, cfg.Keys = resource, [][]byte{make([]byte, 32)}
		cfg.Allow, _ = AllowRules("anyone")
		b, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	a, b := mk("https://mcp.test/a"), mk("https://mcp.test/b")
	if !strings.HasPrefix(a.cookieName("state"), "__Host-") || a.cookieName("state") == b.cookieName("state") {
		t.Errorf("names %q and %q", a.cookieName("state"), b.cookieName("state"))
	}
}

func TestDeny(t *testing.T) {
	be := newBench(t, nil)
	f := be.newFlow(be.register("")["client_id"].(string))
	_, err := robot.SignIn(context.Background(), nil, be.authURL(f), map[string]string{"answer": "deny"})
	if err == nil || !strings.Contains(err.Error(), "Nothing was shared") {
		t.Errorf("after denying: %v", err)
	}
}

// A login that is finished twice, in another browser or at another provider's
// callback gives nothing.
func TestCallbackRefuses(t *testing.T) {
	be := newBench(t, nil)
	id := be.register("")["client_id"].(string)
	login := func() (*http.Client, string) {
		browser := noRedirects()
		res := be.answer(browser, be.openConsent(browser, be.newFlow(id)), nil)
		u, _ := url.Parse(res.Header.Get("Location"))
		return browser, u.Query().Get("state")
	}
	get := func(c *http.Client, query string) *http.Response {
		res, err := c.Get(be.srv.URL + pathCallback + "dev?" + query)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	browser, state := login()
	if res := get(noRedirects(), "code=x&state="+state); res.StatusCode != http.StatusForbidden {
		t.Errorf("other browser: status %d", res.StatusCode)
	}
	if res := get(browser, "code=x&state="+state); res.StatusCode != http.StatusBadRequest {
		t.Errorf("after it: status %d", res.StatusCode)
	}
	browser, state = login()
	res := get(browser, "error=access_denied&state="+state)
	if !strings.Contains(res.Header.Get("Location"), "error=access_denied") || !strings.Contains(res.Header.Get("Location"), "iss=") {
		t.Errorf("declined: location %q", res.Header.Get("Location"))
	}
	if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" { // its address has a code, mostly
		t.Errorf("header %v", res.Header)
	}
	if res := get(browser, "code=x&state="+state); res.StatusCode != http.StatusBadRequest {
		t.Errorf("second use: status %d", res.StatusCode)
	}
	browser, state = login()
	base, _ := url.Parse(be.srv.URL)
	browser.Jar.SetCookies(base, []*http.Cookie{{Name: be.b.stateCookie(state), Value: hashKey("forged"), Path: "/"}})
	if res := get(browser, "code=x&state="+state); res.StatusCode != http.StatusForbidden {
		t.Errorf("forged cookie: status %d", res.StatusCode)
	}
	browser, state = login()
	be.advance(11 * time.Minute)
	if res := get(browser, "code=x&state="+state); res.StatusCode != http.StatusBadRequest {
		t.Errorf("late: status %d", res.StatusCode)
	}
	browser, state = login()
	if res := get(browser, "code=invented&state="+state); !strings.Contains(res.Header.Get("Location"), "error=access_denied") {
		t.Errorf("invented code: location %q", res.Header.Get("Location"))
	}
	if res := get(browser, "code=a&code=b&state="+state); res.StatusCode != http.StatusBadRequest {
		t.Errorf("repeated parameter: status %d", res.StatusCode)
	}
}

func TestOtherHosts(t *testing.T) {
	be := newBench(t, nil)
	for _, path := range be.b.Paths() {
		req, _ := http.NewRequest(http.MethodGet, be.srv.URL+path, nil)
		req.Host = "rebound.evil.test"
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s for another host: status %d, want 421", path, res.StatusCode)
		}
	}
	local := strings.Replace(be.srv.URL, "127.0.0.1", "localhost", 1)
	res, err := noRedirects().Get(local + pathAuthorize + "?a=b")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if want := be.srv.URL + pathAuthorize + "?a=b"; res.Header.Get("Location") != want {
		t.Errorf("under another loopback name: location %q, want %q", res.Header.Get("Location"), want)
	}
}
