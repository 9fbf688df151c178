package authlib

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func through(g *Guard, r *http.Request, next http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	g.Protect(next).ServeHTTP(w, r)
	return w
}

func TestWhatTheServerGets(t *testing.T) {
	g := newGuard(t, nil)
	var s seen
	r := post(" { \"jsonrpc\":\"2.0\", \"id\":1,\"method\":\"tools\\/call\",\"params\":{\"name\":\"ech\\u006f\"} } ",
		append(as("alice"), "Mcp-Name", "=?base64?ZWNobw==?=", "Mcp-Method", "tools/call", "Upgrade", "h2c")...)
	through(g, r, record(&s))
	want := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}`
	if s.body != want || s.header.Get("Content-Length") != "71" || len(want) != 71 {
		t.Errorf("body %s, length %s", s.body, s.header.Get("Content-Length"))
	}
	if s.header.Get("Mcp-Name") != "echo" || s.header.Get("Upgrade") != "" || s.header.Get("Authorization") != "" {
		t.Errorf("header %v", s.header)
	}
	if s.decision.Principal().Subject != "alice" || s.decision.Guard() != g ||
		!slices.Equal(s.decision.Operations(), []Operation{{"tools/call", "echo"}}) {
		t.Errorf("decision %+v", s.decision)
	}
	if r.Header.Get("Upgrade") != "h2c" || r.Header.Get("Mcp-Name") == "echo" {
		t.Error("the original request was changed")
	}
}

func TestCheckTakesOnlyItsOwnDecisions(t *testing.T) {
	g, other := newGuard(t, nil), newGuard(t, nil)
	var s seen
	through(g, post(call("tools/call", `{"name":"echo"}`), as("alice")...), record(&s))
	ctx := context.Background()
	echo := Operation{"tools/call", "echo"}
	if err := g.Check(ctx, s.decision, echo); err != nil {
		t.Error(err)
	}
	if g.Check(ctx, nil, echo) == nil || other.Check(ctx, s.decision, echo) == nil ||
		g.Check(ctx, s.decision, Operation{"tools/call", "delete"}) == nil || g.Check(ctx, s.decision, Operation{Method: "tools/list"}) == nil {
		t.Error("an operation passed that was not decided on")
	}
	if _, ok := Decided(ctx); ok {
		t.Error("a decision from nowhere")
	}
}

func TestSessionSeal(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	g := newGuard(t, func(c *Config) { c.SessionKey = key })
	replica := newGuard(t, func(c *Config) { c.SessionKey = key })
	elsewhere := newGuard(t, func(c *Config) { c.SessionKey, c.Resource = key, "https://mcp.example.com/other" })
	random := newGuard(t, nil)
	var s seen
	sealed := through(g, post(call("ping", "{}"), as("alice")...), record(&s)).Header().Get("Mcp-Session-Id")
	if !strings.HasPrefix(sealed, "sdk-1.") {
		t.Fatalf("session id %q", sealed)
	}
	for _, tt := range []struct {
		g      *Guard
		who    string
		id     string
		status int
	}{
		{g, "alice", sealed, 200}, {replica, "alice", sealed, 200}, {elsewhere, "alice", sealed, 404}, {random, "alice", sealed, 404},
		{g, "bob", sealed, 404}, {g, "alice", "sdk-2" + sealed[5:], 404}, {g, "alice", sealed + "A", 404}, {g, "alice", "x.", 404},
		{g, "alice", strings.Repeat("a", 4096) + sealed, 404},
	} {
		for _, method := range []string{"POST", "GET", "DELETE"} {
			r := post(call("ping", "{}"), append(as(tt.who), "Mcp-Session-Id", tt.id)...)
			r.Method = method
			if tt.g == elsewhere {
				r.URL.Path = "/other"
			}
			if w := through(tt.g, r, record(&s)); w.Code != tt.status {
				t.Errorf("%s %s %q: %d, want %d", method, tt.who, tt.id, w.Code, tt.status)
			} else if w.Code == 200 && s.header.Get("Mcp-Session-Id") != "sdk-1" {
				t.Errorf("the server got the id %q", s.header.Get("Mcp-Session-Id"))
			}
		}
	}
}

// In a session of the caller's own, tasks, answers and cancellations go through;
// with the protocol that has no sessions they never do.
func TestWhatNeedsASession(t *testing.T) {
	g := newGuard(t, nil)
	sealed := g.sealSession("sdk-1", &Principal{Issuer: "https://id.example.com", Subject: "alice"})
	for _, body := range []string{
		call("tasks/list", `{}`), call("tasks/get", `{"taskId":"t"}`), call("tools/call", `{"name":"echo","task":{}}`),
		`{"jsonrpc":"2.0","id":1,"result":{"x":1}}`, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
		call("tasks/update", `{"taskId":"t"}`), `{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{"taskId":"t"}}`,
	} {
		var s seen
		if w := through(g, post(body, append(as("alice"), "Mcp-Session-Id", sealed)...), record(&s)); w.Code != 200 || !s.ok {
			t.Errorf("%s: %d", body, w.Code)
		}
		_, msgs, _ := new(scratch).parseBody([]byte(body), false)
		s = seen{}
		through(g, post(body, append(as("alice"), "Mcp-Session-Id", sealed, "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", msgs[0].method, "Mcp-Name", "echo")...), record(&s))
		if s.ok {
			t.Errorf("%s: went through without a session", body)
		}
	}
}

func TestResumingNeedsASession(t *testing.T) {
	g := newGuard(t, nil)
	sealed := g.sealSession("sdk-1", &Principal{Issuer: "https://id.example.com", Subject: "alice"})
	for session, status := range map[string]int{"": 404, sealed: 200} {
		r := post("", append(as("alice"), "Last-Event-ID", "e-1")...)
		if r.Method = "GET"; session != "" {
			r.Header.Set("Mcp-Session-Id", session)
		}
		if w := through(g, r, record(&seen{})); w.Code != status {
			t.Errorf("session %q: %d, want %d", session, w.Code, status)
		}
	}
	r := post("", append(as("alice"), "Last-Event-ID", "e-1")...)
	r.Method, r.URL.RawQuery = "GET", "sessionId="+sealed
	if w := through(g, r, record(&seen{})); w.Code != 404 {
		t.Errorf("session in the query: %d, want 404", w.Code)
	}
}

func TestStdioCredential(t *testing.T) {
	now := clock
	g := newGuard(t, func(c *Config) { c.Now = func() time.Time { return now } })
	ctx := context.Background()
	for _, token := range []string{"", "who", "nobody", "down"} {
		if _, err := g.AuthenticateStdio(ctx, token); err == nil {
			t.Errorf("%q was accepted", token)
		}
	}
	local, err := g.AuthenticateStdio(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	echo, del := Operation{"tools/call", "echo"}, Operation{"tools/call", "delete"}
	if g.CheckLocal(ctx, del) != nil || g.CheckLocal(local, echo) != nil || g.CheckLocal(local, del) == nil {
		t.Error("local callers: open without a credential, like others with one")
	}
	if now = clock.Add(time.Hour); g.CheckLocal(local, echo) == nil {
		t.Error("the credential has expired")
	}
	if _, err := g.AuthenticateStdio(ctx, "alice"); !errors.Is(err, ErrTokenExpired) {
		t.Errorf("a credential that has expired at start: %v", err)
	}
}

func TestSSEEndpointIsSealed(t *testing.T) {
	g := newGuard(t, nil)
	p := &Principal{Issuer: "i", Subject: "s"}
	got := string(g.sealEndpoint([]byte("event: endpoint\ndata: /message?sessionId=abc&x=1\r\n\r\n"), p))
	if want := "event: endpoint\ndata: /message?sessionId=" + g.sealSession("abc", p) + "&x=1\r\n\r\n"; got != want {
		t.Errorf("got %q", got)
	}
	for _, same := range []string{"event: message\ndata: sessionId=abc\n\n", "event: endpoint\ndata: /message\n\n", ""} {
		if got := string(g.sealEndpoint([]byte(same), p)); got != same {
			t.Errorf("%q became %q", same, got)
		}
	}
	two := post(call("ping", "{}"), as("alice")...)
	two.URL.RawQuery = "sessionId=" + g.sealSession("abc", &Principal{Issuer: "https://id.example.com", Subject: "alice"}) + "&sessionId=other"
	if w := through(g, two, record(&seen{})); w.Code != 404 {
		t.Errorf("two session ids: %d", w.Code)
	}
}

func TestCORS(t *testing.T) {
	g := newGuard(t, func(c *Config) { c.AllowedOrigins = []string{"https://app.example"} })
	open := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		_, _ = io.WriteString(w, "{}")
	})
	for _, tt := range []struct {
		method, origin, token string
		status                int
		allowed               string
	}{
		{"OPTIONS", "https://app.example", "", 204, "https://app.example"},
		{"OPTIONS", "https://evil.example", "", 403, ""},
		{"OPTIONS", "", "", 204, ""},
		{"POST", "https://app.example", "alice", 200, "https://app.example"},
		{"POST", "https://app.example", "who", 401, "https://app.example"},
		{"POST", "https://evil.example", "alice", 403, ""},
		{"POST", "http://app.example", "alice", 403, ""},
		{"POST", "", "alice", 200, ""},
	} {
		r := post(call("ping", "{}"), as(tt.token)...)
		r.Method = tt.method
		if tt.origin != "" {
			r.Header.Set("Origin", tt.origin)
		}
		w := through(g, r, open)
		if w.Code != tt.status || w.Header().Get("Access-Control-Allow-Origin") != tt.allowed || w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s from %q: %d, %v", tt.method, tt.origin, w.Code, w.Header())
		}
		if tt.method == "OPTIONS" && tt.status == 204 && (strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "Authorization") != (tt.origin != "") || w.Header().Get("Allow") == "") {
			t.Errorf("a preflight from %q learns %v", tt.origin, w.Header())
		}
		if tt.allowed != "" && tt.method == "POST" && len(w.Header().Values("Vary")) != 1 {
			t.Errorf("Vary %v", w.Header().Values("Vary"))
		}
	}
}

// A role that is missing and a tool that is not there look the same.
func TestRefusalTellsNothing(t *testing.T) {
	g := newGuard(t, nil)
	role := through(g, post(call("tools/call", `{"name":"deploy"}`), as("alice")...), record(&seen{}))
	none := through(g, post(call("tools/call", `{"name":"nothing"}`), as("alice")...), record(&seen{}))
	if role.Code != none.Code || role.Body.String() != none.Body.String() || len(role.Header()) != len(none.Header()) {
		t.Errorf("%d %s %v\n%d %s %v", role.Code, role.Body, role.Header(), none.Code, none.Body, none.Header())
	}
}

func TestStreamEndsWithTheToken(t *testing.T) {
	const left = 50 * time.Millisecond
	g := newGuard(t, func(c *Config) { // whose clock stands still
		c.Verifier = VerifierFunc(func(context.Context, string) (*Principal, error) {
			return &Principal{Issuer: "https://id.example.com", Subject: "alice", Scopes: []string{"read"}, Expiry: clock.Add(left)}, nil
		})
	})
	for method, wait := range map[string]time.Duration{"GET": 5 * time.Second, "POST": 4 * left} {
		r := post(call("ping", "{}"), as("alice")...)
		r.Method = method
		start, ended := time.Now(), false
		through(g, r, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
				ended = true
			case <-time.After(wait):
			}
		}))
		if ended != (method == "GET") || time.Since(start) < left {
			t.Errorf("%s: ended %v after %v", method, ended, time.Since(start))
		}
	}
}

func TestStreamEndsWhenTheTokenIsRevoked(t *testing.T) {
	var revoked atomic.Bool
	g := newGuard(t, func(c *Config) {
		c.Verifier = VerifierFunc(func(ctx context.Context, token string) (*Principal, error) {
			if revoked.Load() {
				return nil, ErrInvalidToken
			}
			return people(ctx, token)
		})
	})
	g.recheck = 5 * time.Millisecond
	for _, method := range []string{"GET", "POST"} {
		revoked.Store(false)
		r := post(call("ping", "{}"), as("alice")...)
		r.Method = method
		through(g, r, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			time.Sleep(20 * time.Millisecond)
			if r.Context().Err() != nil {
				t.Errorf("%s was ended while the token was good", method)
			}
			revoked.Store(true)
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
				t.Errorf("%s went on", method)
			}
		}))
	}
}

// A call may end a little after its token has, by itself.
func TestCallOutlivesItsTokenALittle(t *testing.T) {
	g := newGuard(t, func(c *Config) {
		c.Now = time.Now
		c.Verifier = VerifierFunc(func(context.Context, string) (*Principal, error) { return nil, ErrTokenExpired })
	})
	x := &exchange{g: g, r: post(call("ping", "{}")), p: &Principal{Expiry: time.Now().Add(-time.Second)}}
	l := &lease{x: x, ctx: context.Background(), end: x.ends()}
	if left := time.Until(l.end); !l.good() || left < callGrace-10*time.Second || left > callGrace {
		t.Errorf("a call has %v left", left)
	}
	if x.r.Method = http.MethodGet; time.Until(x.ends()) > 0 {
		t.Error("a stream goes on without its token")
	}
	l.end = time.Now()
	if l.good() {
		t.Error("it goes on for ever")
	}
}

func TestSlowBodyIsGivenUp(t *testing.T) {
	w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
	newGuard(t, nil).Protect(record(&seen{})).ServeHTTP(w, post(call("ping", "{}"), as("alice")...))
	if len(w.set) != 2 || time.Until(w.set[0]) > bodyTimeout || w.set[0].IsZero() || !w.set[1].IsZero() {
		t.Errorf("deadlines %v", w.set)
	}
}

type deadlineWriter struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (w *deadlineWriter) SetReadDeadline(t time.Time) error {
	w.set = append(w.set, t)
	return nil
}

func TestNothingSecretIsPrinted(t *testing.T) {
	cfg := Config{Resource: resourceURL, Verifier: handedOut(true), SessionKey: bytes.Repeat([]byte("K"), 32)}
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{cfg, &cfg, g} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, "KKKK") || strings.Contains(s, "75, 75") || strings.Contains(s, "75 75") || strings.Contains(s, "0x4b") {
				t.Errorf("%s: %s", verb, s)
			}
		}
	}
}

func TestResponseWriterFlushesAndKeepsTheConnection(t *testing.T) {
	g := newGuard(t, nil)
	w := through(g, post(call("ping", "{}"), as("alice")...), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		f, ok := w.(http.Flusher)
		if !ok {
			t.Fatal("no Flusher")
		}
		f.Flush()
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		if _, _, err := http.NewResponseController(w).Hijack(); err == nil {
			t.Error("the connection was hijacked")
		}
	}))
	if !w.Flushed {
		t.Error("not flushed")
	}
}

func TestAuditRecords(t *testing.T) {
	var b bytes.Buffer
	g := newGuard(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&b, nil)) })
	for msg, r := range map[string]*http.Request{
		"token_rejected":   post(call("ping", "{}"), as("secret-token-1")...),
		"scope_challenge":  post(call("tools/call", `{"name":"delete"}`), as("alice")...),
		"access_denied":    post(call("tools/call", `{"name":"x\u001b[2J\nadmin"}`), as("alice")...),
		"session_mismatch": post(call("ping", "{}"), append(as("alice"), "Mcp-Session-Id", "secret-session")...),
		"verifier_failed":  post(call("ping", "{}"), as("down")...),
		"request_refused":  post(`{"secret":1}`, as("alice")...),
	} {
		b.Reset()
		through(g, r, record(&seen{}))
		out := b.String()
		if !strings.Contains(out, "msg="+msg) || strings.Count(out, "\n") != 1 || strings.Contains(out, "secret") || strings.Contains(out, "\x1b") {
			t.Errorf("%s: %q", msg, out)
		}
	}
}

func TestConcurrentRequests(t *testing.T) {
	g := newGuard(t, nil)
	var wg sync.WaitGroup
	for range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				var s seen
				if w := through(g, post(call("tools/call", `{"name":"echo"}`), as("alice")...), record(&s)); w.Code != 200 {
					t.Errorf("status %d", w.Code)
				}
			}
		}()
	}
	wg.Wait()
}

// Protocol versions without sessions have none, whatever the caller claims: an SDK that
// took one from such a request would keep something by it.
func TestModernRequestsHaveNoSession(t *testing.T) {
	g := newGuard(t, nil)
	sealed := g.sealSession("sdk-1", &Principal{Issuer: "https://id.example.com", Subject: "alice"})
	for version, want := range map[string]string{"2026-07-28": "", "2025-11-25": "sdk-1"} {
		got := "none came"
		through(g, post(call("tools/call", `{"name":"echo"}`), append(as("alice"), sessionHeader, sealed, headerVersion, version,
			headerMethod, "tools/call", headerName, "echo")...), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = r.Header.Get(sessionHeader)
		}))
		if got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}
