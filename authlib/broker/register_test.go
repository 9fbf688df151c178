package broker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What clients with strict schemas refuse is not in the answer.
func TestRegisterAnswer(t *testing.T) {
	be := newBench(t, nil)
	m := be.register(`{"redirect_uris":["http://localhost:3000/cb"],"client_name":"","client_uri":"","contacts":null,"jwks":{"keys":[]},"scope":"x","application_type":"native"}`)
	for k, v := range m {
		if v == nil || v == "" || k == "client_secret" || k == "client_secret_expires_at" || k == "jwks" || k == "scope" {
			t.Errorf("member %s is %v", k, v)
		}
	}
	if m["token_endpoint_auth_method"] != "none" || m["application_type"] != "native" || len(m["grant_types"].([]any)) != 2 {
		t.Errorf("answer %v", m)
	}
	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		m := be.register(`{"redirect_uris":["http://localhost/cb"],"token_endpoint_auth_method":"` + method + `"}`)
		if s, _ := m["client_secret"].(string); len(s) < 40 || m["client_secret_expires_at"] != 0.0 || m["token_endpoint_auth_method"] != method {
			t.Errorf("%s: %v", method, m)
		}
	}
}

func TestRegisterTwice(t *testing.T) {
	be := newBench(t, nil)
	meta := `{"client_name":"A","redirect_uris":["http://127.0.0.1/cb"]}`
	a := be.register(meta)["client_id"]
	if b := be.register(meta)["client_id"]; b != a {
		t.Error("the same metadata gave another client")
	}
	for _, other := range []string{
		`{"client_name":"B","redirect_uris":["http://127.0.0.1/cb"]}`,
		`{"client_name":"A","redirect_uris":["http://127.0.0.1/cb","https://a.test/"]}`,
	} {
		if be.register(other)["client_id"] == a {
			t.Errorf("%s gave the same client", other)
		}
	}
	secret := `{"redirect_uris":["http://127.0.0.1/cb"],"token_endpoint_auth_method":"client_secret_post"}`
	if be.register(secret)["client_secret"] == be.register(secret)["client_secret"] {
		t.Error("two clients share a secret")
	}
}

func TestRegisterRefuses(t *testing.T) {
	be := newBench(t, nil)
	for body, want := range map[string]string{
		``: "invalid_client_metadata", `[]`: "invalid_client_metadata", `{"redirect_uris":"x"}`: "invalid_client_metadata",
		`{}`: "invalid_redirect_uri", `{"redirect_uris":[]}`: "invalid_redirect_uri",
		`{"redirect_uris":["http://evil.test/cb"]}`:                                            "invalid_redirect_uri",
		`{"redirect_uris":["https://*.elsewhere.test/cb"]}`:                                    "invalid_redirect_uri",
		`{"redirect_uris":["javascript:alert(1)"]}`:                                            "invalid_redirect_uri",
		`{"redirect_uris":["https://a.test/#x"]}`:                                              "invalid_redirect_uri",
		`{"redirect_uris":["https://a.test/"],"token_endpoint_auth_method":"private_key_jwt"}`: "invalid_client_metadata",
		`{"redirect_uris":["https://a.test/"],"grant_types":["client_credentials"]}`:           "invalid_client_metadata",
		`{"redirect_uris":["https://a.test/"],"response_types":["token"]}`:                     "invalid_client_metadata",
		`{"redirect_uris":["https://a.test/` + strings.Repeat("a", maxRegistration) + `"]}`:    "invalid_client_metadata",
		`{"redirect_uris":[` + strings.Repeat(`"https://a.test/`+strings.Repeat("a", 1900)+`",`, 2) + `"https://a.test/` + strings.Repeat("b", 400) + `"]}`: "invalid_redirect_uri",
		`{"redirect_uris":[` + strings.Repeat(`"https://a.test/",`, maxRedirects) + `"https://a.test/x"]}`:                                                  "invalid_redirect_uri",
	} {
		res, err := http.Post(be.srv.URL+pathRegister, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if m := be.decode(res, http.StatusBadRequest); m["error"] != want {
			t.Errorf("%.60s: %v, want %s", body, m, want)
		}
	}
}

// A flood of registrations through several processes ends at a limit, and soon
// after it stops there is room again.
func TestRegisterFlood(t *testing.T) {
	be := newBench(t, nil)
	be.b.limits = nil // of each process
	status := func(i int) int {
		body, _ := json.Marshal(map[string]any{"client_name": fmt.Sprint(i), "redirect_uris": []string{"http://127.0.0.1/cb"}})
		req, _ := http.NewRequest(http.MethodPost, be.srv.URL+pathRegister, bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		w := &discard{header: http.Header{}}
		req.Host = strings.TrimPrefix(be.srv.URL, "http://")
		be.b.ServeHTTP(w, req)
		return w.status
	}
	for i := range maxClients {
		if s := status(i); s != http.StatusCreated {
			t.Fatalf("registration %d: status %d", i, s)
		}
	}
	if s := status(-1); s != http.StatusTooManyRequests {
		t.Errorf("one more: status %d", s)
	}
	be.advance(crowdedTTL + time.Second)
	if s := status(-1); s != http.StatusCreated {
		t.Errorf("after the flood: status %d", s)
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(s int)           { d.status = s }

// An unused client ends after a day; one that somebody signed in with stays.
func TestClientEnds(t *testing.T) {
	be := newBench(t, nil)
	tok := be.signIn()
	be.register("") // again, which must not make it a new one
	unused := be.register(`{"client_name":"unused","redirect_uris":["http://127.0.0.1/callback"]}`)["client_id"].(string)
	be.advance(25 * time.Hour)
	res, err := http.Get(be.authURL(be.newFlow(unused)))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("unused client after a day: status %d", res.StatusCode)
	}
	be.tokens(tok.refreshForm())
}

func TestMatchRedirect(t *testing.T) {
	registered := []string{"http://127.0.0.1/cb", "http://[::1]:1/cb", "http://localhost:3000/cb?a=b", "https://app.test/cb", "com.example.app:/cb", "cursor://anysphere.cursor/cb", "https://localhost/tls"}
	yes := []string{"http://127.0.0.1/cb", "http://127.0.0.1:65535/cb", "http://[::1]:99/cb", "http://localhost:1/cb?a=b", "https://app.test/cb", "com.example.app:/cb", "cursor://anysphere.cursor/cb"}
	no := []string{
		"", "http://localhost:3000/cb", "http://127.0.0.2/cb", "http://127.0.0.1/cb/", "http://127.0.0.1/CB", "http://127.0.0.1/cb?", "http://127.0.0.1/cb?x",
		"http://127.0.0.1:80@evil.test/cb", "http://evil.test/cb", "https://127.0.0.1/cb", "https://app.test:444/cb", "https://app.test/cb#x", "https://app.test/cb/../x",
		"https://APP.test/cb", "http://127.0.0.1/%63b", "http://127.0.0.1\\@evil.test/cb", "http://127.0.0.1:1/cb\n", "com.example.app:/other", "http://127.0.0.1.evil.test/cb",
		"http://localhost/tls", "http://localhost:99/tls", "https://localhost:99/tls", "http://127.0.0.1/cb?" + strings.Repeat("x", maxRedirect),
		"http://2130706433/cb", "http://0x7f.1/cb", "http://[::ffff:127.0.0.1]/cb", "//127.0.0.1/cb", "/cb",
	}
	for _, s := range yes {
		if !matchRedirect(registered, s) {
			t.Errorf("%q must match", s)
		}
	}
	for _, s := range no {
		if matchRedirect(registered, s) {
			t.Errorf("%q must not match", s)
		}
	}
}

// Native apps have a scheme of their own (RFC 8252 §7.1), beside other addresses, and
// refusing one would refuse them. It is matched letter for letter: no port is any port
// there.
func TestNativeAppsRegisterTheirOwnSchemes(t *testing.T) {
	const own = "cursor://anysphere.cursor-mcp/oauth/callback"
	be := newBench(t, nil)
	c := be.register(`{"client_name":"Editor","redirect_uris":["` + own + `","http://localhost:8787/callback","https://www.editor.test/oauth/callback"],"token_endpoint_auth_method":"none"}`)
	if n := len(c["redirect_uris"].([]any)); n != 3 {
		t.Fatalf("%d addresses were registered", n)
	}
	for redirect, want := range map[string]int{own: http.StatusOK, own + "/": http.StatusBadRequest, "cursor://anysphere.cursor-mcp:1/oauth/callback": http.StatusBadRequest, "cursor://other/oauth/callback": http.StatusBadRequest} {
		u, _ := url.Parse(be.authURL(be.newFlow(c["client_id"].(string))))
		q := u.Query()
		q.Set("redirect_uri", redirect)
		u.RawQuery = q.Encode()
		res, err := noRedirects().Get(u.String())
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != want || want == http.StatusOK && !strings.Contains(string(body), "cursor://") {
			t.Errorf("%s: %d %s", redirect, res.StatusCode, body)
		}
	}
}

// An address is one that answers can be sent to, by one reading and by no other: none
// that a browser or system gives a meaning, or that holds what a URI cannot.
func TestAddressesThatAreRefused(t *testing.T) {
	bad := []string{
		"", "x", "//app.test/cb", "https:", "https://", "https:///cb", "https:app.test", "http://app.test/cb", "http://10.0.0.1/cb", "com.example.app:",
		"https://user@app.test/cb", "https://user:pw@app.test/cb", "https://app.test/cb#", "https://app.test/cb#x", "https://*.app.test/cb", "http://*/cb",
		"https://app.test/" + strings.Repeat("x", maxRedirect),
		"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "about:blank", "blob:x", "view-source:x", "intent://x", "shell:x", "ms-word:x", "ms-settings:x",
		"chrome-extension://x/y", "moz-extension://x/y", "urn:ietf:wg:oauth:2.0:oob", "mailto:a@b.test", "ftp://app.test/cb", "ws://app.test/cb",
	}
	for _, c := range "\"<>\\^`{|} \t\r\n\x00\x7fé" {
		bad = append(bad, "https://app.test/"+string(c), "com.example.app:/"+string(c))
	}
	for _, s := range bad {
		if u, err := parseRedirect(s); err == nil {
			t.Errorf("%q is taken as %v", s, u)
		}
	}
	for _, s := range []string{"https://app.test", "https://app.test/" + strings.Repeat("x", maxRedirect-17), "http://[::1]/cb", "com.example.app:/cb", "com.example.app:cb", "cursor://x", "https://app.test/cb?a=b&c"} {
		if _, err := parseRedirect(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// Whatever matches is either registered as it is or goes to the same loopback
// host and path.
func FuzzMatchRedirect(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1:1/cb", "http://127.0.0.1/cb", "http://127.0.0.1:1@evil.test/cb", "https://app.test/cb"} {
		f.Add(s)
	}
	registered := []string{"http://127.0.0.1/cb", "https://app.test/cb"}
	f.Fuzz(func(t *testing.T, s string) {
		if !matchRedirect(registered, s) || s == registered[0] || s == registered[1] {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.Path != "/cb" || u.RawQuery != "" || u.User != nil || u.Fragment != "" {
			t.Errorf("%q matches", s)
		}
	})
}

func FuzzParseRegistration(f *testing.F) {
	f.Add([]byte(`{"redirect_uris":["http://127.0.0.1/cb"],"client_name":"x"}`))
	f.Add([]byte(`{"redirect_uris":["a:b"],"grant_types":["authorization_code"],"client_name":"\u202e"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		reg, err := parseRegistration(body)
		if err != nil {
			return
		}
		for _, s := range reg.RedirectURIs {
			if _, err := parseRedirect(s); err != nil {
				t.Errorf("took redirect %q", s)
			}
		}
		if len(reg.RedirectURIs) == 0 || len([]rune(reg.ClientName)) > 81 || strings.ContainsAny(reg.ClientName, "\n\r\u202e\u200b\x1b") {
			t.Errorf("took %+v", reg)
		}
	})
}
