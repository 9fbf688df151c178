package redisstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// still is a store that does nothing by itself, so that a test sees what each read
// knows, and not what watch has already removed.
func still(t *testing.T, url string) *Store {
	t.Helper()
	s := open(t, url)
	s.close() // watch ends; the calls have contexts of their own
	return s
}

func found(t *testing.T, s *Store, kind session.Kind, key string) string {
	t.Helper()
	r, err := s.Get(context.Background(), kind, key)
	switch {
	case errors.Is(err, session.ErrNotFound):
		return ""
	case err != nil:
		t.Fatal(err)
	}
	return string(r.Value)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What was removed, used or replaced is not found again when Redis goes back to before
// that; what did not change is there, and what may return does.
func TestWhatEndedDoesNotComeBack(t *testing.T) {
	m, url := embedded(t)
	s, ctx := still(t, url), context.Background()
	for _, key := range []string{"removed", "used", "replaced", "may return", "untouched"} {
		put(t, s, "grant", key, "old")
	}
	back := redistest.Remember(t, m)
	must(t, s.Delete(ctx, "grant", "removed"))
	_, err := s.Take(ctx, "grant", "used")
	must(t, err)
	must(t, s.Put(ctx, "grant", "replaced", inAnHour("new"), 1))
	may := inAnHour("new")
	may.MayReturn = true
	must(t, s.Put(ctx, "grant", "may return", may, 1))
	put(t, s, "grant", "lost", "new")
	back()
	for key, want := range map[string]string{"removed": "", "used": "", "replaced": "", "lost": "", "may return": "old", "untouched": "old"} {
		if got := found(t, s, "grant", key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if m.Exists(s.names.record("grant", "replaced")) {
		t.Error("what was met stays in Redis, for those who do not know")
	}
	put(t, s, "grant", "replaced", "signed in again")
	if got := found(t, s, "grant", "replaced"); got != "signed in again" {
		t.Errorf("a new record under that key: %q", got)
	}
}

// Nor is it taken a second time.
func TestWhatWasUsedIsNotUsedAgain(t *testing.T) {
	m, url := embedded(t)
	s, ctx := still(t, url), context.Background()
	put(t, s, "code", "k", "v")
	back := redistest.Remember(t, m)
	_, err := s.Take(ctx, "code", "k")
	must(t, err)
	back()
	if _, err := s.Take(ctx, "code", "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Take: %v, want ErrNotFound", err)
	}
	if n, err := s.Count(ctx, "code"); n != 0 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
}

// A process that heard of an ending knows as much as the one that made it.
func TestWhatOthersEndedDoesNotComeBack(t *testing.T) {
	m, url := embedded(t)
	a, b := still(t, url), open(t, url)
	e := listen(b)
	e.waitUp(t, true, 5*time.Second)
	put(t, a, "grant", "k", "v")
	put(t, a, "grant", "n", "v")
	back := redistest.Remember(t, m)
	must(t, a.Delete(context.Background(), "grant", "k"))
	must(t, a.Broadcast(context.Background(), "after it"))
	e.wait(t, "after it") // and not the store's own message
	back()
	if got := found(t, b, "grant", "k"); got != "" {
		t.Errorf("b finds %q", got)
	}
	if got := found(t, b, "grant", "n"); got != "v" {
		t.Errorf("b finds %q of what is not ended", got)
	}
}

// A process that knows nothing is protected by one that does, within about a second,
// and whether or not the Redis before was a day older.
func TestOthersAreProtectedSoon(t *testing.T) {
	m, url := embedded(t)
	knows, log := open(t, url), &lockedLog{}
	knows.log = slog.New(slog.NewTextHandler(log, nil))
	put(t, knows, "grant", "k", "v")
	back := redistest.Remember(t, m)
	must(t, knows.Delete(context.Background(), "grant", "k"))
	back()
	if !m.Exists(knows.names.record("grant", "k")) {
		t.Fatal("it did not come back, so this test shows nothing")
	}
	redistest.Within(t, 3*pulse, "the removal", func() bool { return !m.Exists(knows.names.record("grant", "k")) })
	if got := found(t, open(t, url), "grant", "k"); got != "" {
		t.Errorf("a new process finds %q", got)
	}
	if out := log.String(); !strings.Contains(out, "lost writes that it had acknowledged") || strings.Contains(out, `"k"`) {
		t.Errorf("log: %s", out)
	}
}

// The next write shows it as well: other writes cannot hide what was lost.
func TestLaterWritesDoNotHideALoss(t *testing.T) {
	m, url := embedded(t)
	s, ctx := still(t, url), context.Background()
	put(t, s, "grant", "k", "v")
	for i := range 10 {
		put(t, s, "code", fmt.Sprint(i), "v")
	}
	back := redistest.Remember(t, m)
	must(t, s.Delete(ctx, "grant", "k"))
	must(t, s.Delete(ctx, "code", "0"))
	back()
	must(t, s.Delete(ctx, "code", "1"))
	must(t, s.Delete(ctx, "code", "2"))
	must(t, s.Delete(ctx, "code", "3"))
	if !s.doubtful.Load() {
		t.Error("nobody noticed")
	}
	must(t, s.look(ctx))
	if m.Exists(s.names.record("grant", "k")) {
		t.Error("it is back")
	}
}

// A token that was rotated at a process that did not know that Redis went back gives
// nothing: one that knows removes what it became.
func TestWhatABranchBecameIsRemoved(t *testing.T) {
	m, url := embedded(t)
	knows := open(t, url)
	listen(knows).waitUp(t, true, 5*time.Second)
	fresh := still(t, url)
	put(t, knows, "grant", "k", "generation 0")
	back := redistest.Remember(t, m)
	must(t, knows.Put(context.Background(), "grant", "k", inAnHour("generation 1"), 1))
	back()
	must(t, fresh.Put(context.Background(), "grant", "k", inAnHour("another generation 1"), 1))
	redistest.Within(t, 3*pulse, "the removal", func() bool { return !m.Exists(knows.names.record("grant", "k")) })
	if got := found(t, fresh, "grant", "k"); got != "" {
		t.Errorf("it finds %q", got)
	}
}

// Further back than is remembered, nothing is believed that was written before, at any
// process and also later; who signs in again stays.
func TestTooFarBackEverybodySignsInAgain(t *testing.T) {
	m, url := embedded(t)
	s, other := open(t, url), open(t, url)
	s.mine.max = 3
	put(t, s, "grant", "ended", "v")
	put(t, other, "grant", "untouched", "v")
	back := redistest.Remember(t, m)
	must(t, s.Delete(context.Background(), "grant", "ended"))
	for i := range 5 {
		put(t, s, "code", fmt.Sprint(i), "v")
		must(t, s.Delete(context.Background(), "code", fmt.Sprint(i)))
	}
	time.Sleep(2 * time.Millisecond) // times are in milliseconds
	back()
	for name, o := range map[string]*Store{"who knows": s, "another": other} {
		redistest.Within(t, 4*pulse, name, func() bool {
			return found(t, o, "grant", "ended") == "" && found(t, o, "grant", "untouched") == ""
		})
	}
	late := open(t, url)
	for _, key := range []string{"ended", "untouched"} {
		if got := found(t, late, "grant", key); got != "" {
			t.Errorf("a process that starts later finds %q", got)
		}
	}
	put(t, late, "grant", "again", "v")
	for _, o := range []*Store{s, other, late} {
		if got := found(t, o, "grant", "again"); got != "v" {
			t.Errorf("who signed in again is found as %q", got)
		}
	}
	m.Del(s.names.floor()) // back once more
	redistest.Within(t, 3*pulse, "the floor", func() bool { return m.Exists(s.names.floor()) })
}

// An outage that lost nothing ends nothing, and neither does a count that was evicted.
func TestNothingLostEndsNothing(t *testing.T) {
	m, url := embedded(t)
	s, ctx := open(t, url), context.Background()
	for i := range 300 {
		put(t, s, "grant", fmt.Sprint(i), "v")
		must(t, s.Put(ctx, "grant", fmt.Sprint(i), inAnHour("v2"), 1))
	}
	m.Close()
	time.Sleep(pulse + pulse/2)
	must(t, m.Restart())
	m.Del(s.names.witness(s.process))
	redistest.Within(t, 4*pulse, "a look after the outage", func() bool { return !s.doubtful.Load() && s.witness.seen() == 0 })
	for i := range 300 {
		if got := found(t, s, "grant", fmt.Sprint(i)); got != "v2" {
			t.Fatalf("%d: %q", i, got)
		}
	}
}

// A forged message can end what it names, as whoever may send it can anyway, and
// nothing else; it brings nothing back, whatever it says.
func TestForgedEndings(t *testing.T) {
	m, url := embedded(t)
	s := open(t, url)
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	put(t, s, "grant", "k", "v")
	for _, message := range []string{
		"ended ", "ended x", "ended x y", "ended x y z", "ended x " + strings.Repeat("m", markSize) + " grant k",
		"ended x " + strings.Repeat("m", markSize) + " GRANT k", "ended x " + strings.Repeat("m", markSize) + " grant ",
		"ended x " + strings.Repeat("m", markSize) + " grant k",
		"ended x " + strings.Repeat("m", markSize) + " grant " + strings.Repeat("k", 1000), "ended " + strings.Repeat(" ", 500),
	} {
		m.Publish(s.names.channel(), message)
	}
	m.Publish(s.names.channel(), "last")
	e.wait(t, "last")
	if got := found(t, s, "grant", "k"); got != "v" {
		t.Errorf("it finds %q", got)
	}
	if err := s.Broadcast(context.Background(), "ended by nobody"); err == nil {
		t.Error("a message that looks like the store's own was sent")
	}
}

// Memory is bounded, whatever ends.
func TestEndingsAreBounded(t *testing.T) {
	e := newEndings(100)
	var last mark
	for i := range 1000 {
		m, err := newMark(time.UnixMilli(int64(i)))
		must(t, err)
		if m.millis() != int64(i) {
			t.Fatalf("the mark says %d, not %d", m.millis(), i)
		}
		e.add(ending{mark: m, kind: "grant", key: "k", by: "me", seq: int64(i + 1)}, 1)
		last = m
	}
	if len(e.known) != 100 || len(e.ring) != 100 || e.by(last, 1) != "me" {
		t.Errorf("%d and %d are kept", len(e.known), len(e.ring))
	}
	if e.covers(899) || !e.covers(900) {
		t.Error("it does not know what it forgot")
	}
}

// lockedLog is a log that several goroutines write.
type lockedLog struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lockedLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// A floor of the future is nobody's, or that of a clock that was wrong: everybody signs
// in again once, and whoever does stays, also at a process that starts later.
func TestFloorOfTheFutureDoesNotStay(t *testing.T) {
	m, url := embedded(t)
	s, other := open(t, url), open(t, url)
	put(t, s, "grant", "before", "v")
	time.Sleep(2 * time.Millisecond) // times are in milliseconds
	must(t, m.Set(s.names.floor(), fmt.Sprint(time.Now().Add(365*24*time.Hour).UnixMilli())))
	for _, o := range []*Store{s, other} {
		redistest.Within(t, 4*pulse, "the floor", func() bool { return found(t, o, "grant", "before") == "" })
	}
	time.Sleep(2 * pulse)
	put(t, s, "grant", "again", "v")
	time.Sleep(2 * pulse)
	for name, o := range map[string]*Store{"one": s, "another": other, "a later one": open(t, url)} {
		if got := found(t, o, "grant", "again"); got != "v" {
			t.Errorf("%s finds %q of who signed in again", name, got)
		}
	}
}

// A process whose clock is wrong writes its floor at each pulse; that ends nothing more.
func TestWrongFloorIsFollowedOnce(t *testing.T) {
	m, url := embedded(t)
	s, ctx := still(t, url), context.Background()
	for _, want := range []string{"", "v"} {
		put(t, s, "grant", "before "+want, "v")
		time.Sleep(2 * time.Millisecond)
		must(t, m.Set(s.names.floor(), "99999999999999"))
		must(t, s.look(ctx))
		if got := found(t, s, "grant", "before "+want); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What is remembered of each message is as small as what processes send.
func TestLongForgedEndingsAreNotRemembered(t *testing.T) {
	_, url := embedded(t)
	s := still(t, url)
	m := strings.Repeat("m", markSize)
	for _, message := range []string{
		"ended " + strings.Repeat("x", 1<<20) + " " + m + " grant k", "ended x " + m + " grant k", "ended " + m + " " + m + " grant " + strings.Repeat("k", 513),
	} {
		if !s.heardEnding(message) {
			t.Errorf("%.40q is given to listeners", message)
		}
	}
	if n := len(s.others.ring); n != 0 {
		t.Errorf("%d are remembered", n)
	}
	if s.heardEnding("ended " + m + " " + m + " grant k"); len(s.others.ring) != 1 {
		t.Error("a whole one is not")
	}
}
