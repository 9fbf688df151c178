package authlib

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const resourceURL = "https://mcp.example.com/mcp"

var clock = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// people verifies tokens that are names: "alice" has the scope read, "admin" has
// read, write and the role ops, "old" has expired, "down" can't be checked.
var people = VerifierFunc(func(_ context.Context, token string) (*Principal, error) {
	p := &Principal{Issuer: "https://id.example.com", Subject: token, Scopes: []string{"read"}, Expiry: clock.Add(time.Hour)}
	switch token {
	case "alice", "bob":
	case "admin":
		p.Scopes, p.Roles = []string{"read", "write"}, []string{"ops"}
	case "noscope":
		p.Scopes = nil
	case "old":
		p.Expiry = clock
	case "nobody":
		p.Subject = ""
	case "nothing":
		return nil, nil
	case "down":
		return nil, errors.New("dial tcp 10.0.0.3:443: refused")
	default:
		return nil, ErrInvalidToken
	}
	return p, nil
})

func strictPolicy() Policy {
	return Policy{
		Base: Rule{AllScopes: []string{"read"}},
		Tools: map[string]Rule{
			"echo":   {},
			"delete": {AllScopes: []string{"write"}},
			"deploy": {AnyRole: []string{"ops"}},
		},
		Prompts:   map[string]Rule{"greet": {}},
		Resources: map[string]Rule{"file:///{name}": {}, "secret://x": {AllScopes: []string{"write"}}},
	}
}

func newGuard(t testing.TB, change func(*Config)) *Guard {
	t.Helper()
	cfg := Config{
		Resource: resourceURL, Verifier: people, Policy: strictPolicy(),
		AuthorizationServers: []string{"https://id.example.com"},
		Now:                  func() time.Time { return clock },
		Registered: func(context.Context) (Registry, error) {
			return Registry{Resources: []string{"secret://x"}, Templates: []string{"file:///{name}"}}, nil
		},
	}
	if change != nil {
		change(&cfg)
	}
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func withPublic(cfg *Config) {
	cfg.AllowAnonymous = true
	cfg.Policy.Tools["hello"] = Rule{Public: true}
}

// seen is what reached the guarded handler.
type seen struct {
	body     string
	header   http.Header
	decision *Decision
	ok       bool
}

func record(s *seen) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		d, _ := Decided(r.Context())
		*s = seen{string(b), r.Header, d, true}
		w.Header().Set("Mcp-Session-Id", "sdk-1")
		w.WriteHeader(http.StatusOK)
	})
}

func post(body string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, resourceURL, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func call(method, params string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":` + params + `}`
}

func as(name string) []string { return []string{"Authorization", "Bearer " + name} }

func TestHTTPOutcomes(t *testing.T) {
	const meta = `resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"`
	echo := call("tools/call", `{"name":"echo"}`)
	tests := []struct {
		name      string
		r         *http.Request
		anonymous bool
		status    int
		challenge string // "" means that there must be none
	}{
		{"no credential", post(echo), false, 401, "Bearer " + meta + `, scope="read"`},
		{"other scheme", post(echo, "Authorization", "Basic eDp5"), false, 401, "Bearer " + meta + `, scope="read"`},
		{"scheme in capitals", post(echo, "Authorization", "BEARER alice"), false, 200, ""},
		{"allowed", post(echo, as("alice")...), false, 200, ""},
		{"empty token", post(echo, "Authorization", "Bearer "), false, 400, `Bearer error="invalid_request", error_description="malformed Authorization header", ` + meta},
		{"two tokens in one", post(echo, "Authorization", "Bearer a, Bearer b"), false, 400, `Bearer error="invalid_request", error_description="malformed Authorization header", ` + meta},
		{"two headers", post(echo, "Authorization", "Bearer alice", "Authorization", "Bearer bob"), false, 400, `Bearer error="invalid_request", error_description="repeated header", ` + meta},
		{"unknown token", post(echo, as("who")...), false, 401, `Bearer error="invalid_token", error_description="the access token is not valid", ` + meta + `, scope="read"`},
		{"unknown token, open server", post(echo, as("who")...), true, 401, `Bearer error="invalid_token", error_description="the access token is not valid", ` + meta + `, scope="read"`},
		{"expired token", post(echo, as("old")...), false, 401, `Bearer error="invalid_token", error_description="the access token is not valid", ` + meta + `, scope="read"`},
		{"verifier down", post(echo, as("down")...), false, 503, ""},
		{"verifier returns nobody", post(echo, as("nobody")...), false, 503, ""},
		{"verifier returns nothing", post(echo, as("nothing")...), false, 503, ""},
		{"scope missing", post(call("tools/call", `{"name":"delete"}`), as("alice")...), false, 403, `Bearer error="insufficient_scope", error_description="insufficient scope", ` + meta + `, scope="read write"`},
		{"base scope missing", post(call("initialize", `{}`), as("noscope")...), false, 403, `Bearer error="insufficient_scope", error_description="insufficient scope", ` + meta + `, scope="read"`},
		{"role missing", post(call("tools/call", `{"name":"deploy"}`), as("alice")...), false, 403, ""},
		{"role present", post(call("tools/call", `{"name":"deploy"}`), as("admin")...), false, 200, ""},
		{"unlisted tool", post(call("tools/call", `{"name":"other"}`), as("admin")...), false, 403, ""},
		{"unknown method", post(call("vendor/thing", `{}`), as("admin")...), false, 403, ""},
		{"resource by template", post(call("resources/read", `{"uri":"file:///a"}`), as("alice")...), false, 200, ""},
		{"resource with dots", post(call("resources/read", `{"uri":"file:///../a"}`), as("alice")...), false, 403, ""},
		{"resource with encoded slash", post(call("resources/read", `{"uri":"file:///a%2fb"}`), as("alice")...), false, 403, ""},
		{"subscribe by its own rule", post(call("resources/subscribe", `{"uri":"secret://x"}`), as("alice")...), false, 403, `Bearer error="insufficient_scope", error_description="insufficient scope", ` + meta + `, scope="read write"`},
		{"completion like its ref", post(call("completion/complete", `{"ref":{"type":"ref/resource","uri":"secret://x"},"argument":{"name":"a","value":""}}`), as("alice")...), false, 403, `Bearer error="insufficient_scope", error_description="insufficient scope", ` + meta + `, scope="read write"`},
		{"listen to one's own", post(call("subscriptions/listen", `{"notifications":{"resourceSubscriptions":["file:///a"]}}`), as("alice")...), false, 200, ""},
		{"listen to another's", post(call("subscriptions/listen", `{"notifications":{"resourceSubscriptions":["file:///a","secret://x"]}}`), as("alice")...), false, 403, `Bearer error="insufficient_scope", error_description="insufficient scope", ` + meta + `, scope="read write"`},
		{"stranger initializes", post(call("initialize", `{}`)), true, 200, ""},
		{"stranger lists", post(call("tools/list", `{}`)), true, 200, ""},
		{"stranger calls what is public", post(call("tools/call", `{"name":"hello"}`)), true, 200, ""},
		{"stranger calls", post(call("tools/call", `{"name":"delete"}`)), true, 401, "Bearer " + meta + `, scope="read write"`},
		{"stranger calls what is not there", post(call("tools/call", `{"name":"other"}`)), true, 401, "Bearer " + meta + `, scope="read"`},
		{"stranger sets the level", post(call("logging/setLevel", `{"level":"debug"}`)), true, 401, "Bearer " + meta + `, scope="read"`},
		{"stranger completes", post(call("completion/complete", `{"ref":{"type":"ref/prompt","name":"greet"}}`)), true, 401, "Bearer " + meta + `, scope="read"`},
		{"stranger lists tasks", post(call("tasks/list", `{}`)), true, 401, "Bearer " + meta + `, scope="read"`},
		{"stranger listens", post(call("subscriptions/listen", `{}`)), true, 401, "Bearer " + meta + `, scope="read"`},
		{"stranger answers", post(`{"jsonrpc":"2.0","id":1,"result":{"x":1}}`), true, 401, "Bearer " + meta + `, scope="read"`},
		{"tasks without a session", post(call("tasks/list", `{}`), as("alice")...), false, 400, ""},
		{"task call without a session", post(call("tools/call", `{"name":"echo","task":{}}`), as("alice")...), false, 400, ""},
		{"cancel without a session", post(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`, as("alice")...), false, 202, ""},
		{"answer without a session", post(`{"jsonrpc":"2.0","id":1,"result":{}}`, as("alice")...), false, 202, ""},
		{"origin refused", post(echo, append(as("alice"), "Origin", "https://evil.example")...), false, 403, ""},
		{"origin null", post(echo, append(as("alice"), "Origin", "null")...), false, 403, ""},
		{"origin of the resource", post(echo, append(as("alice"), "Origin", "https://mcp.example.com")...), false, 200, ""},
		{"gzip", post(echo, append(as("alice"), "Content-Encoding", "gzip")...), false, 415, ""},
		{"form", replaceHeader(post(echo, as("alice")...), "Content-Type", "text/plain"), false, 415, ""},
		{"charset", replaceHeader(post(echo, as("alice")...), "Content-Type", "application/json; charset=utf-16"), false, 415, ""},
		{"utf-8", replaceHeader(post(echo, as("alice")...), "Content-Type", "application/json; charset=UTF-8"), false, 200, ""},
		{"upgrade", post(echo, append(as("alice"), "Upgrade", "websocket")...), false, 400, ""},
		{"h2c offer", post(echo, append(as("alice"), "Upgrade", "h2c")...), false, 200, ""},
		{"too large", post(call("tools/call", `{"name":"echo","arguments":{"x":"`+strings.Repeat("a", 5<<20)+`"}}`), as("alice")...), false, 413, ""},
		{"chunked", chunked(post(echo, as("alice")...)), false, 200, ""},
		{"chunked, too large", chunked(post(call("tools/call", `{"name":"echo","arguments":{"x":"`+strings.Repeat("a", 5<<20)+`"}}`), as("alice")...)), false, 413, ""},
		{"batch of old", post("["+echo+","+echo+"]", as("alice")...), false, 200, ""},
		{"batch with one too many", post("["+echo+","+call("tools/call", `{"name":"deploy"}`)+"]", as("alice")...), false, 403, ""},
		{"batch with a cancellation", post("["+echo+`,{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}]`, as("alice")...), false, 400, ""},
		{"batch of new", post("["+echo+"]", append(as("alice"), "MCP-Protocol-Version", "2025-06-18")...), false, 400, ""},
		{"empty batch", post("[]", as("alice")...), false, 400, ""},
		{"someone else's session", post(echo, append(as("alice"), "Mcp-Session-Id", "sdk-1")...), false, 404, ""},
		{"PUT", replaceMethod(post(echo, as("alice")...), "PUT"), false, 405, ""},
		{"origin empty", withEmpty(post(echo, as("alice")...), "Origin"), false, 403, ""},
		{"a header that may be repeated", post(echo, append(as("alice"), "Accept", "application/json", "Accept", "text/event-stream")...), false, 200, ""},
		{"id null is decided like any other", post(`{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"deploy"}}`, as("alice")...), false, 403, ""},
		{"completion of a prompt like its ref", post(call("completion/complete", `{"ref":{"type":"ref/prompt","name":"hidden"}}`), as("alice")...), false, 403, ""},
		{"completion of one's own prompt", post(call("completion/complete", `{"ref":{"type":"ref/prompt","name":"greet"}}`), as("alice")...), false, 200, ""},
		{"GET without credential", replaceMethod(post(""), "GET"), false, 401, "Bearer " + meta + `, scope="read"`},
		{"DELETE without credential", replaceMethod(post(""), "DELETE"), false, 401, "Bearer " + meta + `, scope="read"`},
		{"HEAD without credential", replaceMethod(post(""), "HEAD"), false, 401, "Bearer " + meta + `, scope="read"`},
		{"stranger's GET", replaceMethod(post(""), "GET"), true, 405, ""},
		{"GET", replaceMethod(post("", as("alice")...), "GET"), false, 200, ""},
		{"modern", post(echo, append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "echo")...), false, 200, ""},
		{"modern, coded name", post(echo, append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "=?base64?ZWNobw==?=")...), false, 200, ""},
		{"modern, other name", post(echo, append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "delete")...), false, 400, ""},
		{"modern, other method", post(echo, append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/list", "Mcp-Name", "echo")...), false, 400, ""},
		{"modern, no headers", post(echo, append(as("alice"), "MCP-Protocol-Version", "2026-07-28")...), false, 400, ""},
		{"modern, no name", post(echo, append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call")...), false, 400, ""},
		{"modern, coded name without its end", post(echo, append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "=?base64?ZWNobw==")...), false, 400, ""},
		{"modern, coded name that is no base64", post(echo, append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "=?base64?echo!?=")...), false, 400, ""},
		{"modern, nothing to name", post(call("tools/list", "{}"), append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/list")...), false, 200, ""},
		{"modern, also in _meta", post(call("tools/call", `{"name":"echo","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}`), append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "echo")...), false, 200, ""},
		{"modern, older in _meta", post(call("tools/call", `{"name":"echo","_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}}`), append(as("alice"), "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "echo")...), false, 400, ""},
		{"modern in _meta only", post(call("tools/call", `{"name":"echo","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}`), as("alice")...), false, 400, ""},
		{"old version with a lying name", post(echo, append(as("alice"), "Mcp-Name", "delete")...), false, 400, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := newGuard(t, nil)
			if tt.anonymous {
				g = newGuard(t, withPublic)
			}
			var s seen
			w := httptest.NewRecorder()
			g.Protect(record(&s)).ServeHTTP(w, tt.r)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if got := w.Header().Get("WWW-Authenticate"); got != tt.challenge {
				t.Errorf("challenge\n got %s\nwant %s", got, tt.challenge)
			}
			if s.ok != (tt.status == 200) {
				t.Errorf("reached the server: %v", s.ok)
			}
			if tt.status != 200 && tt.status != 202 {
				wantRefusal(t, w)
			}
		})
	}
}

func wantRefusal(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	var body struct{ Error struct{ Code int } }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Error.Code == 0 {
		t.Errorf("body is no JSON-RPC error: %s", w.Body)
	}
	if w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if strings.Contains(w.Body.String(), "10.0.0.3") {
		t.Errorf("the body tells what is inside: %s", w.Body)
	}
}

func replaceHeader(r *http.Request, name, value string) *http.Request {
	r.Header.Set(name, value)
	return r
}

// withEmpty adds a header that is there and says nothing.
func withEmpty(r *http.Request, name string) *http.Request {
	r.Header[name] = []string{""}
	return r
}

// chunked takes the length from a request.
func chunked(r *http.Request) *http.Request {
	r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
	return r
}

func replaceMethod(r *http.Request, method string) *http.Request {
	r.Method = method
	return r
}

func TestTokenInQuery(t *testing.T) {
	r := post(call("ping", "{}"), as("alice")...)
	r.URL.RawQuery = "access_token=alice"
	w := httptest.NewRecorder()
	newGuard(t, nil).Protect(record(&seen{})).ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("status %d, want 400", w.Code)
	}
}

func TestHost(t *testing.T) {
	local := func(cfg *Config) { cfg.Resource = "http://localhost:8080/mcp" }
	tests := []struct {
		host   string
		change func(*Config)
		status int
	}{
		{"mcp.example.com", nil, 200}, {"MCP.example.com:443", nil, 200}, {"mcp.example.com:8443", nil, 421},
		{"evil.example", nil, 421}, {"", nil, 421}, {"localhost", nil, 421},
		{"localhost:8080", local, 200}, {"127.0.0.1:9", local, 200}, {"[::1]:8080", local, 200},
		{"evil.example:8080", local, 421}, {"localhost.evil.example", local, 421},
	}
	for _, tt := range tests {
		g := newGuard(t, tt.change)
		for path, h := range map[string]http.Handler{"/mcp": g.Protect(record(&seen{})), g.MetadataPath(): g.MetadataHandler()} {
			r := post(call("ping", "{}"), as("alice")...)
			r.Host, r.URL.Path = tt.host, path
			if path != "/mcp" {
				r.Method = http.MethodGet
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("host %q path %s: status %d, want %d", tt.host, path, w.Code, tt.status)
			}
		}
	}
}
