package redisstore

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore/redistest"
)

// ears is a listener whose calls a test waits for.
type ears struct {
	up    chan bool
	heard chan string
}

func listen(s *Store) *ears {
	e := &ears{up: make(chan bool, 100), heard: make(chan string, 100)}
	s.Listen(session.Listener{Up: func(up bool) { e.up <- up }, Heard: func(m string) { e.heard <- m }})
	return e
}

func (e *ears) waitUp(t *testing.T, want bool, within time.Duration) {
	t.Helper()
	for end := time.After(within); ; {
		select {
		case up := <-e.up:
			if up == want {
				return
			}
		case <-end:
			t.Fatalf("Up(%v) did not come within %v", want, within)
		}
	}
}

func (e *ears) wait(t *testing.T, want string) {
	t.Helper()
	select {
	case m := <-e.heard:
		if m != want {
			t.Fatalf("heard %q, want %q", m, want)
		}
	case <-time.After(5 * time.Second):
		t.Fatalf("%q was not heard", want)
	}
}

func TestBroadcast(t *testing.T) {
	_, url := embedded(t)
	a, b := open(t, url), open(t, url)
	other := open(t, url, func(c *Config) { c.Resource = "https://other.acme.test/mcp" })
	here, there, elsewhere := listen(a), listen(b), listen(other)
	for _, e := range []*ears{here, there, elsewhere} {
		e.waitUp(t, true, 5*time.Second)
	}
	for _, m := range []string{"1", "2"} {
		if err := a.Broadcast(context.Background(), m); err != nil {
			t.Fatal(err)
		}
		here.wait(t, m)
		there.wait(t, m)
	}
	if len(elsewhere.heard) > 0 {
		t.Error("another server's listener heard it")
	}
	if err := a.Broadcast(context.Background(), strings.Repeat("m", session.MaxMessage+1)); err == nil {
		t.Error("a message above MaxMessage was sent")
	}
}

// A message of a stranger that is too long is not passed on.
func TestLongMessagesAreNotHeard(t *testing.T) {
	m, url := embedded(t)
	s := open(t, url)
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	m.Publish(s.names.channel(), strings.Repeat("m", session.MaxMessage+1))
	m.Publish(s.names.channel(), "short")
	e.wait(t, "short")
}

// The listener is told when messages may be missed, and when they come again.
func TestListenerKnowsWhenItIsDeaf(t *testing.T) {
	m, url := embedded(t)
	s := open(t, url)
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	m.Close()
	e.waitUp(t, false, 5*time.Second)
	if err := m.Restart(); err != nil {
		t.Fatal(err)
	}
	e.waitUp(t, true, 5*time.Second)
	if err := s.Broadcast(context.Background(), "again"); err != nil {
		t.Fatal(err)
	}
	e.wait(t, "again")
}

// A connection that is lost without a word is noticed while what is cached still
// could be believed.
func TestSilentLossIsNoticed(t *testing.T) {
	m, _ := embedded(t)
	w := redistest.NewWire(t, m.Addr())
	s := open(t, w.URL())
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	time.Sleep(3 * quiet) // a quiet connection is none that is lost
	if len(e.up) > 0 {
		t.Fatal("a quiet connection was taken for a lost one")
	}
	w.Cut()
	e.waitUp(t, false, 2*quiet+time.Second)
	w.Mend()
	e.waitUp(t, true, 10*time.Second)
}

func TestCloseEndsListeners(t *testing.T) {
	_, url := embedded(t)
	s := open(t, url)
	e := listen(s)
	e.waitUp(t, true, 5*time.Second)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	e.waitUp(t, false, 5*time.Second)
	time.Sleep(2 * firstPause)
	if len(e.up) > 0 {
		t.Error("it listens again")
	}
}
