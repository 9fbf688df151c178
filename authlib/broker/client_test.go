package broker

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
)

// internet is every host there is. It writes down who was sent what, and redirects
// where "to" says.
type internet struct {
	tls, plain *httptest.Server

	mu   sync.Mutex
	seen []sent
}

type sent struct{ host, auth, body string }

func newInternet(t *testing.T) *internet {
	n := &internet{}
	n.tls, n.plain = httptest.NewUnstartedServer(n), httptest.NewServer(n)
	n.tls.Config.ErrorLog = log.New(io.Discard, "", 0) // connections that were not needed
	n.tls.StartTLS()
	t.Cleanup(n.tls.Close)
	t.Cleanup(n.plain.Close)
	return n
}

func (n *internet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	n.mu.Lock()
	n.seen = append(n.seen, sent{r.Host, r.Header.Get("Authorization"), string(body)})
	n.mu.Unlock()
	if to := r.URL.Query().Get("to"); to != "" {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// take returns what was sent since the last time.
func (n *internet) take() []sent {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.seen
	n.seen = nil
	return out
}

// dial leads every name to the servers here: port 80 to the one without TLS.
func (n *internet) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	target := n.tls.Listener.Addr().String()
	if _, port, _ := net.SplitHostPort(addr); port == "80" {
		target = n.plain.Listener.Addr().String()
	}
	return (&net.Dialer{}).DialContext(ctx, network, target)
}

func (n *internet) transport() *http.Transport {
	return &http.Transport{DialContext: n.dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // its certificate is of another name
}

// owner is a provider whose API is at origins.
type owner struct {
	provider.Provider
	origins []string
}

func (o owner) APIOrigins() []string { return o.origins }

// signedInAtGitHub is a user of the real GitHub's origins, and the way there.
func signedInAtGitHub(t *testing.T, n *internet) (*bench, *authtest.GitHub, context.Context) {
	t.Helper()
	real, err := github.New(github.Config{ClientID: "Iv1.0123456789abcdef", ClientSecret: "0123456789abcdef0123"})
	if err != nil {
		t.Fatal(err)
	}
	gh := authtest.NewGitHub(t)
	gh.ExpireTokens(2 * time.Hour)
	be := newBench(t, withGitHub(t, gh, "anyone", func(c *Config) {
		c.Providers[0] = owner{c.Providers[0], real.APIOrigins()}
		c.AccessTTL, c.APITransport = 5*time.Hour, n.transport()
	}))
	return be, gh, be.as(be.signIn())
}

func TestClientCallsTheAPIAsTheCaller(t *testing.T) {
	gh := authtest.NewGitHub(t)
	be := newBench(t, withGitHub(t, gh, "anyone", nil))
	ctx := be.as(be.signIn())
	res, err := be.b.Client(ctx).Get(gh.URL + "/api/v3/user")
	if err != nil {
		t.Fatal(err)
	}
	user := be.decode(res, http.StatusOK)
	if user["login"] != "octocat" {
		t.Errorf("the API answered %v", user)
	}
	if h := res.Request.Header.Get("Authorization"); h != "" {
		t.Error("the response's request shows the token")
	}
}

// Nothing at all is sent to what is not the API, also not without the token.
func TestClientSendsNothingElsewhere(t *testing.T) {
	n := newInternet(t)
	be, _, ctx := signedInAtGitHub(t, n)
	client := be.b.Client(ctx)
	for _, target := range []string{
		"https://api.github.com.evil.example/user", "https://evil.example/", "https://api.github.com@evil.example/", "https://evil@api.github.com/",
		"https://api.github.com:8443/user", "http://api.github.com/user", "http://api.github.com:443/", "https://github.com/", "https://api.github.com./user",
		"https://\uff41pi.github.com/", "https://api.githu\u0432.com/", "https://127.0.0.1/", "https://[::1]/", "https://raw.githubusercontent.com/a",
	} {
		res, err := client.Get(target)
		if !errors.Is(err, ErrNotAPI) {
			t.Errorf("%s: %v (%v), want ErrNotAPI", target, res, err)
		}
	}
	if seen := n.take(); len(seen) > 0 {
		t.Errorf("was sent all the same: %v", seen)
	}
	if res, err := client.Get("https://api.github.com/user"); err != nil {
		t.Fatal(err)
	} else {
		res.Body.Close()
	}
	if seen := n.take(); len(seen) != 1 || seen[0].host != "api.github.com" || !strings.HasPrefix(seen[0].auth, "Bearer gho_") {
		t.Errorf("the API was sent %v", seen)
	}
}

func hops(targets ...string) string {
	next := targets[len(targets)-1]
	for _, t := range slices.Backward(targets[:len(targets)-1]) {
		next = t + "?to=" + url.QueryEscape(next)
	}
	return next
}

func TestClientFollowsRedirectsWithinTheAPIOnly(t *testing.T) {
	n := newInternet(t)
	be, _, ctx := signedInAtGitHub(t, n)
	client := be.b.Client(ctx)
	const api, uploads = "https://api.github.com/a", "https://uploads.github.com/b"
	for _, c := range []struct {
		name, url string
		hosts     []string
		refused   bool
	}{
		{"within", hops(api, uploads, api), []string{"api.github.com", "uploads.github.com", "api.github.com"}, false},
		{"relative", hops(api, "/other"), []string{"api.github.com", "api.github.com"}, false},
		{"foreign", hops(api, "https://evil.example/"), []string{"api.github.com"}, true},
		{"look-alike", hops(api, "https://api.github.com.evil.example/"), []string{"api.github.com"}, true},
		{"user name", hops(api, "https://api.github.com@evil.example/"), []string{"api.github.com"}, true},
		{"no scheme", hops(api, "//evil.example/"), []string{"api.github.com"}, true},
		{"downgrade", hops(api, "http://api.github.com/"), []string{"api.github.com"}, true},
		{"port", hops(api, "https://api.github.com:444/"), []string{"api.github.com"}, true},
		{"at the end of a chain", hops(api, uploads, api, "https://evil.example/"), []string{"api.github.com", "uploads.github.com", "api.github.com"}, true},
		{"there and back", hops(api, "https://evil.example/", api), []string{"api.github.com"}, true},
		{"without end", hops(api, api, api, api, api, api, api, api), slices.Repeat([]string{"api.github.com"}, maxHops+1), true},
	} {
		res, err := client.Post(c.url, "text/plain", strings.NewReader("the body"))
		if res != nil {
			res.Body.Close()
		}
		if errors.Is(err, ErrNotAPI) != c.refused || !c.refused && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.refused && (res == nil || res.Header.Get("Location") == "") {
			t.Errorf("%s: the handler can't see where it was sent", c.name)
		}
		var hosts []string
		for _, s := range n.take() {
			hosts = append(hosts, s.host)
			if !strings.HasPrefix(s.auth, "Bearer gho_") || s.body != "the body" {
				t.Errorf("%s: %s got %q with %q", c.name, s.host, s.auth, s.body)
			}
		}
		if !slices.Equal(hosts, c.hosts) {
			t.Errorf("%s: sent to %v, want %v", c.name, hosts, c.hosts)
		}
	}
}

// broken fails every request in the words of a transport that tells all it knows.
type broken struct{}

func (broken) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("connection reset")
}

func TestClientShowsNoToken(t *testing.T) {
	n := newInternet(t)
	be, gh, ctx := signedInAtGitHub(t, n)
	token := be.b.TokenSource(ctx)
	tok, err := token.Token()
	if err != nil {
		t.Fatal(err)
	}
	client := be.b.Client(ctx)
	res, err := client.Get("https://api.github.com/user")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	_, foreign := client.Get(hops("https://api.github.com/", "https://evil.example/"))
	be.b.api = broken{}
	_, down := client.Get("https://api.github.com/user")
	gh.RevokeAll()
	be.advance(3 * time.Hour)
	_, ended := client.Get("https://api.github.com/user")
	if foreign == nil || down == nil || !errors.Is(ended, provider.ErrInvalidToken) {
		t.Fatalf("errors: %v; %v; %v", foreign, down, ended)
	}
	for name, v := range map[string]any{"client": client, "transport": client.Transport, "token source": token, "response": res, "request": res.Request, "foreign": foreign, "down": down, "ended": ended} {
		out := fmt.Sprintf("%v %+v %#v %s", v, v, v, v)
		if js, err := json.Marshal(v); err == nil {
			out += string(js)
		}
		if strings.Contains(out, tok.AccessToken) || strings.Contains(out, "gho_") || strings.Contains(out, "ghr_") {
			t.Errorf("the %s shows the token: %s", name, out)
		}
	}
}

// A proxy is asked for a tunnel, and sees no token.
func TestClientThroughAProxy(t *testing.T) {
	n := newInternet(t)
	be, gh, ctx := signedInAtGitHub(t, n)
	var mu sync.Mutex
	var seen bytes.Buffer
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(&seen, r.Method, r.Host, r.Header)
		if r.Method != http.MethodConnect {
			return
		}
		far, err := net.Dial("tcp", n.tls.Listener.Addr().String())
		near, _, err2 := http.NewResponseController(w).Hijack()
		if err != nil || err2 != nil {
			t.Error(err, err2)
			return
		}
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(far, near); far.Close() }()
		go func() { _, _ = io.Copy(near, far); near.Close() }()
	}))
	t.Cleanup(proxy.Close)
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	through := newAPITransport().(*http.Transport)
	through.Proxy, through.TLSClientConfig = proxyForTLS(http.ProxyURL(at)), &tls.Config{InsecureSkipVerify: true}
	be.b.api = through
	res, err := be.b.Client(ctx).Get("https://api.github.com/user")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if s := n.take(); len(s) != 1 || !strings.HasPrefix(s[0].auth, "Bearer gho_") {
		t.Errorf("the API was sent %v", s)
	}
	be.b.cfg.Providers[0] = owner{be.b.cfg.Providers[0], []string{gh.URL}}
	if res, err = be.b.Client(ctx).Get(gh.URL + "/api/v3/user"); err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	mu.Lock()
	defer mu.Unlock()
	if got := seen.String(); !strings.HasPrefix(got, "CONNECT api.github.com:443") || strings.Contains(got, "gho_") || strings.Count(got, "\n") != 1 {
		t.Errorf("the proxy saw %s", got)
	}
}

// Twenty calls with a token that has ended refresh it once, and carry the new one.
func TestClientRefreshesOnTheFly(t *testing.T) {
	n := newInternet(t)
	be, gh, ctx := signedInAtGitHub(t, n)
	be.advance(3 * time.Hour)
	before := gh.Calls(githubToken)
	client := be.b.Client(ctx)
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			res, err := client.Get("https://api.github.com/user")
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
		}()
	}
	wg.Wait()
	if c := gh.Calls(githubToken) - before; c != 1 {
		t.Errorf("%d refreshes, want 1", c)
	}
	now, err := be.b.TokenSource(ctx).Token()
	if err != nil {
		t.Fatal(err)
	}
	seen := n.take()
	for _, s := range seen {
		if s.auth != "Bearer "+now.AccessToken {
			t.Error("a call carried another token")
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d calls arrived, want 20", len(seen))
	}
}

// closed is a body that knows whether it was closed, as every RoundTripper must.
type closed struct {
	io.Reader
	yes bool
}

func (c *closed) Close() error { c.yes = true; return nil }

func TestClientRefusesWhatIsNotTheCallersRequest(t *testing.T) {
	n := newInternet(t)
	be, _, ctx := signedInAtGitHub(t, n)
	over, cancel := context.WithCancel(ctx)
	cancel()
	again := be.as(be.signIn()) // the same user's other sign-in
	somebody, _ := authlib.FromContext(ctx)
	other := somebody.Clone()
	other.Subject = "1"
	for name, c := range map[string]struct {
		of     context.Context
		change func(*http.Request)
		want   error
	}{
		"another Host":                {ctx, func(r *http.Request) { r.Host = "evil.appspot.com" }, ErrNotAPI},
		"own credentials":             {ctx, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, ErrNotAPI},
		"empty credentials":           {ctx, func(r *http.Request) { r.Header["Authorization"] = nil; r.Header.Set("Proxy-Authorization", "x") }, ErrNotAPI},
		"another caller's handler":    {ctx, func(r *http.Request) { *r = *r.WithContext(authlib.NewContext(context.Background(), other)) }, authlib.ErrForbidden},
		"another sign-in's handler":   {ctx, func(r *http.Request) { *r = *r.WithContext(again) }, authlib.ErrForbidden},
		"a handler that has returned": {over, func(*http.Request) {}, context.Canceled},
		"nobody":                      {context.Background(), func(*http.Request) {}, authlib.ErrUnauthenticated},
		"somebody else's sign-in":     {authlib.NewContext(context.Background(), other), func(*http.Request) {}, authlib.ErrForbidden},
	} {
		body := &closed{Reader: strings.NewReader("x")}
		r, err := http.NewRequest(http.MethodPost, "https://api.github.com/user", body)
		if err != nil {
			t.Fatal(err)
		}
		c.change(r)
		if _, err := be.b.Client(c.of).Do(r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if !body.yes {
			t.Errorf("%s: the body was left open", name)
		}
	}
	if seen := n.take(); len(seen) > 0 {
		t.Errorf("was sent all the same: %v", seen)
	}
}

func TestClientOfAProviderWithoutAnAPI(t *testing.T) {
	be := newBench(t, nil) // the dev provider
	_, err := be.b.Client(be.as(be.signIn())).Get("https://api.github.com/user")
	if !errors.Is(err, ErrNotAPI) || !strings.Contains(err.Error(), "provider dev has none") {
		t.Errorf("%v, want ErrNotAPI", err)
	}
}

// Handlers find the broker of the guard that let their caller in.
func TestFromContext(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	var got *Broker
	var found bool
	guard, err := authlib.New(authlib.Config{Resource: be.b.Audience(), Verifier: be.b, AuthServer: be.b, AllowAnonymous: true,
		Policy: authlib.Policy{Tools: map[string]authlib.Rule{"open": {Public: true}}}})
	if err != nil {
		t.Fatal(err)
	}
	h := guard.Protect(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, found = FromContext(r.Context()) }))
	call := func(token string) {
		got, found = nil, false
		r := httptest.NewRequest(http.MethodPost, be.b.Audience(), strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
		r.Header.Set("Content-Type", "application/json")
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
	}
	if call(tok.access); !found || got != be.b {
		t.Errorf("a user's handler found %v", got)
	}
	if call(""); found || got != nil {
		t.Errorf("a stranger's handler found %v", got)
	}
	if _, ok := FromContext(authlib.NewContext(context.Background(), &authlib.Principal{})); ok {
		t.Error("found a broker where no guard was")
	}
}

// turning is a context that does something once it is waited for.
type turning struct {
	context.Context
	turn func()
}

func (c turning) Done() <-chan struct{} { c.turn(); return nil }

// A request goes where it went when it was looked at, though somebody changes it while
// the token is fetched.
func TestClientSendsWhatItLookedAt(t *testing.T) {
	n := newInternet(t)
	be, _, ctx := signedInAtGitHub(t, n)
	r, err := http.NewRequest(http.MethodGet, "https://api.github.com/user", nil)
	if err != nil {
		t.Fatal(err)
	}
	r = r.WithContext(turning{context.Background(), func() { r.URL.Host, r.Host = "evil.test", "evil.test" }})
	if res, err := be.b.Client(ctx).Transport.RoundTrip(r); err == nil {
		res.Body.Close()
	}
	for _, s := range n.take() {
		if s.host != "api.github.com" {
			t.Errorf("%s was sent the token", s.host)
		}
	}
}

// A stranger's handler, of a public tool, gets nothing by a client that was made for
// somebody.
func TestClientRefusesAStrangersRequest(t *testing.T) {
	n := newInternet(t)
	be, _, ctx := signedInAtGitHub(t, n)
	r, err := http.NewRequestWithContext(authlib.NewContext(context.Background(), nil), http.MethodGet, "https://api.github.com/user", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := be.b.Client(ctx).Do(r); !errors.Is(err, authlib.ErrForbidden) {
		t.Errorf("%v, want ErrForbidden", err)
	}
	if seen := n.take(); len(seen) > 0 {
		t.Errorf("was sent all the same: %v", seen)
	}
}
