package authlib

import (
	"container/list"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// SDKs keep something for every initialize, go-sdk a goroutine and mcp-go 10 KB, and
// for ever unless the program says otherwise. Where strangers are let in anybody could
// fill the memory with that. So the sessions of strangers are counted, apart from
// those of users, and the least recently used end as if their client had ended them.
// Whoever comes back to one is told 404 then, and begins another (MCP Streamable HTTP,
// Session Management).
const (
	// maxStrangers is how many sessions strangers have at a time.
	maxStrangers = 1000
	// maxPerPeer is how many of them come from one address, where addresses tell
	// callers apart.
	maxPerPeer = 50
	// strangersIdle is how long such a session is kept unused.
	strangersIdle = 10 * time.Minute
	// maxPath is how long a path may be at which such a session is kept, in bytes.
	maxPath = 2048
	// endWait is how long a stranger waits for the end of others' sessions.
	endWait = 100 * time.Millisecond
)

// strangers bounds the sessions that strangers have at one handler.
type strangers struct {
	now func() time.Time

	mu    sync.Mutex
	byID  map[string]*list.Element
	order list.List // of *strangersSession, most recently used first
}

type strangersSession struct {
	id, peer string  // id is the SDK's
	at       url.URL // where it began, path only
	used     time.Time
}

func newStrangers(now func() time.Time) *strangers {
	return &strangers{now: now, byID: map[string]*list.Element{}}
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

// begin takes a session in, and returns those that have to end for it: that very one, if
// it would take too much to remember where it began.
func (s *strangers) begin(e *strangersSession) (ended []*strangersSession) {
	if len(e.at.Path)+len(e.at.RawPath) > maxPath {
		return append(ended, e)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[e.id] != nil {
		return nil
	}
	now, theirs := s.now(), 0
	e.used = now
	s.byID[e.id] = s.order.PushFront(e)
	for el := s.order.Front(); el != nil; {
		other, next := el.Value.(*strangersSession), el.Next()
		if other.peer == e.peer {
			theirs++
		}
		if now.Sub(other.used) >= strangersIdle || e.peer != "" && other.peer == e.peer && theirs > maxPerPeer {
			ended = append(ended, s.remove(el))
		}
		el = next
	}
	for s.order.Len() > maxStrangers {
		ended = append(ended, s.remove(s.order.Back()))
	}
	return ended
}

func (s *strangers) remove(el *list.Element) *strangersSession {
	e := s.order.Remove(el).(*strangersSession)
	delete(s.byID, e.id)
	return e
}

// boundStrangers counts the session that next began for a stranger, and ends others in
// its stead.
func (x *exchange) boundStrangers(next http.Handler) {
	began := x.out.began
	if x.p != nil || x.strangers == nil {
		return
	}
	if began == "" {
		x.strangers.use(x.session)
		return
	}
	s := &strangersSession{id: began, peer: x.g.failures.peer(x.r), at: url.URL{Path: x.r.URL.Path, RawPath: x.r.URL.RawPath}}
	if ended := x.strangers.begin(s); len(ended) > 0 {
		x.endStrangers(next, ended)
	}
}

// endStrangers ends sessions. An SDK may take long for one in which something still runs,
// and the stranger at hand must not pay for what another one left running.
func (x *exchange) endStrangers(next http.Handler, ended []*strangersSession) {
	var all sync.WaitGroup
	for _, s := range ended {
		r := x.ending(s)
		all.Add(1)
		go func() {
			defer all.Done()
			x.g.endStranger(next, r)
		}()
	}
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	timer := time.NewTimer(endWait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

func (g *Guard) endStranger(next http.Handler, r *http.Request) {
	defer func() {
		if recover() != nil { // nobody else would, and the program would end
			g.log.LogAttrs(r.Context(), slog.LevelError, auditEndFailed)
		}
	}()
	Event{Kind: EventLimit, Operation: "session", Outcome: "ended"}.Tell(r.Context(), g.cfg.Observer, g.log)
	next.ServeHTTP(&nobody{h: http.Header{}}, r)
}

// ending is the request by which a client would end its session, at the path where that
// began. To an SDK all strangers are one caller. It has no header of the request at hand,
// or a stranger could choose one that makes the SDK refuse it.
func (x *exchange) ending(s *strangersSession) *http.Request {
	ctx := &decidedContext{Context: context.WithoutCancel(x.r.Context()), d: Decision{guard: x.g, request: x.number}}
	r := x.r.WithContext(ctx)
	r.Method, r.Body, r.ContentLength, r.TransferEncoding, r.Trailer = http.MethodDelete, http.NoBody, 0, nil, nil
	r.URL = &s.at
	r.RequestURI = r.URL.RequestURI()
	r.Header = http.Header{sessionHeader: {s.id}}
	return r
}

// nobody is where an answer goes that nobody waits for.
type nobody struct{ h http.Header }

func (n *nobody) Header() http.Header         { return n.h }
func (n *nobody) Write(p []byte) (int, error) { return len(p), nil }
func (n *nobody) WriteHeader(int)             {}
