package jwtauth

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// The verifier is healthy as long as it has keys that it may use: also while their
// issuer is down, for a day.
func TestHealthIsHavingKeys(t *testing.T) {
	b := newBench(t, nil)
	ctx := context.Background()
	want := func(when string, healthy bool, age time.Duration) {
		t.Helper()
		if err := b.v.Health(ctx); (err == nil) != healthy {
			t.Errorf("%s: %v", when, err)
		}
		if got, ok := b.v.KeysAge(); ok != (age >= 0) || ok && got != age {
			t.Errorf("%s: keys are %v old (%v), want %v", when, got, ok, age)
		}
	}
	b.is.SetDown(true)
	want("before the first token, without an issuer", false, -1)
	b.is.SetDown(false)
	b.clock.Advance(time.Minute)
	want("with one", true, 0)
	b.is.SetDown(true)
	b.clock.Advance(23 * time.Hour)
	want("down for a while", true, 23*time.Hour)
	b.clock.Advance(time.Hour)
	want("down for a day", false, 24*time.Hour)
	b.is.SetDown(false)
	b.clock.Advance(time.Minute)
	want("up again", true, 0)
}

// Introspection is unhealthy for half a minute after a question that failed, or until
// one that did not.
func TestHealthOfIntrospection(t *testing.T) {
	v, is, clock := newIntrospection(t)
	ctx := context.Background()
	if err := v.Health(ctx); err != nil {
		t.Error("before the first question:", err)
	}
	is.SetDown(true)
	if _, err := v.Verify(ctx, is.Opaque()); err == nil {
		t.Fatal("verified without an issuer")
	}
	if v.Health(ctx) == nil {
		t.Error("healthy although nobody answers")
	}
	clock.Advance(outageFor)
	if err := v.Health(ctx); err != nil {
		t.Error("later, when nobody has asked:", err)
	}
	_, _ = v.Verify(ctx, is.Opaque())
	is.SetDown(false)
	_, _ = v.Verify(ctx, is.Opaque())
	if err := v.Health(ctx); err != nil {
		t.Error("after an answer:", err)
	}
}

// Each verification is told of, with whether it was remembered.
func TestTheObserverIsTold(t *testing.T) {
	var got []authlib.Event
	b := newBench(t, func(c *Config) {
		c.Observer = authlib.ObserverFunc(func(_ context.Context, e authlib.Event) { e.Duration = 0; got = append(got, e) })
	})
	token := b.mint(nil)
	b.good(token)
	b.good(token)
	for _, bad := range []string{b.mint(map[string]any{"exp": b.clock.Now().Add(-time.Hour).Unix()}), b.mint(map[string]any{"aud": "https://zzz"}), "zzz"} {
		_, _ = b.v.Verify(context.Background(), bad)
	}
	event := func(outcome, reason string, cached bool) authlib.Event {
		return authlib.Event{Kind: authlib.EventVerification, Operation: "jwt", Outcome: outcome, Reason: reason, Cached: cached}
	}
	want := []authlib.Event{event("accepted", "", false), event("accepted", "", true), event("rejected", "expired", false), event("rejected", "audience", false), event("rejected", "invalid", false)}
	if !slices.Equal(got, want) {
		t.Errorf("told %+v", got)
	}

	v, is, _ := newIntrospection(t)
	got = nil
	v.cfg.Observer = authlib.ObserverFunc(func(_ context.Context, e authlib.Event) { e.Duration = 0; got = append(got, e) })
	opaque := is.Opaque()
	for _, token := range []string{opaque, opaque, "zzz", "zzz"} {
		_, _ = v.Verify(context.Background(), token)
	}
	for i := range got {
		if got[i].Operation != "introspection" || got[i].Cached != (i%2 == 1) || got[i].Outcome != []string{"accepted", "rejected"}[i/2] {
			t.Errorf("%d: %+v", i, got[i])
		}
	}
	if len(got) != 4 {
		t.Errorf("%d events of introspection", len(got))
	}
}
