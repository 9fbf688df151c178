package authlib

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// heard is an observer that remembers.
type heard struct{ events []Event }

func (h *heard) Observe(_ context.Context, e Event) { h.events = append(h.events, e) }

// ask sends r through a guard and returns the status.
func ask(g *Guard, r *http.Request) int {
	w := httptest.NewRecorder()
	g.Protect(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
	return w.Code
}

func without(method string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, resourceURL, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// Each request is told of twice at most: who it was, and what was decided.
func TestWhatTheObserverIsTold(t *testing.T) {
	decision := func(op, outcome, reason string) Event {
		return Event{Kind: EventDecision, Operation: op, Outcome: outcome, Reason: reason}
	}
	seen := func(op, outcome, reason string) Event {
		return Event{Kind: EventAuthentication, Operation: op, Outcome: outcome, Reason: reason}
	}
	accepted, anonymous := seen("bearer", "accepted", ""), seen("none", "anonymous", "")
	rebound := post(call("ping", "{}"), as("alice")...)
	rebound.Host = "evil.example"
	for name, tt := range map[string]struct {
		r    *http.Request
		want []Event
	}{
		"allowed":          {post(call("tools/call", `{"name":"echo"}`), as("alice")...), []Event{accepted, decision("tools/call", "allowed", "")}},
		"a stranger":       {post(call("tools/call", `{"name":"hello"}`)), []Event{anonymous, decision("tools/call", "allowed", "")}},
		"who must sign in": {post(call("tools/call", `{"name":"echo"}`)), []Event{anonymous, decision("tools/call", "refused", "no_credential")}},
		"a step up":        {post(call("resources/read", `{"uri":"secret://x"}`), as("alice")...), []Event{accepted, decision("resources/read", "refused", "insufficient_scope")}},
		"unlisted":         {post(call("tools/call", `{"name":"zzz"}`), as("alice")...), []Event{accepted, decision("tools/call", "refused", "forbidden")}},
		"another method":   {post(call("zzz/zzz", `{}`), as("alice")...), []Event{accepted, decision("other", "refused", "forbidden")}},
		"a bad token":      {post(call("ping", `{}`), as("zzz")...), []Event{seen("bearer", "rejected", "invalid"), decision("none", "refused", "invalid_token")}},
		"an old token":     {post(call("ping", `{}`), as("old")...), []Event{seen("bearer", "rejected", "expired"), decision("none", "refused", "invalid_token")}},
		"an outage":        {post(call("ping", `{}`), as("down")...), []Event{seen("bearer", "unavailable", ""), decision("none", "refused", "unavailable")}},
		"no bearer":        {post(call("ping", `{}`), "Authorization", "Basic zzz"), []Event{seen("bearer", "missing", ""), decision("none", "refused", "no_credential")}},
		"malformed":        {post(call("ping", `{}`), "Authorization", "Bearer z z"), []Event{seen("bearer", "malformed", ""), decision("none", "refused", "bad_request")}},
		"no message":       {post(`zzz`, as("alice")...), []Event{accepted, decision("none", "refused", "bad_request")}},
		"another host":     {rebound, []Event{decision("none", "refused", "misdirected")}},
		"another origin":   {post(call("ping", `{}`), append(as("alice"), "Origin", "https://evil.example")...), []Event{decision("none", "refused", "origin")}},
		"a session":        {post(call("ping", `{}`), append(as("alice"), "Mcp-Session-Id", "zzz")...), []Event{accepted, decision("none", "refused", "session")}},
		"a stream":         {without(http.MethodGet, as("alice")...), []Event{accepted, decision("stream", "allowed", "")}},
		"its end":          {without(http.MethodDelete, as("alice")...), []Event{accepted, decision("end", "allowed", "")}},
		"a preflight":      {without(http.MethodOptions), nil},
		"an answer":        {post(`{"jsonrpc":"2.0","id":1,"result":{}}`, as("alice")...), []Event{accepted, decision("response", "dropped", "")}},
		"a batch":          {post("["+call("ping", "{}")+","+call("ping", "{}")+"]", as("alice")...), []Event{accepted, decision("batch", "allowed", "")}},
	} {
		h := &heard{}
		ask(newGuard(t, func(c *Config) { withPublic(c); c.Observer = h }), tt.r)
		if !slices.Equal(h.events, tt.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, h.events, tt.want)
		}
	}
}

func TestTheObserverIsToldHowLong(t *testing.T) {
	h, now := &heard{}, clock
	g := newGuard(t, func(c *Config) {
		c.Observer, c.Now = h, func() time.Time { return now }
		c.Verifier = VerifierFunc(func(context.Context, string) (*Principal, error) {
			now = now.Add(time.Second)
			return &Principal{Subject: "a", Scopes: []string{"read"}}, nil
		})
	})
	ask(g, post(call("ping", "{}"), as("alice")...))
	if len(h.events) != 2 || h.events[0].Duration != time.Second || h.events[1].Duration != time.Second {
		t.Errorf("%+v", h.events)
	}
}

// Whatever strangers send, it never becomes the string of an event: those are words of
// the table.
func TestStrangersMakeNoWords(t *testing.T) {
	const mark = "zzz"
	h := &heard{}
	g := newGuard(t, func(c *Config) {
		withPublic(c)
		c.Observer, c.Policy.Unlisted = h, UnlistedBase
		c.Verifier = VerifierFunc(func(_ context.Context, token string) (*Principal, error) {
			return &Principal{Issuer: mark, Subject: mark + token, ClientID: mark, Scopes: []string{"read", mark}, Roles: []string{mark}}, nil
		})
	})
	for _, body := range []string{
		call(mark, "{}"), call("tools/call", `{"name":"zzz"}`), call("prompts/get", `{"name":"zzz"}`), call("resources/read", `{"uri":"zzz://zzz"}`),
		call("completion/complete", `{"ref":{"type":"zzz","name":"zzz"}}`), call("notifications/zzz", "{}"), `{"zzz":1}`, mark,
		"[" + call(mark, "{}") + "," + call(mark, "{}") + "]", call("tools/list", `{"cursor":"zzz"}`),
	} {
		for _, headers := range [][]string{nil, as(mark), {"Authorization", "zzz zzz"}, append(as(mark), "Mcp-Session-Id", mark, "Mcp-Protocol-Version", mark, "Mcp-Method", mark)} {
			ask(g, post(body, headers...))
		}
	}
	ask(g, without("ZZZ", as(mark)...))
	if len(h.events) < 80 {
		t.Fatalf("only %d events", len(h.events))
	}
	for _, e := range h.events {
		words, ok := WordsOf(e.Kind)
		if !ok || !known(words.Operations, e.Operation) || !known(words.Outcomes, e.Outcome) || e.Reason != "" && !known(words.Reasons, e.Reason) {
			t.Errorf("%+v has words that are in no table", e)
		}
	}
}

func known(words []string, s string) bool { return s == "other" || slices.Contains(words, s) }

// What is no word becomes "other" on the way, also where this library forgot one.
func TestOtherWords(t *testing.T) {
	h := &heard{}
	Event{Kind: "zzz", Operation: "zzz", Outcome: "zzz", Reason: "zzz"}.Tell(context.Background(), h, nil)
	Event{Kind: EventToken, Operation: "zzz", Outcome: "zzz", Reason: "zzz"}.Tell(context.Background(), h, nil)
	Event{Kind: EventSignIn, Operation: "acme", Outcome: "signed_in"}.Tell(context.Background(), h, nil)
	want := []Event{
		{Kind: "other", Operation: "other", Outcome: "other", Reason: "other"}, {Kind: EventToken, Operation: "other", Outcome: "other", Reason: "other"},
		{Kind: EventSignIn, Operation: "acme", Outcome: "signed_in"}, // a provider's name is the program's
	}
	if !slices.Equal(h.events, want) {
		t.Errorf("%+v", h.events)
	}
}

// An observer that panics changes nothing that anybody is answered, and what it
// panicked with is not logged.
func TestAPanickingObserverDecidesNothing(t *testing.T) {
	var log bytes.Buffer
	observed := func(o Observer) func(*Config) {
		return func(c *Config) {
			withPublic(c)
			c.Observer, c.Logger = o, slog.New(slog.NewTextHandler(&log, nil))
		}
	}
	plain := newGuard(t, observed(nil))
	bad := newGuard(t, observed(ObserverFunc(func(context.Context, Event) { panic("zzz") })))
	for _, token := range []string{"alice", "admin", "noscope", "old", "zzz", "down", ""} {
		for _, body := range []string{call("tools/call", `{"name":"echo"}`), call("tools/call", `{"name":"hello"}`), call("resources/read", `{"uri":"secret://x"}`), "{"} {
			headers := as(token)
			if token == "" {
				headers = nil
			}
			want, got := httptest.NewRecorder(), httptest.NewRecorder()
			h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
			plain.Protect(h).ServeHTTP(want, post(body, headers...))
			bad.Protect(h).ServeHTTP(got, post(body, headers...))
			if got.Code != want.Code || got.Body.String() != want.Body.String() || !reflect.DeepEqual(got.Header(), want.Header()) {
				t.Errorf("%q, %s: %d %s, want %d %s", token, body, got.Code, got.Body, want.Code, want.Body)
			}
		}
	}
	if s := log.String(); !strings.Contains(s, auditObserverFailed) || strings.Contains(s, "zzz\n") || strings.Contains(s, `="zzz"`) {
		t.Errorf("logged: %s", s)
	}
}
