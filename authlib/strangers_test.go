package authlib

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A session that no stranger used for ten minutes ends when the next stranger comes.
func TestIdleStrangersSessionsEnd(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := newStrangers(func() time.Time { return now })
	begin := func(id string) (ended []string) {
		for _, e := range s.begin(&strangersSession{id: id}) {
			ended = append(ended, e.id)
		}
		return ended
	}
	if ended := slices.Concat(begin("a"), begin("b")); len(ended) != 0 {
		t.Errorf("%v ended at once", ended)
	}
	now = now.Add(strangersIdle - time.Second)
	s.use("b")
	s.use("of a user")
	now = now.Add(time.Second)
	if ended := begin("c"); !slices.Equal(ended, []string{"a"}) {
		t.Errorf("%v ended, want a", ended)
	}
	if len(s.byID) != 2 || s.order.Len() != 2 {
		t.Errorf("%d, %d are kept, want b and c", len(s.byID), s.order.Len())
	}
}

// Of the sessions of strangers those end that nobody used for longest.
func TestUnusedStrangersSessionsEndFirst(t *testing.T) {
	s := newStrangers(time.Now)
	for i := range maxPerPeer {
		s.begin(&strangersSession{id: fmt.Sprint(i), peer: "8.8.8.8"})
	}
	s.use("0")
	if ended := s.begin(&strangersSession{id: "new", peer: "8.8.8.8"}); len(ended) != 1 || ended[0].id != "1" {
		t.Errorf("%v ended, want 1", ended)
	}
}

// Addresses that tell nobody apart have no limit of their own.
func TestStrangersWhoCannotBeToldApartShareTheLimit(t *testing.T) {
	s := newStrangers(time.Now)
	for i := range maxPerPeer + 1 {
		if ended := s.begin(&strangersSession{id: fmt.Sprint(i)}); len(ended) > 0 {
			t.Fatalf("%v ended at %d", ended, i)
		}
	}
}

// Only strangers' sessions end, by requests of a stranger, at the path of the server
// and with nothing else that somebody sent.
func TestOnlyStrangersSessionsEnd(t *testing.T) {
	begun, ended := 0, []string{}
	g := newGuard(t, withPublic)
	h := g.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			d, ok := Decided(r.Context())
			if !ok || d.Principal() != nil || d.Guard() != g || r.URL.String() != "/mcp" || len(r.Header) != 1 {
				t.Errorf("%v %v %v", d, r.URL, r.Header)
			}
			ended = append(ended, r.Header.Get(sessionHeader))
			return
		}
		begun++
		w.Header().Set(sessionHeader, fmt.Sprint("sdk-", begun))
	}))
	start := func(headers ...string) {
		r := post(call("initialize", "{}"), headers...)
		r.RemoteAddr = "10.0.0.1:1"
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	for range maxStrangers + 10 {
		start(as("alice")...)
	}
	for range maxStrangers {
		start()
	}
	if len(ended) > 0 {
		t.Errorf("%v ended", ended)
	}
	start("Mcp-Protocol-Version", "2025-06-18")
	if want := fmt.Sprint("sdk-", maxStrangers+11); !slices.Equal(ended, []string{want}) {
		t.Errorf("%v ended, want %s: the first of a stranger", ended, want)
	}
}

// A transport is one of several behind a guard, and the server of what it began.
func TestStrangersSessionsEndWhereTheyBegan(t *testing.T) {
	var mu sync.Mutex
	kept, begun := map[string]bool{}, 0
	mux := http.NewServeMux()
	for _, path := range []string{"/a", "/b", "/c/"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.Method == http.MethodDelete {
				delete(kept, path+r.Header.Get(sessionHeader))
				return
			}
			begun++
			id := fmt.Sprint("sdk-", begun)
			kept[path+id] = true
			w.Header().Set(sessionHeader, id)
		})
	}
	h := newGuard(t, withPublic).Protect(mux)
	for i := range 4 * maxPerPeer {
		r := post(call("initialize", "{}"))
		r.URL.Path = []string{"/a", "/b", "/c/" + strings.Repeat("x", maxPath)}[i%3]
		r.RemoteAddr = "8.8.8.8:1"
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(kept) != maxPerPeer {
		t.Errorf("%d sessions are kept, want %d", len(kept), maxPerPeer)
	}
}

// What one stranger left running holds up no other one.
func TestStrangersDoNotWaitForWhatOthersRun(t *testing.T) {
	running := make(chan struct{})
	begun := 0
	h := newGuard(t, withPublic).Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			<-running
			return
		}
		begun++
		w.Header().Set(sessionHeader, fmt.Sprint("sdk-", begun))
	}))
	start := func() {
		r := post(call("initialize", "{}"))
		r.RemoteAddr = "8.8.8.8:1"
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	for range maxPerPeer {
		start()
	}
	served := make(chan struct{})
	go func() { start(); close(served) }()
	select {
	case <-served:
	case <-time.After(10 * time.Second):
		t.Error("a stranger waits for the end of another's session")
	}
	close(running)
}

// lines are those of a log.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// A server that panics when a session is to end ends neither the request that began
// another one nor the program.
func TestAPanicAtTheEndOfAStrangersSessionIsLogged(t *testing.T) {
	log, begun := make(lines, 10), 0
	g := newGuard(t, func(c *Config) {
		withPublic(c)
		c.Logger = slog.New(slog.NewTextHandler(log, nil))
	})
	h := g.Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			panic("secret")
		}
		begun++
		w.Header().Set(sessionHeader, fmt.Sprint("sdk-", begun))
	}))
	for range maxPerPeer + 1 {
		r := post(call("initialize", "{}"))
		r.RemoteAddr = "8.8.8.8:1"
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatal(w.Code)
		}
	}
	if got := <-log; !strings.Contains(got, auditEndFailed) || strings.Contains(got, "secret") {
		t.Errorf("%q", got)
	}
}

// A proxy that panics because its caller has left has begun a session all the same.
func TestStrangersWhoLeaveAProxyAreCounted(t *testing.T) {
	begun, ended := 0, 0
	h := newGuard(t, withPublic).Protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			ended++
			return
		}
		begun++
		w.Header().Set(sessionHeader, fmt.Sprint("sdk-", begun))
		w.WriteHeader(http.StatusOK)
		panic(http.ErrAbortHandler)
	}))
	for range maxPerPeer + 5 {
		func() {
			defer func() {
				if recover() != http.ErrAbortHandler {
					t.Error("the panic is not passed on")
				}
			}()
			r := post(call("initialize", "{}"))
			r.RemoteAddr = "8.8.8.8:1"
			h.ServeHTTP(httptest.NewRecorder(), r)
		}()
	}
	if ended != 5 {
		t.Errorf("%d sessions ended, want 5", ended)
	}
}
