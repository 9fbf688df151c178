package limit

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestBurstThenRate(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	k := NewKeys(Rate{Every: time.Second, Burst: 3}, 10, c.now)
	take := func(key string, want bool) {
		t.Helper()
		_, left := k.Left(key)
		wait, ok := k.Take(key)
		if ok != want || left != want || ok == (wait > 0) || wait > time.Second {
			t.Errorf("Take(%q) = %v, %v; Left %v; want %v", key, wait, ok, left, want)
		}
	}
	for range 3 {
		take("a", true)
	}
	take("a", false)
	take("b", true) // keys are apart
	c.at = c.at.Add(999 * time.Millisecond)
	take("a", false)
	c.at = c.at.Add(time.Millisecond)
	take("a", true)
	take("a", false)
	c.at = c.at.Add(time.Hour) // no more than the burst is saved up
	for range 3 {
		take("a", true)
	}
	take("a", false)
	c.at = c.at.Add(-time.Hour) // a clock that is put back takes nothing away
	take("b", true)
}

// What happened at once is charged in full, up to a bound.
func TestWhatIsChargedHasToBeWaitedFor(t *testing.T) {
	for charged, want := range map[int]time.Duration{3: time.Second, 5: 3 * time.Second, 1000: 31 * time.Second} {
		c := &clock{time.Unix(1e9, 0)}
		k := NewKeys(Rate{Every: time.Second, Burst: 3}, 10, c.now)
		for range charged {
			k.Charge("a")
		}
		if wait, ok := k.Left("a"); ok || wait != want {
			t.Errorf("%d: %v, %v; want %v", charged, wait, ok, want)
		}
		c.at = c.at.Add(want)
		if _, ok := k.Take("a"); !ok {
			t.Errorf("%d: nothing after %v", charged, want)
		}
	}
}

// Many keys take no more memory than there is for max of them.
func TestKeysAreBounded(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	k := NewKeys(Rate{Every: time.Second, Burst: 1}, 2, c.now)
	for i := range 100 {
		k.Take("kept")
		k.Take(fmt.Sprint(i))
	}
	if len(k.byKey) != 2 || k.order.Len() != 2 {
		t.Errorf("%d keys, %d in order; want 2", len(k.byKey), k.order.Len())
	}
	if _, ok := k.Take("kept"); ok {
		t.Error("what was used most was forgotten")
	}
}

// A flood of lines is written in part, and counted; nobody else's lines are lost.
func TestFloodsOfLinesAreCounted(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(1e9, 0)}
	log := slog.New(NewLog(slog.NewTextHandler(&out, nil), "caller", c.now))
	for range 1000 {
		log.Warn("bad_token")
		log.Warn("denied", "caller", "mallory")
	}
	log.Warn("denied", "caller", "alice")
	log.With("x", 1).WithGroup("g").Warn("bad_token") // the same kind
	if n := strings.Count(out.String(), "\n"); n != 2*logRate.Burst+1 || !strings.Contains(out.String(), "caller=alice") {
		t.Errorf("%d lines; want %d and alice's", n, 2*logRate.Burst)
	}
	out.Reset()
	c.at = c.at.Add(logRate.Every)
	log.Warn("bad_token")
	log.Warn("bad_token")
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, fmt.Sprint("suppressed=", 1000-logRate.Burst+1)) {
		t.Errorf("after the flood: %q", got)
	}
	for i := range 3 * maxLogKeys { // kinds that are invented
		for range 200 {
			log.Warn("denied", "caller", i)
		}
	}
	if handler := log.Handler().(*Log); len(handler.dropped) > maxLogKeys || len(handler.keys.byKey) > maxLogKeys {
		t.Errorf("%d kinds are kept", len(handler.dropped))
	}
}
