package authlib

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// A session that no stranger used for ten minutes ends when the next stranger comes.
func TestIdleStrangersSessionsEnd(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := newStrangers(func() time.Time { return now })
	if ended := slices.Concat(s.begin("a", ""), s.begin("b", "")); len(ended) != 0 {
		t.Errorf("%v ended at once", ended)
	}
	now = now.Add(strangersIdle - time.Second)
	s.use("b")
	s.use("of a user")
	now = now.Add(time.Second)
	if ended := s.begin("c", ""); !slices.Equal(ended, []string{"a"}) {
		t.Errorf("%v ended, want a", ended)
	}
	if len(s.byID) != 2 || s.order.Len() != 2 {
		t.Errorf("%d, %d are kept, want b and c", len(s.byID), s.order.Len())
	}
}

// Addresses that tell nobody apart have no limit of their own.
func TestStrangersWhoCannotBeToldApartShareTheLimit(t *testing.T) {
	s := newStrangers(time.Now)
	for i := range maxPerPeer + 1 {
		if ended := s.begin(fmt.Sprint(i), ""); len(ended) > 0 {
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
