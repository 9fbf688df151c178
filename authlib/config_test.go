package authlib

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNewRefuses(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"Resource is empty":           func(c *Config) { c.Resource = "" },
		"not an absolute URL":         func(c *Config) { c.Resource = "/mcp" },
		"has a query or fragment":     func(c *Config) { c.Resource = "https://h/mcp?a=b" },
		"query or fragment; RFC 8707": func(c *Config) { c.Resource = "https://h/mcp#" },
		"must be https":               func(c *Config) { c.Resource = "http://mcp.example.com/mcp" },
		"is not an absolute URL such": func(c *Config) { c.Resource = "https://u:p@h/mcp" },
		"neither AuthServer nor":      func(c *Config) { c.AuthorizationServers = nil },
		"does not say what":           func(c *Config) { c.Audience = "api://notes" },
		`for "https://mcp.example.com/other", but the guard is for "https://mcp.example.com/mcp"`: func(c *Config) {
			c.Verifier = boundTo("https://mcp.example.com/other")
		},
		`for "https://mcp.example.com/mcp", but the guard is for "api://notes"`: func(c *Config) {
			c.Verifier, c.Audience = boundTo(resourceURL), "api://notes"
		},
		`issued for "", but`:      func(c *Config) { c.Verifier = boundTo("") },
		"Verifier is missing":     func(c *Config) { c.Verifier = nil },
		"could ever be signed in": func(c *Config) { c.Verifier = VerifierFunc(nil) },
		"AuthorizationServers":    func(c *Config) { c.AuthorizationServers = []string{"id.example.com"} },
		"an origin is a scheme":   func(c *Config) { c.AllowedOrigins = []string{"https://a.example/path"} },
		"MaxBody is negative":     func(c *Config) { c.MaxBody = -1 },
		"SessionKey has 8 bytes":  func(c *Config) { c.SessionKey = make([]byte, 8) },
		"makes nothing public":    func(c *Config) { c.AllowAnonymous = true },
		`tool "echo" public`:      func(c *Config) { c.Policy.Tools["echo"] = Rule{Public: true} },
		"can only be one of the two": func(c *Config) {
			c.AllowAnonymous = true
			c.Policy.Tools["echo"] = Rule{Public: true, AnyRole: []string{"x"}}
		},
		"Base can't be Public": func(c *Config) { c.Policy.Base = Rule{Public: true} },
		"a tool without a name": func(c *Config) {
			c.Policy.Tools[""] = Rule{}
		},
		"RFC 6749":            func(c *Config) { c.Policy.Base.AllScopes = []string{`a" realm="x`} },
		"role without a name": func(c *Config) { c.Policy.Base.AnyRole = []string{""} },
		"unknown value 7":     func(c *Config) { c.Policy.Unlisted = 7 },
		"broken {expression}": func(c *Config) { c.Policy.Resources["a://{x"] = Rule{} },
		"a } without a {":     func(c *Config) { c.Policy.Resources["a://x}"] = Rule{} },
	} {
		cfg := Config{Resource: resourceURL, Verifier: people, Policy: strictPolicy(), AuthorizationServers: []string{"https://id.example.com"}}
		change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// Plain http is for what can mean this machine only.
func TestPlainHTTPIsForThisMachine(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost:8080": true, "localhost.": true, "127.0.0.1": true, "127.1.2.3:80": true, "[::1]:8080": true, "[::ffff:127.0.0.1]": true,
		"8.8.8.8": false, "10.0.0.1:8080": false, "192.168.1.1": false, "0.0.0.0": false, "[::]": false, "[fe80::1]": false, "[2620:fe::fe]": false, "[::ffff:8.8.8.8]": false,
		"127.0.0.1.example.com": false, "localhost.example.com": false, "2130706433": false, "0x7f.1": false,
	} {
		_, err := New(Config{Resource: "http://" + host + "/mcp", Verifier: people, AuthorizationServers: []string{"https://id.example.com"}})
		if (err == nil) != want || err != nil && !strings.Contains(err.Error(), "must be https") {
			t.Errorf("http://%s: %v", host, err)
		}
	}
}

// A scope goes into the header of a challenge, so that it holds nothing that would end
// the quoted text there (RFC 6749 §3.3).
func TestScopesFitIntoAChallenge(t *testing.T) {
	for c := range 256 {
		scope := "a" + string(rune(c)) + "b"
		want := c > ' ' && c <= '~' && c != '"' && c != '\\'
		_, err := New(Config{
			Resource: resourceURL, Verifier: people, AuthorizationServers: []string{"https://id.example.com"},
			Policy: Policy{Base: Rule{AllScopes: []string{scope}}},
		})
		if (err == nil) != want {
			t.Errorf("scope %q: %v", scope, err)
		}
	}
}

// boundTo is a verifier of tokens for one audience.
type boundTo string

func (boundTo) Verify(context.Context, string) (*Principal, error) { return nil, ErrInvalidToken }
func (b boundTo) Audience() string                                 { return string(b) }

// handedOut is a verifier of credentials that come from no authorization server,
// unless it is false.
type handedOut bool

func (handedOut) Verify(context.Context, string) (*Principal, error) { return nil, ErrInvalidToken }
func (h handedOut) OutOfBand() bool                                  { return bool(h) }

// Guard and verifier mean the same server, however they spell it.
func TestNewTakesAVerifierOfTheSameServer(t *testing.T) {
	for audience, cfg := range map[string]Config{
		"https://mcp.example.com/mcp":      {},
		"https://mcp.example.com/mcp/":     {},
		"HTTPS://MCP.Example.com:443/mcp":  {},
		"api://notes":                      {Audience: "api://notes"},
		"https://mcp.example.com/elsewere": {Audience: "https://MCP.example.com/elsewere/"},
	} {
		cfg.Resource, cfg.Verifier, cfg.AuthorizationServers = resourceURL, boundTo(audience), []string{"https://id.example.com"}
		if _, err := New(cfg); err != nil {
			t.Errorf("%s: %v", audience, err)
		}
	}
	for audience, resource := range map[string]string{
		"https://mcp.example.com/MCP": resourceURL, "https://mcp.example.com": resourceURL, "http://mcp.example.com/mcp": resourceURL,
		"https://mcp.example.com:8443/mcp": resourceURL, "https://mcp.example.com/mcp//": resourceURL,
	} {
		if _, err := New(Config{Resource: resource, Verifier: boundTo(audience), AuthorizationServers: []string{"https://id.example.com"}}); err == nil {
			t.Errorf("%s opens %s", audience, resource)
		}
	}
}

// Who hands out credentials by himself needs no authorization server, and the
// metadata names none.
func TestOnlyCredentialsOutOfBandNeedNoAuthorizationServer(t *testing.T) {
	g, err := New(Config{Resource: resourceURL, Verifier: handedOut(true)})
	if err != nil {
		t.Fatal(err)
	}
	if got := get(g.MetadataHandler(), g.MetadataURL()).Body.String(); strings.Contains(got, "authorization_servers") {
		t.Error(got)
	}
	if _, err := New(Config{Resource: resourceURL, Verifier: handedOut(false)}); err == nil {
		t.Error("a verifier of issued credentials needs an issuer")
	}
}

// With several kinds of credential, it holds for each of them.
func TestNewLooksAtEveryVerifier(t *testing.T) {
	both := func(key, other Verifier) Verifier {
		v, err := ByPrefix(map[string]Verifier{"key_": key}, other)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for name, tt := range map[string]struct {
		v        Verifier
		issuers  []string
		audience string
		ok       bool
	}{
		"keys and tokens":                      {both(handedOut(true), boundTo(resourceURL)), []string{"https://id.example.com"}, "", true},
		"keys and tokens without an issuer":    {both(handedOut(true), boundTo(resourceURL)), nil, "", false},
		"keys only":                            {both(handedOut(true), nil), nil, "", true},
		"keys of two kinds":                    {both(handedOut(true), handedOut(true)), nil, "", true},
		"keys and tokens of another server":    {both(handedOut(true), boundTo("https://o.example.com/")), []string{"https://id.example.com"}, "", false},
		"keys and tokens for another name":     {both(handedOut(true), boundTo("api://notes")), []string{"https://id.example.com"}, "api://notes", true},
		"keys only, and a name for the tokens": {both(handedOut(true), nil), nil, "api://notes", false},
		"tokens of two servers":                {both(boundTo(resourceURL), both(boundTo("https://o.example.com/"), nil)), []string{"https://id.example.com"}, "", false},
	} {
		if _, err := New(Config{Resource: resourceURL, Verifier: tt.v, AuthorizationServers: tt.issuers, Audience: tt.audience}); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A slash at the end of the resource is rarely meant, and clients compare it.
func TestASlashAtTheEndIsWarnedOf(t *testing.T) {
	for resource, want := range map[string]bool{resourceURL: false, resourceURL + "/": true, "https://mcp.example.com": false, "https://mcp.example.com/": true} {
		var log strings.Builder
		newGuard(t, func(c *Config) { c.Resource, c.Logger = resource, slog.New(slog.NewTextHandler(&log, nil)) })
		if got := strings.Contains(log.String(), "slash"); got != want {
			t.Errorf("%s: %s", resource, log.String())
		}
	}
}

// A policy that the caller goes on changing must not change the guard.
func TestPolicyIsCopied(t *testing.T) {
	p := strictPolicy()
	g := newGuard(t, func(c *Config) { c.Policy = p })
	p.Tools["delete"] = Rule{}
	p.Base.AllScopes[0] = "other"
	err := g.Authorize(context.Background(), &Principal{Subject: "x", Scopes: []string{"read"}}, Operation{"tools/call", "delete"})
	if err == nil {
		t.Error("the guard's policy changed with the caller's")
	}
}

// An authServer answers at its paths with its issuer.
type authServer []string

func (a authServer) Issuer() string  { return "https://mcp.example.com" }
func (a authServer) Paths() []string { return a }
func (a authServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Auth-Server", r.URL.Path)
}

func get(h http.Handler, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w
}

func TestMetadata(t *testing.T) {
	g := newGuard(t, func(c *Config) {
		c.AuthServer, c.AuthorizationServers = authServer{"/token"}, nil
		c.Policy.Base.AllScopes = []string{"read", "offline_access"}
	})
	if g.MetadataURL() != "https://mcp.example.com/.well-known/oauth-protected-resource/mcp" {
		t.Errorf("metadata at %s", g.MetadataURL())
	}
	w := get(g.MetadataHandler(), g.MetadataURL())
	want := `{"resource":"https://mcp.example.com/mcp","authorization_servers":["https://mcp.example.com"],"scopes_supported":["read"],"bearer_methods_supported":["header"]}`
	if w.Code != 200 || w.Body.String() != want || !json.Valid(w.Body.Bytes()) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("header %v", w.Header())
	}
	post := httptest.NewRecorder()
	g.MetadataHandler().ServeHTTP(post, httptest.NewRequest(http.MethodPost, g.MetadataURL(), nil))
	if post.Code != 405 || post.Header().Get("Allow") == "" {
		t.Errorf("POST: %d", post.Code)
	}
	root := newGuard(t, func(c *Config) { c.Resource = "https://mcp.example.com/" })
	if root.MetadataPath() != wellKnown {
		t.Errorf("metadata of the root at %s", root.MetadataPath())
	}
}

func TestHandlerServesWhatIsPublicAtExactPathsOnly(t *testing.T) {
	g := newGuard(t, func(c *Config) { c.AuthServer = authServer{"/token"} })
	mcp := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) })
	const host = "https://mcp.example.com"
	for _, tt := range []struct {
		path, target string
		status       int
	}{
		{"/mcp", "/mcp", 401}, {"/mcp", "/other", 404}, {"/mcp", "/mcp/", 404}, {"/mcp", "//mcp", 404}, {"/mcp", "/MCP", 404},
		{"/mcp", "/%6dcp", 401},
		{"/mcp", "/token", 200}, {"/mcp", "/token/", 404}, {"/mcp", "/token/../mcp", 404},
		{"/mcp", wellKnown, 200}, {"/mcp", wellKnown + "/mcp", 200}, {"/mcp", wellKnown + "/other", 404},
		{"/mcp/", "/mcp/x", 401}, {"/mcp/", "/x", 404}, {"/mcp/", "/mcp", 307}, {"/mcp/", "/mc", 404},
		{"/", "/anything", 401}, {"/", "/token", 200}, {"/", "/token/x", 401}, {"/", wellKnown + "/x", 401},
	} {
		h := g.Handler(tt.path, mcp)
		if w := get(h, host+tt.target); w.Code != tt.status {
			t.Errorf("path %s: %s answers %d, want %d", tt.path, tt.target, w.Code, tt.status)
		}
	}
}

// A further guard of an origin leaves the root metadata to the first one, whichever
// of them is mounted first.
func TestRootMetadataIsTheFirstServers(t *testing.T) {
	further := newGuard(t, func(c *Config) {
		c.Resource, c.AuthServer = "https://mcp.example.com/sse", pathServer{authServer{"/sse/token"}}
	})
	first := newGuard(t, func(c *Config) { c.AuthServer = authServer{"/token"} })
	mux := http.NewServeMux()
	further.Mount(mux, "/sse", record(&seen{}))
	if w := get(mux, "https://mcp.example.com"+wellKnown); w.Code != 404 {
		t.Errorf("without the first: %d", w.Code)
	}
	first.Mount(mux, "/mcp", record(&seen{}))
	if w := get(mux, "https://mcp.example.com"+wellKnown); !strings.Contains(w.Body.String(), `"https://mcp.example.com/mcp"`) {
		t.Errorf("the root metadata: %d %s", w.Code, w.Body)
	}
}

// A pathServer is one whose issuer has a path.
type pathServer struct{ authServer }

func (pathServer) Issuer() string { return "https://mcp.example.com/sse" }

func TestMount(t *testing.T) {
	g := newGuard(t, func(c *Config) { c.AuthServer = authServer{"/token"} })
	other := newGuard(t, func(c *Config) { c.Resource = "https://mcp.example.com/other" })
	for _, pattern := range []string{"/mcp", "mcp.example.com/mcp", "POST /mcp", "/{$}", "/"} {
		mux := http.NewServeMux()
		if pattern == "POST /mcp" { // others conflict with it by themselves
			mux.HandleFunc("GET /{rest...}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(298) })
		}
		g.Mount(mux, pattern, record(&seen{}))
		g.Mount(mux, "POST /again", record(&seen{}))
		other.Mount(mux, "POST /other", record(&seen{}))
		for target, want := range map[string]int{
			g.MetadataPath(): 200, wellKnown: 200, other.MetadataPath(): 200, "/token": 200,
		} {
			if w := get(mux, "https://mcp.example.com"+target); w.Code != want {
				t.Errorf("pattern %s: %s answers %d, want %d", pattern, target, w.Code, want)
			}
		}
		r := post(call("ping", "{}"))
		if pattern == "/{$}" {
			r.URL.Path = "/"
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != 401 {
			t.Errorf("pattern %s: a stranger gets %d", pattern, w.Code)
		}
	}
}
