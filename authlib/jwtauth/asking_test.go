package jwtauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/storetest"
)

// A slow issuer answers when it is told to: that the token is good if it is
// called "good".
type slowIssuer struct {
	srv   *httptest.Server
	gate  chan struct{} // closed: it answers
	asked atomic.Int64
	begun chan struct{} // gets one value for each question
}

func newSlowIssuer(t *testing.T) (*slowIssuer, *Introspection, *storetest.Clock) {
	t.Helper()
	is := &slowIssuer{gate: make(chan struct{}), begun: make(chan struct{}, 10_000)}
	is.srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		is.asked.Add(1)
		is.begun <- struct{}{}
		select {
		case <-is.gate:
		case <-r.Context().Done():
		}
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("token") == "good" {
			fmt.Fprintf(w, `{"active":true,"sub":"42","aud":%q}`, resource)
			return
		}
		fmt.Fprint(w, `{"active":false}`)
	}))
	t.Cleanup(is.srv.Close)
	t.Cleanup(is.open)
	clock := storetest.NewClock()
	v, err := NewIntrospection(IntrospectionConfig{
		Issuer: is.srv.URL, Endpoint: is.srv.URL + "/i", ClientID: "c", ClientSecret: "s3cr3tvalue", Audience: resource, Now: clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return is, v, clock
}

func (is *slowIssuer) open() {
	select {
	case <-is.gate:
	default:
		close(is.gate)
	}
}

// occupy sends junk until as many questions are under way as may be.
func (is *slowIssuer) occupy(v *Introspection) {
	for i := range maxAsking {
		go func() { _, _ = v.Verify(context.Background(), fmt.Sprint("junk ", i)) }()
	}
	for range maxAsking {
		<-is.begun
	}
}

// One bad token is one question, however often it is sent.
func TestABadTokenIsAskedAboutOnce(t *testing.T) {
	is, v, _ := newSlowIssuer(t)
	is.open()
	for range 100 {
		if _, err := v.Verify(context.Background(), "junk"); !errors.Is(err, authlib.ErrInvalidToken) {
			t.Fatal(err)
		}
	}
	if n := is.asked.Load(); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

// Many who send one token at once wait for one answer.
func TestOneQuestionForAllWhoAsk(t *testing.T) {
	is, v, _ := newSlowIssuer(t)
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if p, err := v.Verify(context.Background(), "good"); err != nil || p.Subject != "42" {
				t.Error(p, err)
			}
		}()
	}
	<-is.begun
	is.open()
	wg.Wait()
	if n := is.asked.Load(); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

// While strangers' tokens take every turn, a token that was never seen waits for a
// bounded time and is then an outage, neither a refusal nor a pass; and one that
// was found good before has its own turn.
func TestStrangersTokensDoNotShutOutWhoIsKnown(t *testing.T) {
	is, v, clock := newSlowIssuer(t)
	is.open()
	if _, err := v.Verify(context.Background(), "good"); err != nil {
		t.Fatal(err)
	}
	<-is.begun
	clock.Advance(defaultCacheFor) // it has to be asked about again
	is.gate = make(chan struct{})

	is.occupy(v)
	waited := make(chan time.Duration, 1)
	v.asking.after = func(d time.Duration) <-chan time.Time {
		waited <- d
		now := make(chan time.Time, 1)
		now <- time.Time{}
		return now
	}
	p, err := v.Verify(context.Background(), "honest, but not seen yet")
	if p != nil || !errors.Is(err, errBusy) || errors.Is(err, authlib.ErrInvalidToken) {
		t.Errorf("Verify = %v, %v; want that it is busy", p, err)
	}
	if d := <-waited; d != askWait {
		t.Errorf("waited %v", d)
	}
	done := make(chan error, 1)
	go func() {
		_, err := v.Verify(context.Background(), "good")
		done <- err
	}()
	<-is.begun // asked about, past the strangers
	is.open()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := is.asked.Load(); n != maxAsking+2 {
		t.Errorf("asked %d times, want %d", n, maxAsking+2)
	}
}

// The number of those who wait is bounded too.
func TestQuestionsThatWaitAreBounded(t *testing.T) {
	is, v, _ := newSlowIssuer(t)
	is.occupy(v)
	v.asking.after = func(time.Duration) <-chan time.Time { return make(chan time.Time) }
	v.asking.mu.Lock()
	for i := len(v.asking.flights); i < maxWaiting; i++ {
		v.asking.flights[digest{byte(i), byte(i >> 8), 1}] = &flight{done: make(chan struct{})}
	}
	v.asking.mu.Unlock()
	if _, err := v.Verify(context.Background(), "one more"); !errors.Is(err, errBusy) {
		t.Errorf("one more: %v", err)
	}
	// Whose token was good lately is asked about all the same, and who asks what is being
	// asked already waits for that answer.
	alice := &authlib.Principal{Subject: "alice"}
	p, err := v.asking.about(context.Background(), "known", true, func(context.Context) (*authlib.Principal, error) { return alice, nil })
	if err != nil || p != alice {
		t.Errorf("a known token: %v, %v", p, err)
	}
	v.asking.mu.Lock()
	v.asking.flights[sha256.Sum256([]byte("under way"))] = &flight{done: make(chan struct{})}
	v.asking.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.asking.about(ctx, "under way", false, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("what is under way: %v", err)
	}
}

// Who leaves does not make the question be asked again.
func TestTheAnswerIsRememberedThoughTheCallerLeft(t *testing.T) {
	is, v, _ := newSlowIssuer(t)
	ctx, cancel := context.WithCancel(context.Background())
	left := make(chan error, 1)
	go func() {
		_, err := v.Verify(ctx, "junk")
		left <- err
	}()
	<-is.begun
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("Verify = %v", err)
	}
	is.open()
	if _, err := v.Verify(context.Background(), "junk"); !errors.Is(err, authlib.ErrInvalidToken) {
		t.Error(err)
	}
	if n := is.asked.Load(); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

// Strangers' refusals push nobody's answer out.
func TestRefusalsAreKeptApart(t *testing.T) {
	is, v, _ := newSlowIssuer(t)
	is.open()
	if _, err := v.Verify(context.Background(), "good"); err != nil {
		t.Fatal(err)
	}
	for i := range 3 * shards * perShard {
		v.refused.remember(fmt.Sprint(i), entry{ends: v.cfg.Now().Add(time.Hour), err: authlib.ErrInvalidToken})
	}
	if _, err := v.Verify(context.Background(), "good"); err != nil || is.asked.Load() != 1 {
		t.Errorf("asked %d times, %v", is.asked.Load(), err)
	}
	n := 0
	for i := range v.refused.shards {
		n += len(v.refused.shards[i].byKey)
	}
	if n > shards*perShard {
		t.Errorf("%d refusals are kept", n)
	}
}
