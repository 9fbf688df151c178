package authlib

import (
	"container/list"
	"context"
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
)

// strangers bounds the sessions that strangers have at one handler.
type strangers struct {
	now func() time.Time

	mu    sync.Mutex
	byID  map[string]*list.Element
	order list.List // of *strangersSession, most recently used first
}

type strangersSession struct {
	id, peer string // id is the SDK's
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

// begin takes a session in, and returns those that have to end for it.
func (s *strangers) begin(id, peer string) (ended []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[id] != nil {
		return nil
	}
	now, theirs := s.now(), 0
	s.byID[id] = s.order.PushFront(&strangersSession{id, peer, now})
	for el := s.order.Front(); el != nil; {
		e, next := el.Value.(*strangersSession), el.Next()
		if e.peer == peer {
			theirs++
		}
		if now.Sub(e.used) >= strangersIdle || peer != "" && e.peer == peer && theirs > maxPerPeer {
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

// boundStrangers counts the session that next began for a stranger, and ends others in
// its stead.
func (x *exchange) boundStrangers(next http.Handler, began string) {
	if x.p != nil || x.strangers == nil {
		return
	}
	if began == "" {
		x.strangers.use(x.session)
		return
	}
	for _, id := range x.strangers.begin(began, x.g.failures.peer(x.r)) {
		next.ServeHTTP(&nobody{h: http.Header{}}, x.ending(id))
		Event{Kind: EventLimit, Operation: "session", Outcome: "ended"}.Tell(x.r.Context(), x.g.cfg.Observer, x.g.log)
	}
}

// ending is the request by which a client would end its session. To an SDK all
// strangers are one caller. It has no header of the request at hand, or a stranger
// could choose one that makes the SDK refuse it.
func (x *exchange) ending(id string) *http.Request {
	ctx := &decidedContext{Context: context.WithoutCancel(x.r.Context()), d: Decision{guard: x.g, request: x.number}}
	r := x.r.WithContext(ctx)
	r.Method, r.Body, r.ContentLength, r.TransferEncoding, r.Trailer = http.MethodDelete, http.NoBody, 0, nil, nil
	r.URL = &url.URL{Path: x.r.URL.Path, RawPath: x.r.URL.RawPath}
	r.RequestURI = r.URL.RequestURI()
	r.Header = http.Header{sessionHeader: {id}}
	return r
}

// nobody is where an answer goes that nobody waits for.
type nobody struct{ h http.Header }

func (n *nobody) Header() http.Header         { return n.h }
func (n *nobody) Write(p []byte) (int, error) { return len(p), nil }
func (n *nobody) WriteHeader(int)             {}
