package dev

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"golang.org/x/oauth2"
)

const (
	code     = "AAAA-BBBB"
	verifier = "a-verifier-of-at-least-forty-three-characters-x"
)

type bench struct {
	*testing.T
	p   *Provider
	now time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t, now: time.Now()}
	p, err := New(Config{Resource: "http://localhost:8080/mcp", Code: code, Out: io.Discard, Now: func() time.Time { return b.now }})
	if err != nil {
		t.Fatal(err)
	}
	b.p = p
	return b
}

// login starts a login and returns its state.
func (b *bench) login(state string) string {
	b.Helper()
	sum := sha256.Sum256([]byte(verifier))
	u, err := b.p.AuthCodeURL(context.Background(), provider.AuthRequest{
		State: state, Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), RedirectURL: "http://localhost:8080/oauth/callback/dev",
	})
	if err != nil || u != "http://localhost:8080/oauth/dev/signin?state="+state {
		b.Fatalf("AuthCodeURL = %q, %v", u, err)
	}
	return state
}

// request is one that a browser at this machine would send.
func request(method, state, user, code string) *http.Request {
	form := url.Values{"state": {state}, "user": {user}, "code": {code}}
	r := httptest.NewRequest(method, "http://localhost:8080"+SignInPath+"?state="+state, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://localhost:8080")
	r.RemoteAddr = "127.0.0.1:55555"
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(local)))
}

func (b *bench) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.p.ServeHTTP(w, r)
	return w
}

func (b *bench) signIn(user string) provider.ExchangeRequest {
	b.Helper()
	w := b.serve(request(http.MethodPost, b.login("s-"+user), user, code))
	u, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || u.Query().Get("state") != "s-"+user {
		b.Fatalf("status %d, location %v: %s", w.Code, u, w.Body)
	}
	return provider.ExchangeRequest{Code: u.Query().Get("code"), Verifier: verifier, RedirectURL: "http://localhost:8080/oauth/callback/dev"}
}

func TestSignIn(t *testing.T) {
	b := newBench(t)
	if w := b.serve(request(http.MethodGet, b.login("s"), "", "")); w.Code != 200 || !strings.Contains(w.Body.String(), `value="dev"`) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	ex := b.signIn("alice")
	tok, err := b.p.Exchange(context.Background(), ex)
	if err != nil {
		t.Fatal(err)
	}
	id, err := b.p.Identify(context.Background(), tok)
	if err != nil || id.Subject != "alice" || id.Username != "alice" || id.EmailVerified {
		t.Errorf("Identify = %+v, %v", id, err)
	}
	if _, err := b.p.Exchange(context.Background(), ex); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("second exchange: %v, want ErrInvalidToken", err)
	}
}

func TestExchangeRefuses(t *testing.T) {
	b := newBench(t)
	for name, change := range map[string]func(*provider.ExchangeRequest){
		"verifier": func(r *provider.ExchangeRequest) { r.Verifier = "other" },
		"redirect": func(r *provider.ExchangeRequest) { r.RedirectURL = "http://localhost:8080/other" },
		"code":     func(r *provider.ExchangeRequest) { r.Code = "other" },
		"late":     func(*provider.ExchangeRequest) { b.now = b.now.Add(codeTTL) },
	} {
		ex := b.signIn("alice")
		change(&ex)
		if _, err := b.p.Exchange(context.Background(), ex); !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("wrong %s: %v, want ErrInvalidToken", name, err)
		}
	}
}

// A request that anything may have forwarded gets nothing, the right code or not.
func TestOnlyLocal(t *testing.T) {
	b := newBench(t)
	state := b.login("s")
	tests := map[string]func(*http.Request) *http.Request{
		"peer":             func(r *http.Request) *http.Request { r.RemoteAddr = "192.0.2.1:5"; return r },
		"peer in v6":       func(r *http.Request) *http.Request { r.RemoteAddr = "[2001:db8::1]:5"; return r },
		"unix peer":        func(r *http.Request) *http.Request { r.RemoteAddr = "@"; return r },
		"host":             func(r *http.Request) *http.Request { r.Host = "evil.test:8080"; return r },
		"port":             func(r *http.Request) *http.Request { r.Host = "localhost:9090"; return r },
		"local address":    func(r *http.Request) *http.Request { return withLocal(r, "192.168.1.2:8080") },
		"no local address": func(r *http.Request) *http.Request { return r.WithContext(context.Background()) },
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Anything", "Via", "CF-Connecting-IP", "Cf-Ray", "X-Real-IP"} {
		tests[h] = func(r *http.Request) *http.Request { r.Header.Set(h, "x"); return r }
	}
	for name, change := range tests {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if w := b.serve(change(request(method, state, "alice", code))); w.Code != http.StatusForbidden || w.Header().Get("Location") != "" {
				t.Errorf("%s by %s: status %d", name, method, w.Code)
			}
		}
	}
	for _, host := range []string{"127.0.0.1:8080", "[::1]:8080", "LOCALHOST:8080"} {
		r := request(http.MethodGet, state, "", "")
		r.Host = host
		if w := b.serve(r); w.Code != http.StatusOK {
			t.Errorf("host %s: status %d", host, w.Code)
		}
	}
}

func withLocal(r *http.Request, addr string) *http.Request {
	a, _ := net.ResolveTCPAddr("tcp", addr)
	return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(a)))
}

func TestSubmitRefuses(t *testing.T) {
	b := newBench(t)
	state := b.login("s")
	foreign := request(http.MethodPost, state, "alice", code)
	foreign.Header.Set("Origin", "https://evil.test")
	for name, r := range map[string]*http.Request{
		"foreign origin": foreign, "wrong code": request(http.MethodPost, state, "alice", "AAAA-BBBC"),
		"no code": request(http.MethodPost, state, "alice", ""), "no user": request(http.MethodPost, state, " ", code),
		"control character": request(http.MethodPost, state, "a\x1bb", code), "long user": request(http.MethodPost, state, strings.Repeat("a", 65), code),
		"unknown state": request(http.MethodPost, "other", "alice", code), "put": request(http.MethodPut, state, "alice", code),
	} {
		if w := b.serve(r); w.Code < 400 || w.Header().Get("Location") != "" {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	b.now = b.now.Add(loginTTL)
	if w := b.serve(request(http.MethodPost, state, "alice", code)); w.Code != http.StatusBadRequest {
		t.Errorf("late: status %d", w.Code)
	}
}

// After twenty wrong codes the right one does not help for a while.
func TestGuessing(t *testing.T) {
	b := newBench(t)
	for range maxWrong / maxWrongPerLogin {
		state := b.login("s")
		for range maxWrongPerLogin {
			if w := b.serve(request(http.MethodPost, state, "alice", "wrong")); w.Code != http.StatusForbidden {
				t.Fatalf("status %d", w.Code)
			}
		}
		if w := b.serve(request(http.MethodPost, state, "alice", code)); w.Code != http.StatusBadRequest {
			t.Fatalf("the login outlived its attempts: status %d", w.Code)
		}
	}
	if w := b.serve(request(http.MethodPost, b.login("t"), "alice", code)); w.Code != http.StatusTooManyRequests {
		t.Errorf("status %d, want 429", w.Code)
	}
	b.now = b.now.Add(wrongWindow + time.Second)
	if w := b.serve(request(http.MethodPost, b.login("t"), "alice", code)); w.Code != http.StatusSeeOther {
		t.Errorf("after the wait: status %d", w.Code)
	}
}

func TestTokens(t *testing.T) {
	b := newBench(t)
	tok := b.p.token("alice")
	parts := strings.Split(tok, ".")
	root := "dev." + base64.RawURLEncoding.EncodeToString([]byte("root")) + "." + parts[2]
	for _, v := range []string{"", "dev..", root, tok + "x", "x" + tok} {
		if id, err := b.p.Identify(context.Background(), &oauth2.Token{AccessToken: v}); !errors.Is(err, provider.ErrInvalidToken) {
			t.Errorf("Identify(%q) = %v, %v", v, id, err)
		}
	}
	other, err := New(Config{Resource: "http://localhost:8080/mcp", Code: "other", Out: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Identify(context.Background(), &oauth2.Token{AccessToken: tok}); !errors.Is(err, provider.ErrInvalidToken) {
		t.Errorf("with another code: %v, want ErrInvalidToken", err)
	}
}

func TestNew(t *testing.T) {
	for _, resource := range []string{"", "localhost:8080", "https://mcp.test/mcp", "http://0.0.0.0:8080/mcp", "http://192.168.1.2/mcp", "http://localhost.evil.test/", "ftp://localhost/"} {
		if _, err := New(Config{Resource: resource, Out: io.Discard}); err == nil {
			t.Errorf("resource %q was taken", resource)
		}
	}
	var out1, out2 strings.Builder
	for _, out := range []*strings.Builder{&out1, &out2} {
		if _, err := New(Config{Resource: "http://[::1]:1/mcp", Out: out}); err != nil {
			t.Fatal(err)
		}
	}
	if out1.String() == out2.String() || len(out1.String()) < len("dev sign-in code: XXXX-XXXX\n") {
		t.Errorf("printed %q and %q", out1.String(), out2.String())
	}
}
