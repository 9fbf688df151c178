package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

const documentID = "https://client.test/mcp/client.json"

// documents serves body as every document, and counts.
func (be *bench) documents(h http.HandlerFunc) *atomic.Int64 {
	var n atomic.Int64
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.Add(1); h(w, r) }))
	be.Cleanup(srv.Close)
	tr := srv.Client().Transport.(*http.Transport).Clone()
	tr.TLSClientConfig.ServerName = "example.com" // what httptest's certificate names
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
	}
	be.b.fetch = newFetcher(&http.Client{Transport: tr}, "")
	return &n
}

func serveDocument(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}
}

func goodDocument() string {
	return `{"client_id":"` + documentID + `","client_name":"Doc","redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none"}`
}

func TestDocumentClient(t *testing.T) {
	be := newBench(t, nil)
	n := be.documents(serveDocument(goodDocument()))
	f := be.newFlow(documentID)
	page := be.openConsent(noRedirects(), f)
	if !strings.Contains(page.html, `<p class="host">client.test</p>`) || !strings.Contains(page.html, "127.0.0.1:7777") {
		t.Errorf("page %s", page.html)
	}
	tok := be.tokens(f.exchange(be.code(f)))
	if p := be.wantValid(tok.access); p.ClientID != documentID {
		t.Errorf("client %q", p.ClientID)
	}
	if n.Load() != 1 {
		t.Errorf("fetched %d times, want 1", n.Load())
	}
	be.advance(25 * time.Hour) // the document is forgotten, the sign-in is not
	be.tokens(tok.refreshForm())
	if n.Load() != 1 {
		t.Errorf("a refresh fetched the document")
	}
	secret := tok.refreshForm()
	secret.Set("client_secret", "x")
	be.refused(secret, "invalid_client")
}

// A document is fetched only for a request that is otherwise right, and a bad one
// once a minute.
func TestDocumentFetches(t *testing.T) {
	be := newBench(t, nil)
	n := be.documents(func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) })
	get := func(f *flow) {
		t.Helper()
		res, err := noRedirects().Get(be.authURL(f))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Fatalf("status %d", res.StatusCode)
		}
	}
	wrong := be.newFlow(documentID)
	wrong.params.Set("code_challenge_method", "plain")
	get(wrong)
	if n.Load() != 0 {
		t.Error("fetched for a bad request")
	}
	f := be.newFlow(documentID)
	get(f)
	get(f)
	if n.Load() != 1 {
		t.Errorf("fetched %d times, want 1", n.Load())
	}
	be.advance(failedTTL + time.Second)
	get(f)
	if n.Load() != 2 {
		t.Errorf("fetched %d times, want 2", n.Load())
	}
}

func TestDocumentRefused(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"other client_id": serveDocument(strings.Replace(goodDocument(), "client.json", "other.json", 1)),
		"no name":         serveDocument(strings.Replace(goodDocument(), "Doc", "", 1)),
		"a secret":        serveDocument(strings.Replace(goodDocument(), "{", `{"client_secret":"x",`, 1)),
		"secret method":   serveDocument(strings.Replace(goodDocument(), `"none"`, `"client_secret_post"`, 1)),
		"other redirect":  serveDocument(strings.Replace(goodDocument(), "/callback", "/other", 1)),
		"not JSON":        serveDocument("<html>"),
		"huge":            serveDocument(goodDocument() + strings.Repeat(" ", maxDocument)),
		"content type": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, goodDocument())
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://client.test/else")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusFound)
			fmt.Fprint(w, goodDocument())
		},
	} {
		be := newBench(t, nil)
		be.documents(h)
		res, err := noRedirects().Get(be.authURL(be.newFlow(documentID)))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, res.StatusCode)
		}
	}
}

// What the user approved must still hold when the form comes back.
func TestDocumentChanges(t *testing.T) {
	be := newBench(t, nil)
	var body atomic.Value
	body.Store(goodDocument())
	be.documents(func(w http.ResponseWriter, r *http.Request) { serveDocument(body.Load().(string))(w, r) })
	browser := noRedirects()
	p := be.openConsent(browser, be.newFlow(documentID))
	body.Store(strings.Replace(goodDocument(), "/callback", "/other", 1))
	be.advance(minDocumentTTL + time.Second)
	if res := be.answer(browser, p, nil); res.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d, want 400", res.StatusCode)
	}
}

func TestNoClientDocuments(t *testing.T) {
	be := newBench(t, func(c *Config) { c.NoClientDocuments = true })
	n := be.documents(serveDocument(goodDocument()))
	res, err := noRedirects().Get(be.authURL(be.newFlow(documentID)))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest || n.Load() != 0 || be.b.metadata().MetadataDocuments {
		t.Errorf("status %d, fetched %d times", res.StatusCode, n.Load())
	}
}

func TestDocumentIDs(t *testing.T) {
	for id, want := range map[string]bool{
		documentID: true, "https://client.test/x": true,
		"http://client.test/x": false, "https://client.test": false, "https://client.test/": false, "https://client.test:8443/x": false,
		"https://u@client.test/x": false, "https://client.test/x#f": false, "https://client.test/x?y": false, "https://client.test/../x": false,
		"https://client.test/./x": false, "HTTPS://client.test/x": false, "https:///x": false, "https://./x": false, "https://client.test:/x": false, "https://client.test/x?": false,
		"https://client.test/a b": false, "https://client.test/\"x": false, "https://client.test/" + strings.Repeat("x", 492): true, "https://client.test/" + strings.Repeat("x", 493): false, "abc": false, "": false,
	} {
		if got := isDocumentID(id); got != want {
			t.Errorf("isDocumentID(%q) = %v", id, got)
		}
	}
}

// names is a resolver that knows some names and the addresses themselves.
type names map[string][]string

func (n names) lookup(_ context.Context, _, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip}, nil
	}
	var ips []netip.Addr
	for _, s := range n[host] {
		ips = append(ips, netip.MustParseAddr(s))
	}
	return ips, nil
}

// Only public addresses are dialled, and exactly those that were checked.
func TestOnlyCheckedAddressesAreDialled(t *testing.T) {
	known := names{
		"mcp.test": {"8.8.8.8"}, "MCP.test.": {"8.8.8.8"}, "good.test": {"9.9.9.9", "2620:fe::fe"},
		"inside.test": {"10.0.0.1"}, "both.test": {"9.9.9.9", "127.0.0.1"}, "meta.test": {"169.254.169.254"}, "mapped.test": {"::ffff:10.0.0.1"},
	}
	var dialled []string
	d := &guardedDialer{own: "mcp.test", lookup: known.lookup, dial: func(_ context.Context, _, addr string) (net.Conn, error) {
		dialled = append(dialled, addr)
		return nil, net.ErrClosed
	}}
	for _, addr := range []string{
		"127.0.0.1:443", "10.0.0.1:443", "169.254.169.254:443", "[::1]:443", "[fd00::1]:443", "[::ffff:127.0.0.1]:443", "0.0.0.0:443",
		"8.8.8.8:80", "good.test:8443", "mcp.test:443", "MCP.test.:443", "inside.test:443", "both.test:443", "meta.test:443", "mapped.test:443", "nobody.test:443",
	} {
		if _, err := d.DialContext(context.Background(), "tcp", addr); !errors.Is(err, errAddress) || len(dialled) > 0 {
			t.Errorf("%s: %v, dialled %v", addr, err, dialled)
		}
	}
	for addr, want := range map[string]string{"8.8.8.8:443": "8.8.8.8:443", "good.test:443": "9.9.9.9:443", "[::ffff:8.8.4.4]:443": "8.8.4.4:443"} {
		dialled = nil
		if _, err := d.DialContext(context.Background(), "tcp", addr); !errors.Is(err, net.ErrClosed) || len(dialled) != 1 || dialled[0] != want {
			t.Errorf("%s: %v, dialled %v, want %s", addr, err, dialled, want)
		}
	}
}

// A broker without a client of its own fetches through that dialer, knows its own
// host, uses no proxy and does not go where it is sent.
func TestTheRealFetcherIsGuarded(t *testing.T) {
	be := newBench(t, func(c *Config) { c.Resource = "http://localhost:8080/mcp" })
	tr := be.b.fetch.Transport.(*http.Transport)
	if tr.Proxy != nil || tr.DialTLSContext != nil {
		t.Error("the fetcher uses a proxy, or another dialer for TLS")
	}
	for addr, why := range map[string]string{"127.0.0.1:443": "not public", "localhost:443": "own host", "8.8.8.8:80": "port 443"} {
		if _, err := tr.DialContext(context.Background(), "tcp", addr); !errors.Is(err, errAddress) || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", addr, err, why)
		}
	}
	if _, err := be.b.fetch.Get("https://127.0.0.1/client.json"); !errors.Is(err, errAddress) {
		t.Errorf("Get: %v", err)
	}
	if be.b.fetch.Timeout != fetchTimeout || be.b.fetch.CheckRedirect(nil, nil) != http.ErrUseLastResponse {
		t.Error("no time limit, or redirects are followed")
	}
}

// A redirect to a document that would do is not followed.
func TestDocumentsAreNotRedirected(t *testing.T) {
	be := newBench(t, nil)
	var elsewhere atomic.Int64
	be.documents(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/good" {
			elsewhere.Add(1)
			serveDocument(goodDocument())(w, r)
			return
		}
		http.Redirect(w, r, "https://other.test/good", http.StatusFound)
	})
	res, err := noRedirects().Get(be.authURL(be.newFlow(documentID)))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest || elsewhere.Load() != 0 {
		t.Errorf("status %d, %d requests elsewhere", res.StatusCode, elsewhere.Load())
	}
}

func TestPublicAddresses(t *testing.T) {
	for addr, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "100.64.0.1": false, "192.168.0.1": false, "172.16.0.1": false, "198.18.0.1": false, "224.0.0.1": false,
		"255.255.255.255": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false, "fe80::1%eth0": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "2001:db8::1": false, "240.0.0.1": false,
	} {
		if got := limit.IsPublic(netip.MustParseAddr(addr)); got != want {
			t.Errorf("isPublic(%s) = %v", addr, got)
		}
	}
}

func TestDocumentTTL(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": minDocumentTTL, "max-age=0": minDocumentTTL, "public, max-age=3600": time.Hour, "max-age=99999999": maxDocumentTTL, "max-age=-1": minDocumentTTL, "max-age=x": minDocumentTTL,
		"s-maxage=3600": minDocumentTTL, "Max-Age=3600": time.Hour,
	} {
		if got := documentTTL(header); got != want {
			t.Errorf("documentTTL(%q) = %v, want %v", header, got, want)
		}
	}
}
