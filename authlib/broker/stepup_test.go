package broker

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest/robot"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
)

// terms returns the list of a consent page: each heading with what is below it.
func (p page) terms() map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)<dt>(.*?)</dt>(.*?)(?:<dt>|</dl>)`).FindAllStringSubmatch(strings.ReplaceAll(p.html, "<dt>", "<dt><dt>"), -1) {
		heading := strings.TrimPrefix(m[1], "<dt>")
		out[html.UnescapeString(heading)] = strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[2], " ")), " ")
	}
	return out
}

func (p page) wantTerms(t *testing.T, want map[string]string) {
	t.Helper()
	got := p.terms()
	for heading, text := range want {
		if got[heading] != text {
			t.Errorf("%q: %q, want %q", heading, got[heading], text)
		}
	}
	for heading := range got {
		if _, known := want[heading]; !known && strings.Contains(heading, "before") {
			t.Errorf("the page says %q: %q", heading, got[heading])
		}
	}
}

// sentTo approves and returns the scopes that the provider is asked for.
func (be *bench) sentTo(c *http.Client, p page, provider string) string {
	be.Helper()
	form := url.Values{"txn": {p.txn}, "csrf": {p.csrf}, "provider": {provider}, "answer": {"approve"}}
	req, _ := http.NewRequest(http.MethodPost, be.srv.URL+pathConsent, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", be.srv.URL)
	res, err := c.Do(req)
	if err != nil {
		be.Fatal(err)
	}
	res.Body.Close()
	u, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.StatusCode != http.StatusSeeOther {
		be.Fatalf("%d, %v", res.StatusCode, err)
	}
	return u.Query().Get("scope")
}

// The page shows every scope that the provider will be asked for, also those that
// the configuration adds and no client named.
func TestConsentShowsWhatTheProviderIsAskedFor(t *testing.T) {
	gh, is := authtest.NewGitHub(t), authtest.NewIssuer(t)
	for name, change := range map[string]func(*Config){
		"github": withGitHub(t, gh, "org:acme", func(c *Config) { c.Scopes = nil }),
		"oidc":   withOIDC(t, is, "domain:example.com"),
	} {
		be := newBench(t, change)
		browser := noRedirects()
		p := be.openConsent(browser, be.newFlow(be.register("")["client_id"].(string)))
		shown := p.terms()[fmt.Sprintf("%s itself asks %s for", be.b.cfg.Name, be.b.cfg.Providers[0].Name())]
		if sent := be.sentTo(browser, p, be.b.cfg.Providers[0].Name()); shown == "" || sent != shown {
			t.Errorf("%s: the page shows %q, the provider is asked for %q", name, shown, sent)
		}
	}
}

// A provider that cannot be asked is not offered, and the others are.
func TestConsentWithAProviderThatIsDown(t *testing.T) {
	gh, is := authtest.NewGitHub(t), authtest.NewIssuer(t)
	is.SetDown(true)
	be := newBench(t, func(c *Config) {
		withOIDC(t, is, "anyone")(c)
		p, err := github.New(github.Config{ClientID: gh.ClientID, ClientSecret: gh.ClientSecret, BaseURL: gh.URL, Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		c.Providers = append(c.Providers, p)
	})
	id := be.register("")["client_id"].(string)
	p := be.openConsent(noRedirects(), be.newFlow(id))
	if strings.Contains(p.html, `value="oidc"`) || !strings.Contains(p.html, `value="github"`) {
		t.Error(p.html)
	}
	be.b.cfg.Providers = be.b.cfg.Providers[:1]
	if s := be.page(id); s != http.StatusServiceUnavailable {
		t.Errorf("none is left: %d", s)
	}
}

// A client that asks for more is shown with what is new; what the user of this
// browser allowed it before is shown apart, and not to another browser, for another
// client, or when it has ended.
func TestStepUpShowsWhatIsNew(t *testing.T) {
	gh := authtest.NewGitHub(t)
	be := newBench(t, withGitHub(t, gh, "anyone", nil))
	id := be.register("")["client_id"].(string)
	browser := noRedirects()
	flow := func(id, scope string) *flow {
		f := be.newFlow(id)
		f.params.Set("scope", scope)
		return f
	}
	name := be.b.cfg.Name
	ours, before := "It asks for", "You allowed it before, and it keeps"
	theirs, theirsBefore := name+" itself asks github for", "You gave "+name+" before, from github"
	be.openConsent(browser, flow(id, "mcp:use")).wantTerms(t, map[string]string{ours: "mcp:use", theirs: "read:user read:org"})
	if _, err := robot.SignIn(context.Background(), browser, be.authURL(flow(id, "mcp:use")), nil); err != nil {
		t.Fatal(err)
	}
	more := map[string]string{ours: "repo", before: "mcp:use", theirs: "repo", theirsBefore: "read:user read:org"}
	p := be.openConsent(browser, flow(id, "mcp:use repo"))
	p.wantTerms(t, more)
	if sent := be.sentTo(browser, p, "github"); sent != "read:user read:org repo" {
		t.Errorf("GitHub is asked for %q; it adds what is new by itself", sent)
	}
	be.openConsent(browser, flow(id, "mcp:use")).wantTerms(t, map[string]string{
		ours: "access as you, without further scopes than before", before: "mcp:use",
		theirs: "who you are, and no more than before", theirsBefore: "read:user read:org",
	})
	all := map[string]string{ours: "mcp:use repo", theirs: "read:user read:org repo"}
	be.openConsent(noRedirects(), flow(id, "mcp:use repo")).wantTerms(t, all)
	other := be.register(`{"client_name":"other","redirect_uris":["http://127.0.0.1/callback"]}`)["client_id"].(string)
	be.openConsent(browser, flow(other, "mcp:use repo")).wantTerms(t, all)
	be.advance(be.b.cfg.RefreshTTL)
	be.register("") // the same one, which ended
	be.openConsent(browser, flow(id, "mcp:use repo")).wantTerms(t, all)
}

// The cookie opens for its client only, and only as it was made.
func TestAllowedCookieIsSealed(t *testing.T) {
	be := newBench(t, nil)
	si := &signIn{Provider: "dev", Scopes: []string{"a"}}
	cookie := func(clientID string) *http.Cookie {
		w := httptest.NewRecorder()
		be.b.rememberAllowed(w, clientID, si)
		return w.Result().Cookies()[0]
	}
	read := func(c *http.Cookie, clientID string) []string {
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: be.b.allowedCookie(clientID), Value: c.Value})
		return be.b.allowedBefore(r, clientID).Scopes
	}
	c := cookie("one")
	if got := read(c, "one"); len(got) != 1 || !c.HttpOnly || c.MaxAge != int(be.b.cfg.RefreshTTL/time.Second) {
		t.Errorf("%v, %v", got, c)
	}
	if got := read(c, "two"); got != nil {
		t.Errorf("for another client: %v", got)
	}
	c.Value = c.Value[:len(c.Value)-2] + "AA"
	if got := read(c, "one"); got != nil {
		t.Errorf("changed: %v", got)
	}
	si.Scopes = []string{strings.Repeat("x", 2*maxAllowed)}
	if c := cookie("one"); c.MaxAge >= 0 || c.Value != "" {
		t.Errorf("a huge one: %v", c)
	}
}
