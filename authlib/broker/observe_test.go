package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/authtest"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/memstore"
)

// told is an observer that remembers events, but for those of the store.
type told struct {
	mu     sync.Mutex
	events []authlib.Event
	stores map[string]int // by method and outcome
}

func (o *told) Observe(_ context.Context, e authlib.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e.Kind == authlib.EventStore {
		if o.stores == nil {
			o.stores = map[string]int{}
		}
		o.stores[e.Operation+" "+e.Outcome]++
		return
	}
	e.Duration = 0
	o.events = append(o.events, e)
}

// take returns what was told since the last call, one line for each.
func (o *told) take() (out []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.events {
		out = append(out, strings.TrimRight(fmt.Sprintf("%s %s %s %s", e.Kind, e.Operation, e.Outcome, e.Reason), " "))
	}
	o.events = nil
	return out
}

func (o *told) want(t testing.TB, what string, want ...string) {
	t.Helper()
	if got := o.take(); !slices.Equal(got, want) {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// A sign-in, its tokens and what goes wrong with them are told of.
func TestWhatTheObserverIsTold(t *testing.T) {
	gh := authtest.NewGitHub(t)
	o := &told{}
	be := newBench(t, withGitHub(t, gh, "user:octocat", func(c *Config) { c.Observer = o }))
	tok := be.signIn()
	o.want(t, "a sign-in", "registration dynamic registered", "sign_in github signed_in", "token authorization_code issued")
	be.wantValid(tok.access)
	be.wantInvalid(tok.access + "x")
	o.want(t, "tokens", "verification broker accepted", "verification broker rejected invalid")
	next := be.tokens(tok.refreshForm())
	o.want(t, "a refresh", "token refresh_token issued")
	be.refused(url.Values{"grant_type": {"authorization_code"}, "code": {"zzz"}, "client_id": {tok.client}}, "invalid_grant")
	be.refused(url.Values{"grant_type": {"zzz"}, "client_id": {tok.client}}, "unsupported_grant_type")
	be.refused(url.Values{"grant_type": {"refresh_token"}, "client_id": {"zzz"}}, "invalid_client")
	o.want(t, "refusals", "token authorization_code refused invalid_grant", "token other refused unsupported_grant_type", "token refresh_token refused invalid_client")
	gh.SetDown(true)
	be.refused(next.refreshForm(), "temporarily_unavailable")
	o.want(t, "an outage", "token refresh_token unavailable")
	if err := be.b.UpstreamHealth(); err == nil || !strings.Contains(err.Error(), "provider github fails since") {
		t.Errorf("UpstreamHealth = %v", err)
	}
	be.b.upstreams.note(be.b.cfg.Providers[0], context.Canceled, be.clock.Now()) // whose caller left
	if be.b.UpstreamHealth() == nil {
		t.Error("a caller who left makes the provider healthy")
	}
	gh.SetDown(false)
	gh.SetUser(authtest.GitHubUser{ID: 666, Login: "mallory"})
	be.signInFails("access_denied")
	o.want(t, "somebody else", "registration dynamic registered", "sign_in github refused")
	if err := be.b.UpstreamHealth(); err != nil {
		t.Errorf("after GitHub came back: %v", err)
	}
	be.b.upstreams.note(be.b.cfg.Providers[0], context.Canceled, be.clock.Now())
	if err := be.b.UpstreamHealth(); err != nil {
		t.Errorf("a caller who left makes the provider ill: %v", err)
	}
	gh.Decline()
	be.signInFails("access_denied")
	o.want(t, "who declined", "registration dynamic registered", "sign_in github declined")
	res, err := http.Post(be.b.Issuer()+pathRegister, "application/json", strings.NewReader(`{"redirect_uris":["zzz"]}`))
	if err != nil || res.StatusCode != http.StatusBadRequest {
		t.Fatal(res, err)
	}
	o.want(t, "a bad registration", "registration dynamic refused")
	if o.stores["get ok"] == 0 || o.stores["put ok"] == 0 || o.stores["get not_found"] == 0 {
		t.Errorf("of the store: %v", o.stores)
	}
}

// Refusals for number are told of by their door.
func TestRefusalsForNumberAreTold(t *testing.T) {
	o := &told{}
	be := newBench(t, func(c *Config) { c.Observer = o })
	for i := range rates[doorRegister].each.Burst + 1 {
		be.registerFrom("8.8.8.8:1", i)
	}
	if got := o.take(); got[len(got)-1] != "limit register refused" {
		t.Errorf("told %q last", got[len(got)-1])
	}
}

// Whatever strangers send becomes no word of an event.
func TestStrangersMakeNoWords(t *testing.T) {
	var events []authlib.Event
	be := newBench(t, func(c *Config) {
		c.Observer = authlib.ObserverFunc(func(_ context.Context, e authlib.Event) { events = append(events, e) })
	})
	known := map[string]bool{"": true, "other": true, "dev": true} // dev is the provider
	for _, kind := range authlib.EventKinds() {
		w, _ := authlib.WordsOf(kind)
		for _, s := range slices.Concat(w.Operations, w.Outcomes, w.Reasons) {
			known[s] = true
		}
	}
	for _, form := range []string{"grant_type=zzz", "zzz", "grant_type=refresh_token&refresh_token=zzz&client_id=zzz", "grant_type=authorization_code&code=zzz&client_id=zzz", "scope=zzz&grant_type=client_credentials&client_id=zzz&client_secret=zzz"} {
		for _, path := range []string{pathToken, pathRevoke, pathRegister} {
			be.ask(http.MethodPost, path, "8.8.8.8:1", "application/x-www-form-urlencoded", form)
			be.ask(http.MethodPost, path, "8.8.8.8:1", "application/json", `{"client_name":"zzz","redirect_uris":["http://127.0.0.1/zzz"],"grant_types":["authorization_code","zzz"]}`)
		}
	}
	_, _ = be.verify("zzz")
	_, _ = be.verify(accessPrefix + "zzz")
	be.signIn()
	if len(events) < 20 {
		t.Fatalf("only %d events", len(events))
	}
	for _, e := range events {
		if !known[e.Operation] || !known[e.Outcome] || !known[e.Reason] {
			t.Errorf("%+v", e)
		}
	}
}

// An observer that panics stops nobody from signing in, and lets nobody in.
func TestAPanickingObserverDecidesNothing(t *testing.T) {
	be := newBench(t, func(c *Config) {
		c.Observer = authlib.ObserverFunc(func(context.Context, authlib.Event) { panic("zzz") })
	})
	tok := be.signIn()
	be.wantValid(be.tokens(tok.refreshForm()).access)
	be.wantInvalid(accessPrefix + "guess")
	be.refused(url.Values{"grant_type": {"authorization_code"}, "code": {"zzz"}, "client_id": {tok.client}}, "invalid_grant")
}

// From the page to the login the records of one sign-in have one name, and each says
// which request it was written in; what a client was given is there as well.
func TestASignInCanBeFollowedInTheLog(t *testing.T) {
	var log bytes.Buffer
	be := newBench(t, func(c *Config) { c.Logger = slog.New(slog.NewJSONHandler(&log, nil)) })
	be.signIn()
	first := ""
	for _, line := range strings.Split(strings.TrimSpace(log.String()), "\n") {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if s, _ := m["request"].(string); len(s) != 16 {
			t.Errorf("%s has no request", line)
		}
		switch m["msg"] {
		case auditConsent, auditLogin:
			id, _ := m["sign_in"].(string)
			if first == "" {
				first = id
			}
			if id == "" || id != first || fmt.Sprint(m["scopes"]) != "[mcp:read mcp:write]" {
				t.Errorf("%s; want the sign-in %q and its scopes", line, first)
			}
		}
	}
	if first == "" {
		t.Error("no sign-in in the log:", log.String())
	}
}

// hanging is a store that never answers, and is no Pinger.
type hanging struct {
	session.Store
	block chan struct{}
}

func (h hanging) Get(context.Context, session.Kind, string) (session.Record, error) {
	<-h.block
	return session.Record{}, session.ErrNotFound
}

// Health is the store's, also of one that can't be pinged, and never waits for long.
func TestHealth(t *testing.T) {
	store := &failing{Store: memstore.New()}
	be := newBench(t, func(c *Config) { c.Store, c.Keys = store, [][]byte{make([]byte, 32)} })
	ctx := context.Background()
	if err := be.b.Health(ctx); err != nil {
		t.Error(err)
	}
	store.down = true
	if err := be.b.Health(ctx); err != nil {
		t.Error("asked again at once:", err)
	}
	be.advance(healthFor)
	if err := be.b.Health(ctx); err == nil {
		t.Error("healthy without a store")
	}
	store.down = false
	be.advance(healthFor)
	if err := be.b.Health(ctx); err != nil {
		t.Error("after it came back:", err)
	}
	h := hanging{memstore.New(), make(chan struct{})}
	defer close(h.block)
	be = newBench(t, func(c *Config) { c.Store, c.Keys = h, [][]byte{make([]byte, 32)} })
	begun := time.Now()
	if err := be.b.Health(ctx); err == nil || time.Since(begun) > 4*healthWait {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := be.b.Health(gone); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
