package gosdk

import (
	"container/list"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// The SDK keeps a session, with a goroutine, for every initialize, and for ever where
// the program set no SessionTimeout. Where strangers are let in anybody could fill the
// memory with them. So theirs are counted here, apart from those of users, and the
// least recently used end as if their client had ended them. Whoever comes back to
// one is told 404 then, and begins another (MCP Streamable HTTP, Session Management).
const (
	// maxStrangers is how many sessions strangers have at a time.
	maxStrangers = 1000
	// maxPerPeer is how many of them come from one address, where addresses tell
	// callers apart; see authlib.Config.Peer.
	maxPerPeer = 50
	// strangersIdle is how long such a session is kept unused.
	strangersIdle = 10 * time.Minute
)

const sessionHeader = "Mcp-Session-Id"

// strangers bounds the sessions that strangers have at one handler.
type strangers struct {
	next http.Handler
	now  func() time.Time

	mu    sync.Mutex
	byID  map[string]*list.Element
	order list.List // of *strangersSession, most recently used first
}

type strangersSession struct {
	id, peer string
	used     time.Time
}

func newStrangers(next http.Handler, now func() time.Time) *strangers {
	return &strangers{next: next, now: now, byID: map[string]*list.Element{}}
}

func (s *strangers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d, ok := authlib.Decided(r.Context())
	if !ok || d.Principal() != nil {
		s.next.ServeHTTP(w, r)
		return
	}
	if id := r.Header.Get(sessionHeader); id != "" {
		s.use(id)
		s.next.ServeHTTP(w, r)
		return
	}
	begun := &beginning{ResponseWriter: w}
	s.next.ServeHTTP(begun, r)
	if id := begun.session(); id != "" {
		s.end(r, d.Guard(), s.begin(id, d.Guard().Peer(r)))
	}
}

// use keeps a session from being the next to end.
func (s *strangers) use(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if el := s.byID[id]; el != nil {
		el.Value.(*strangersSession).used = s.now()
		s.order.MoveToFront(el)
	}
}

// begin takes a session in, and returns those that have to end for it.
func (s *strangers) begin(id, peer string) (ended []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[id] = s.order.PushFront(&strangersSession{id, peer, s.now()})
	theirs := 0
	for el := s.order.Front(); el != nil; {
		e, next := el.Value.(*strangersSession), el.Next()
		if e.peer == peer {
			theirs++
		}
		if s.now().Sub(e.used) >= strangersIdle || peer != "" && e.peer == peer && theirs > maxPerPeer {
			ended = append(ended, s.remove(el))
		}
		el = next
	}
	for s.order.Len() > maxStrangers {
		ended = append(ended, s.remove(s.order.Back()))
	}
	return ended
}

func (s *strangers) remove(el *list.Element) (id string) {
	id = s.order.Remove(el).(*strangersSession).id
	delete(s.byID, id)
	return id
}

// end ends sessions of strangers. To the SDK all strangers are one caller, so any of
// them may.
func (s *strangers) end(r *http.Request, g *authlib.Guard, ids []string) {
	for _, id := range ids {
		del := r.Clone(context.WithoutCancel(r.Context()))
		del.Method, del.Body, del.ContentLength = http.MethodDelete, http.NoBody, 0
		del.Header.Set(sessionHeader, id)
		s.next.ServeHTTP(&nobody{h: http.Header{}}, del)
		g.Tell(r.Context(), authlib.Event{Kind: authlib.EventLimit, Operation: "session", Outcome: "ended"})
	}
}

// A beginning is an answer that may begin a session. The id is noted before the guard
// seals it.
type beginning struct {
	http.ResponseWriter
	wrote bool
	id    string
}

// session is the session that began, "" for none. The SDK says it before it does
// anything, so it is known also where the stranger left before the answer.
func (b *beginning) session() string {
	if !b.wrote {
		return b.Header().Get(sessionHeader)
	}
	return b.id
}

func (b *beginning) note() {
	if !b.wrote {
		b.wrote, b.id = true, b.Header().Get(sessionHeader)
	}
}

func (b *beginning) WriteHeader(code int) {
	if code >= 200 { // 1xx may come before
		b.note()
	}
	b.ResponseWriter.WriteHeader(code)
}

func (b *beginning) Write(p []byte) (int, error) {
	b.note()
	return b.ResponseWriter.Write(p)
}

// Flush implements [http.Flusher], which versions of the SDK ask for by type.
func (b *beginning) Flush() {
	b.note()
	_ = http.NewResponseController(b.ResponseWriter).Flush() // a writer that can't flush has nothing to lose
}

// Unwrap is for [http.ResponseController].
func (b *beginning) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// nobody is where an answer goes that nobody waits for.
type nobody struct{ h http.Header }

func (n *nobody) Header() http.Header         { return n.h }
func (n *nobody) Write(p []byte) (int, error) { return len(p), nil }
func (n *nobody) WriteHeader(int)             {}
