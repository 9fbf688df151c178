package gosdk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/gosdk"
)

// strangersLimit is what authlib.Guard says of it: see maxStrangers.
const strangersLimit = 1000

func (a *app) sessions() (n int) {
	for range a.s.Sessions() {
		n++
	}
	return n
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

// Any number of strangers cost a thousand sessions, and the users are served all the
// while: those who were here, those who come, and the strangers of the last.
func TestStrangersSessionsAreBounded(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	alice, first := start(t, url, "alice"), start(t, url, "")
	before := runtime.NumGoroutine()
	const flood = 2000
	var wg sync.WaitGroup
	last := make([]string, 4)
	for w := range last {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range flood / len(last) {
				last[w] = post(t, url, "", "", initialize).session
			}
		}()
	}
	wg.Wait()
	waitFor(t, "a bounded number of sessions", func() bool { return a.sessions() <= strangersLimit+1 })
	if n := a.sessions(); n < strangersLimit {
		t.Errorf("%d sessions: strangers are let in, so theirs should be kept", n)
	}
	if n := runtime.NumGoroutine() - before; n > 3*strangersLimit {
		t.Errorf("%d goroutines more", n)
	}
	who := req("tools/call", `{"name":"who"}`)
	if got := post(t, url, "alice", alice, who); got.status != http.StatusOK {
		t.Errorf("a user who was here: %d %s", got.status, got.body)
	}
	if got := post(t, url, "bob", start(t, url, "bob"), who); got.status != http.StatusOK {
		t.Errorf("a user who comes: %d %s", got.status, got.body)
	}
	hello := req("tools/call", `{"name":"hello"}`)
	post(t, url, "", last[0], initialized)
	if got := post(t, url, "", last[0], hello); got.status != http.StatusOK {
		t.Errorf("the last stranger: %d %s", got.status, got.body)
	}
	if got := post(t, url, "", first, hello); got.status != http.StatusNotFound {
		t.Errorf("the first stranger: %d, want 404, upon which clients begin anew", got.status)
	}
}

// A stranger who uses a session keeps it, however many others come.
func TestAStrangersSessionInUseIsKept(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	mine := start(t, url, "")
	for i := range strangersLimit + 200 {
		post(t, url, "", "", initialize)
		if i%500 == 0 {
			post(t, url, "", mine, req("ping", "{}"))
		}
	}
	if got := post(t, url, "", mine, req("tools/call", `{"name":"hello"}`)); got.status != http.StatusOK {
		t.Errorf("status %d: %s", got.status, got.body)
	}
}

// What one stranger left running in a session does not hold up the one for whom that
// session has to end: the SDK waits for it.
func TestStrangersDoNotWaitForWhatOthersRun(t *testing.T) {
	a := newApp()
	running, release := make(chan struct{}), make(chan struct{})
	a.s.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
			if method == "tools/call" {
				close(running)
				<-release
			}
			return next(ctx, method, r)
		}
	})
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	first := start(t, url, "")
	var left sync.WaitGroup
	left.Add(1)
	defer left.Wait()
	defer close(release)
	go func() {
		defer left.Done()
		post(t, url, "", first, req("tools/call", `{"name":"hello"}`))
	}()
	<-running
	begun := time.Now()
	for range strangersLimit + 1 {
		post(t, url, "", "", initialize)
	}
	t.Logf("%v for %d sessions", time.Since(begun), strangersLimit+1)
}

// One address has fifty at most, and its own end for it.
func TestOneStrangersSessionsAreNobodyElses(t *testing.T) {
	a := newApp()
	ended := 0
	var mu sync.Mutex
	core, err := authlib.New(authlib.Config{
		Resource: "http://localhost/mcp", AllowAnonymous: true, AuthorizationServers: servers, Policy: policy(), Verifier: people,
		Observer: authlib.ObserverFunc(func(_ context.Context, e authlib.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == authlib.EventLimit && e.Operation == "session" && e.Outcome == "ended" {
				ended++
			}
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	g := gosdk.New(core)
	h := g.Handler("/mcp", a.transport(g, false))
	send := func(from, session, body string) (int, string) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/mcp", strings.NewReader(body))
		r.RemoteAddr = from
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		if session != "" {
			r.Header.Set("Mcp-Session-Id", session)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Header().Get("Mcp-Session-Id")
	}
	_, mine := send("8.8.4.4:1", "", initialize)
	for i := range 200 {
		if status, _ := send(fmt.Sprint("8.8.8.8:", 1000+i), "", initialize); status != http.StatusOK {
			t.Fatalf("initialize %d: %d", i, status)
		}
	}
	waitFor(t, "51 sessions", func() bool { return a.sessions() == 51 })
	if status, _ := send("8.8.4.4:1", mine, req("ping", "{}")); status != http.StatusOK {
		t.Errorf("somebody else's session: %d", status)
	}
	if ended != 150 {
		t.Errorf("%d sessions were told of as ended, want 150", ended)
	}
}

// Users' sessions are not counted, however many one has.
func TestUsersSessionsAreTheirs(t *testing.T) {
	a := newApp()
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	first := start(t, url, "alice")
	for range strangersLimit + 100 {
		post(t, url, "alice", "", initialize)
	}
	if got := post(t, url, "alice", first, req("ping", "{}")); got.status != http.StatusOK {
		t.Errorf("the first of many: %d %s", got.status, got.body)
	}
}

// Strangers who leave in the midst of an initialize leave no session behind that
// nobody counts.
func TestStrangersWhoLeaveAreCounted(t *testing.T) {
	a := newApp()
	var slow atomic.Bool
	slow.Store(true)
	a.s.AddReceivingMiddleware(func(next mcp.MethodHandler) mcp.MethodHandler {
		return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
			res, err := next(ctx, method, r)
			if slow.Load() { // the session has begun, and nobody was told of it
				time.Sleep(20 * time.Millisecond)
			}
			return res, err
		}
	})
	url := serve(t, func(g *gosdk.Guard) http.Handler { return g.Handler("/mcp", a.transport(g, false)) }) + "/mcp"
	var wg sync.WaitGroup
	var left atomic.Int64
	for range 40 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 40 {
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
				r, _ := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(initialize))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Accept", "application/json, text/event-stream")
				if res, err := http.DefaultClient.Do(r); err == nil {
					res.Body.Close()
				} else {
					left.Add(1)
				}
				cancel()
			}
		}()
	}
	wg.Wait()
	if left.Load() < 500 {
		t.Fatalf("%d left early, which is too few to say anything", left.Load())
	}
	slow.Store(false)
	for range strangersLimit + 1 { // what is not counted stays besides these
		post(t, url, "", "", initialize)
	}
	waitFor(t, "a bounded number of sessions", func() bool { return a.sessions() <= strangersLimit })
}
