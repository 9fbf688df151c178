package authlib

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A flooded is a guard with a clock that moves and a verifier that counts: tokens that
// begin with "good" are good, unless they are in revoked.
type flooded struct {
	*testing.T
	g       *Guard
	h       http.Handler
	now     time.Time
	asked   int
	revoked map[string]bool
	log     bytes.Buffer
}

func newFlooded(t *testing.T, change func(*Config)) *flooded {
	f := &flooded{T: t, now: clock, revoked: map[string]bool{}}
	f.g = newGuard(t, func(c *Config) {
		c.Now = func() time.Time { return f.now }
		c.Logger = slog.New(slog.NewTextHandler(&f.log, nil))
		c.Verifier = VerifierFunc(func(_ context.Context, token string) (*Principal, error) {
			f.asked++
			switch {
			case token == "down":
				return nil, errors.New("no answer")
			case strings.HasPrefix(token, "good") && !f.revoked[token]:
				return &Principal{Issuer: "i", Subject: "alice", Scopes: []string{"read"}}, nil
			}
			return nil, ErrInvalidToken
		})
		if change != nil {
			change(c)
		}
	})
	f.h = f.g.Protect(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	return f
}

func (f *flooded) send(from, token string) *http.Response {
	r := post(call("ping", "{}"), as(token)...)
	r.RemoteAddr = from
	w := httptest.NewRecorder()
	f.h.ServeHTTP(w, r)
	return w.Result()
}

func (f *flooded) want(status int, from, token string) {
	f.Helper()
	if got := f.send(from, token).StatusCode; got != status {
		f.Errorf("%s from %s: status %d, want %d", token, from, got, status)
	}
}

const flooder, neighbour = "8.8.8.8:1000", "8.8.8.8:2000" // behind one address

// flood sends bad tokens until they are refused unchecked.
func (f *flooded) flood() {
	f.Helper()
	for i := range failureRate.Burst {
		f.want(http.StatusUnauthorized, flooder, fmt.Sprint("bad", i))
	}
	f.want(http.StatusTooManyRequests, flooder, "one-more")
}

// Many bad tokens from one address are answered without asking the verifier, until the
// budget is there again.
func TestBadTokensAreLimited(t *testing.T) {
	f := newFlooded(t, nil)
	f.flood()
	f.asked = 0
	for i := range 1000 {
		res := f.send(flooder, fmt.Sprint("worse", i))
		if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "1" || res.Header.Get("WWW-Authenticate") != "" {
			t.Fatalf("%d %v", res.StatusCode, res.Header)
		}
	}
	if f.asked != 0 {
		t.Errorf("the verifier was asked %d times", f.asked)
	}
	if n := strings.Count(f.log.String(), auditLimited); n == 0 || n > 200 {
		t.Errorf("%d lines about it", n)
	}
	f.want(http.StatusOK, "8.8.4.4:1", "good-elsewhere")
	f.want(http.StatusUnauthorized, "8.8.4.4:1", "bad-elsewhere")
	f.now = f.now.Add(failureRate.Every)
	f.want(http.StatusUnauthorized, flooder, "later")
	f.want(http.StatusTooManyRequests, flooder, "and-again")
}

// Whoever shares an address with a flooder goes on with a token that was good lately.
// A new one has to wait for its turn; the flooder's own old one is none.
func TestAFloodersNeighboursStay(t *testing.T) {
	f := newFlooded(t, nil)
	f.want(http.StatusOK, neighbour, "good")
	f.want(http.StatusOK, flooder, "good-once")
	f.flood()
	for range 100 {
		f.want(http.StatusOK, neighbour, "good")
	}
	f.want(http.StatusTooManyRequests, neighbour, "good-new")
	f.revoked["good-once"] = true
	f.want(http.StatusUnauthorized, flooder, "good-once") // it was asked about, once
	f.want(http.StatusTooManyRequests, flooder, "good-once")
	f.now = f.now.Add(time.Second)
	f.want(http.StatusOK, neighbour, "good-new")
	f.flood2()
	f.want(http.StatusOK, neighbour, "good-new")
}

// flood2 uses up what there is again.
func (f *flooded) flood2() {
	for i := 0; f.send(flooder, fmt.Sprint("again", i)).StatusCode != http.StatusTooManyRequests; i++ {
		if i > 2*failureRate.Burst {
			f.Fatal("no end")
		}
	}
}

// Nobody is refused for the failures of whoever might be somebody else: callers whom
// their address does not tell apart, unless Config.Peer does. And an outage is
// nobody's failure.
func TestOnlyWhoFailsIsLimited(t *testing.T) {
	f := newFlooded(t, nil)
	for i := range 3 * failureRate.Burst {
		for _, proxy := range []string{"127.0.0.1:1", "10.1.2.3:1", "[::1]:1", "@"} {
			f.want(http.StatusUnauthorized, proxy, fmt.Sprint("bad", i))
		}
		f.want(http.StatusServiceUnavailable, flooder, "down")
	}
	f.want(http.StatusOK, "127.0.0.1:1", "good-new")
	f.want(http.StatusOK, flooder, "good-new")

	f = newFlooded(t, func(c *Config) { c.Peer = func(r *http.Request) string { return r.RemoteAddr } })
	for i := range failureRate.Burst {
		f.want(http.StatusUnauthorized, "10.0.0.1:1", fmt.Sprint("bad", i))
	}
	f.want(http.StatusTooManyRequests, "10.0.0.1:1", "bad")
	f.want(http.StatusUnauthorized, "10.0.0.1:2", "bad")
}

// Strangers who send no token cost nothing, and are told to sign in however many they
// are.
func TestNoTokenIsNoFailure(t *testing.T) {
	f := newFlooded(t, nil)
	for range 3 * failureRate.Burst {
		r := post(call("ping", "{}"))
		r.RemoteAddr = flooder
		w := httptest.NewRecorder()
		if f.h.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
			t.Fatal(w.Code)
		}
	}
	f.want(http.StatusOK, flooder, "good")
}

// Bad tokens that come while the verifier still looks at others are paid for afterwards:
// in the long run it is asked no more often than the limit says.
func TestBadTokensAtOnceAreLimited(t *testing.T) {
	const atOnce = 300
	f := newFlooded(t, nil)
	var mu sync.Mutex
	var waiting, served sync.WaitGroup
	g := newGuard(t, func(c *Config) {
		c.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return f.now }
		c.Verifier = VerifierFunc(func(_ context.Context, token string) (*Principal, error) {
			if mu.Lock(); f.asked < atOnce {
				waiting.Done()
			}
			f.asked++
			mu.Unlock()
			waiting.Wait()
			return nil, ErrInvalidToken
		})
	})
	f.h = g.Protect(http.NotFoundHandler())
	waiting.Add(atOnce)
	for i := range atOnce {
		served.Add(1)
		go func() { defer served.Done(); f.send(flooder, fmt.Sprint("bad", i)) }()
	}
	served.Wait()
	mu.Lock()
	f.now = f.now.Add((atOnce - time.Duration(failureRate.Burst)) * failureRate.Every)
	mu.Unlock()
	f.want(http.StatusTooManyRequests, flooder, "too-early")
	mu.Lock()
	f.now = f.now.Add(failureRate.Every)
	mu.Unlock()
	f.want(http.StatusUnauthorized, flooder, "paid")
}

// What a program takes for the address may be as long as a header.
func TestLongPeersTakeNoMemory(t *testing.T) {
	f := newFailures(func(*http.Request) string { return strings.Repeat("a", 1<<20) }, time.Now)
	if n := len(f.peer(nil)); n > 2*maxLogged {
		t.Errorf("%d bytes are kept of a peer", n)
	}
}
