package authlib

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// wire sends raw bytes to a server and returns the status codes of its answers,
// up to the one after which it closes or says nothing more.
func wire(t *testing.T, addr, raw string) []int {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, raw); err != nil {
		return nil
	}
	_ = conn.(*net.TCPConn).CloseWrite() // so that the server closes when it has answered
	var out []int
	for r := bufio.NewReader(conn); ; {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return out
		}
		_, _ = io.Copy(io.Discard, res.Body)
		if res.StatusCode != http.StatusContinue {
			out = append(out, res.StatusCode)
		}
	}
}

// served starts a server that counts what reaches the guarded handler. Its
// handler serves at "/", so that no path is turned away before the guard.
func served(t *testing.T, reached *atomic.Int32) (addr string) {
	t.Helper()
	var h http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	g := newGuard(t, func(cfg *Config) { cfg.Resource = srv.URL + "/mcp" })
	h = g.Handler("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		_, _ = io.Copy(w, r.Body)
	}))
	return srv.Listener.Addr().String()
}

// Whatever a stranger sends, in whatever form, does not reach the server.
func TestNoFormOfRequestReachesTheServerUnauthenticated(t *testing.T) {
	var reached atomic.Int32
	addr := served(t, &reached)
	body := call("tools/call", `{"name":"echo"}`)
	std := "Host: " + addr + "\r\nContent-Type: application/json\r\n"
	length := fmt.Sprintf("Content-Length: %d\r\n", len(body))
	chunked := fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	plain := "POST /mcp HTTP/1.1\r\n" + std + length + "\r\n" + body
	for name, c := range map[string]struct {
		raw  string
		want string
	}{
		"plain":                     {plain, "[401]"},
		"chunked":                   {"POST /mcp HTTP/1.1\r\n" + std + chunked, "[401]"},
		"pipelined":                 {plain + plain + plain, "[401 401 401]"},
		"expects 100":               {"POST /mcp HTTP/1.1\r\n" + std + length + "Expect: 100-continue\r\n\r\n" + body, "[401]"},
		"HTTP/1.0":                  {"POST /mcp HTTP/1.0\r\n" + std + length + "\r\n" + body, "[401]"},
		"HTTP/1.0 without host":     {"POST /mcp HTTP/1.0\r\nContent-Type: application/json\r\n" + length + "\r\n" + body, "[421]"},
		"HTTP/1.1 without host":     {"POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\n" + length + "\r\n" + body, "[400]"},
		"two hosts":                 {"POST /mcp HTTP/1.1\r\nHost: evil.example\r\n" + std + length + "\r\n" + body, "[400]"},
		"target of another host":    {"POST http://evil.example/mcp HTTP/1.1\r\n" + std + length + "\r\n" + body, "[421]"},
		"own target, another host":  {"POST http://" + addr + "/mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\n" + length + "\r\n" + body, "[401]"},
		"two lengths":               {"POST /mcp HTTP/1.1\r\n" + std + length + "Content-Length: 0\r\n\r\n" + body, "[400]"},
		"length and chunks":         {"POST /mcp HTTP/1.1\r\n" + std + length + chunked, "[401]"},
		"unknown coding":            {"POST /mcp HTTP/1.1\r\n" + std + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "[501]"},
		"space before the colon":    {"POST /mcp HTTP/1.1\r\n" + std + "Authorization : Bearer alice\r\n" + length + "\r\n" + body, "[400]"},
		"folded header":             {"POST /mcp HTTP/1.1\r\n" + std + "X-A: b\r\n Authorization: Bearer alice\r\n" + length + "\r\n" + body, "[401]"},
		"underscore":                {"POST /mcp HTTP/1.1\r\n" + std + "Author_ization: Bearer alice\r\nX-User: alice\r\nX-Forwarded-User: alice\r\n" + length + "\r\n" + body, "[401]"},
		"credential in the trailer": {"POST /mcp HTTP/1.1\r\n" + std + "Trailer: Authorization\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Bearer alice\r\n\r\n", "[401]"},
		"GET with a body":           {"GET /mcp HTTP/1.1\r\n" + std + length + "\r\n" + body, "[401]"},
		"TRACE":                     {"TRACE /mcp HTTP/1.1\r\n" + std + "\r\n", "[401]"},
		"CONNECT":                   {"CONNECT " + addr + " HTTP/1.1\r\n" + std + "\r\n", "[404]"},
		"method in small letters":   {"post /mcp HTTP/1.1\r\n" + std + length + "\r\n" + body, "[401]"},
		"asterisk":                  {"POST * HTTP/1.1\r\n" + std + length + "\r\n" + body, "[404]"},
		"OPTIONS asterisk":          {"OPTIONS * HTTP/1.1\r\n" + std + "\r\n", "[200]"},
	} {
		if got := fmt.Sprint(wire(t, addr, c.raw)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d requests reached the server", n)
	}
}

// Over HTTP/2 the host is what :authority says.
func TestAuthorityIsTheHostOverHTTP2(t *testing.T) {
	var h http.Handler
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	g := newGuard(t, func(cfg *Config) { cfg.Resource = "https://mcp.example.com/mcp" })
	h = g.Handler("/mcp", record(&seen{}))
	for _, path := range []string{"/mcp", g.MetadataPath(), wellKnown} {
		for host, want := range map[string]int{"mcp.example.com": 200, "evil.example": 421, "localhost": 421, srv.Listener.Addr().String(): 421} {
			r, _ := http.NewRequest(http.MethodGet, srv.URL+path, nil)
			r.Host = host
			r.Header.Set("Authorization", "Bearer alice")
			r.Header.Set("X-Forwarded-Host", "mcp.example.com")
			res, err := srv.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.ProtoMajor != 2 || res.StatusCode != want {
				t.Errorf("%s at %s: %s %d, want %d", path, host, res.Proto, res.StatusCode, want)
			}
		}
	}
}

// Only the exact paths of public endpoints are public.
func TestNoSpellingOfAPathIsPublic(t *testing.T) {
	var reached atomic.Int32
	addr := served(t, &reached)
	for _, target := range []string{
		"/", "//", "/mcp", "//mcp", "/mcp/", "/%6dcp", "/MCP", "/./mcp", "/x/../mcp", "/mcp?x=/.well-known/oauth-protected-resource",
		"/.well-known/oauth-protected-resource/../../mcp", "/.well-known/oauth-protected-resource/mcp/", "/.well-known/oauth-protected-resource/mcp%00",
		"/.well-known/oauth-protected-resource;/mcp", "/.WELL-KNOWN/oauth-protected-resource", "/.well-known//oauth-protected-resource",
		"/oauth/../mcp", "/oauth/token/../../mcp", "/%2e%2e/mcp", "/mcp%2f", `/\mcp`,
	} {
		got := wire(t, addr, "POST "+target+" HTTP/1.1\r\nHost: "+addr+"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
		if fmt.Sprint(got) != "[401]" {
			t.Errorf("%s: %v", target, got)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d requests reached the server", n)
	}
}

// What an authenticated caller smuggles in is not what the server gets.
func TestWhatIsSmuggledInIsCutOff(t *testing.T) {
	var s seen
	h := newGuard(t, nil).Protect(record(&s))
	r := replaceMethod(post(call("tools/call", `{"name":"deploy"}`), as("alice")...), "GET")
	r.Trailer = http.Header{"Authorization": {"Bearer admin"}}
	h.ServeHTTP(httptest.NewRecorder(), r)
	if !s.ok || s.body != "" || s.header.Get("Content-Length") != "0" {
		t.Errorf("a GET's body went on: %+v", s)
	}
}

// A stranger's own session gives no stream: what a program tells everybody, the
// user's too, goes down it.
func TestStrangersGetNoStream(t *testing.T) {
	g := newGuard(t, withPublic)
	own := g.sealSession("sdk-1", nil)
	for method, want := range map[string]int{"GET": 405, "HEAD": 405, "DELETE": 200} {
		w := httptest.NewRecorder()
		g.Protect(record(&seen{})).ServeHTTP(w, replaceMethod(post("", "Mcp-Session-Id", own), method))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", method, w.Code, want)
		}
	}
}

// A handler that writes nothing hands out no session id unsealed, and opens the
// server to no other origin.
func TestHeadersOfAnEmptyAnswerAreGuardedToo(t *testing.T) {
	g := newGuard(t, nil)
	w := httptest.NewRecorder()
	g.Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Mcp-Session-Id", "sdk-1")
		w.Header().Set("Access-Control-Allow-Origin", "*")
	})).ServeHTTP(w, post(call("ping", `{}`), as("alice")...))
	if got := w.Header().Get("Mcp-Session-Id"); got == "sdk-1" || got == "" || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("sent %v", w.Header())
	}
}

// Memory is for bodies that were sent, not for those that were announced.
func TestAnnouncedBodiesTakeNoMemory(t *testing.T) {
	h := newGuard(t, withPublic).Protect(record(&seen{}))
	const callers = 200
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range callers {
		r := post(`{`)
		r.ContentLength = 4 << 20
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	runtime.ReadMemStats(&after)
	if grown := (after.TotalAlloc - before.TotalAlloc) / callers; grown > 256<<10 {
		t.Errorf("%d bytes for each announced body", grown)
	}
}

// A body that ends before its announced length is no message, even if what came
// could be read as one.
func TestShortBodyIsRefused(t *testing.T) {
	var reached atomic.Int32
	addr := served(t, &reached)
	body := call("tools/call", `{"name":"echo"}`)
	for _, length := range []int{len(body) + 1, 1 << 20} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer alice\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", addr, length, body)
		_ = conn.(*net.TCPConn).CloseWrite()
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err == nil && res.StatusCode != http.StatusBadRequest {
			t.Errorf("length %d: status %d", length, res.StatusCode)
		}
		conn.Close()
	}
	if reached.Load() != 0 {
		t.Error("it reached the server")
	}
}

// Streams leave no goroutine behind, however they end.
func TestStreamsLeaveNoGoroutines(t *testing.T) {
	g := newGuard(t, func(cfg *Config) { cfg.Now = nil; cfg.Verifier = endless })
	g.recheck = time.Millisecond
	srv := httptest.NewServer(g.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})))
	defer srv.Close()
	before := runtime.NumGoroutine()
	for range 50 {
		conn, err := net.Dial("tcp", srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, "GET /mcp HTTP/1.1\r\nHost: mcp.example.com\r\nAuthorization: Bearer alice\r\n\r\n")
		_, _ = bufio.NewReader(conn).ReadString('\n')
		conn.Close()
	}
	for i := 0; runtime.NumGoroutine() > before+2 && i < 200; i++ {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before+2 {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// Whatever was registered before, mounting either works or stops the program at
// its start; it never leaves a path open.
func TestMountNextToOtherRoutes(t *testing.T) {
	own := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) })
	for pattern, want := range map[string]string{
		"/":                                     "401 200 299",
		"/.well-known/":                         "401 200 299",
		"/.well-known/{any...}":                 "401 200 299",
		"GET /.well-known/{dir}/{any...}":       "401 200 299",
		"GET /{$}":                              "401 200 404",
		"localhost/":                            "401 200 404",
		"/mcp/":                                 "401 200 404",
		"/.well-known/oauth-protected-resource": "401 200 404",
		"mcp.example.com/.well-known/":          "401 299 299", // the program's own by its choice; nothing of ours is behind it
		"/mcp":                                  "panic",
		"GET /.well-known/oauth-protected-resource/mcp": "panic",
	} {
		t.Run(strings.ReplaceAll(pattern, "/", "_"), func(t *testing.T) {
			if got := mountNextTo(t, pattern, own); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

func mountNextTo(t *testing.T, pattern string, own http.Handler) (got string) {
	defer func() {
		if recover() != nil {
			got = "panic"
		}
	}()
	mux := http.NewServeMux()
	mux.Handle(pattern, own)
	g := newGuard(t, nil)
	g.Mount(mux, "/mcp", record(&seen{}))
	g.Mount(mux, "/second", record(&seen{}))
	status := func(method, path string) int {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, "https://mcp.example.com"+path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		mux.ServeHTTP(w, r)
		return w.Code
	}
	return fmt.Sprint(status("POST", "/mcp"), " ", status("GET", "/.well-known/oauth-protected-resource/mcp"), " ", status("GET", "/.well-known/x/y"))
}

// endless verifies alice for ever.
var endless = VerifierFunc(func(_ context.Context, token string) (*Principal, error) {
	return &Principal{Issuer: "https://id.example.com", Subject: token, Scopes: []string{"read"}}, nil
})

// The root well-known path, which only older clients ask for, stays the program's
// own if it had it first.
func TestMountLeavesTheRootMetadataToTheProgram(t *testing.T) {
	for _, pattern := range []string{wellKnown, "GET " + wellKnown} {
		mux := http.NewServeMux()
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) })
		newGuard(t, nil).Mount(mux, "/mcp", record(&seen{}))
		w := httptest.NewRecorder()
		if mux.ServeHTTP(w, httptest.NewRequest("GET", "https://mcp.example.com"+wellKnown, nil)); w.Code != 299 {
			t.Errorf("%s: status %d", pattern, w.Code)
		}
	}
}
