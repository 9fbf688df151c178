package redisstore

import (
	"sync"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// maxEndings is how many ended writes a process remembers of its own, and as many
// of the others', the oldest forgotten first: at most about 15 MB of each.
const maxEndings = 1 << 16

// An ending says that the write with a mark is no more: it was replaced or removed,
// and somebody was told so.
type ending struct {
	mark mark
	kind session.Kind
	key  string
	by   string // the process that ended it
	seq  int64  // this process's count of them; 0 for another's
}

// endings remembers the last maxEndings.
type endings struct {
	mu        sync.RWMutex
	max       int
	ring      []ending
	next      int // the oldest, once the ring is full
	known     map[mark]knownEnding
	forgotten int64 // the highest seq that is remembered no more
}

// A knownEnding says by whom, and when this process learned of it, by its own order.
type knownEnding struct {
	by string
	at uint64
}

func newEndings(max int) *endings { return &endings{max: max, known: map[mark]knownEnding{}} }

// add returns who ended it: x.by, or whoever was the first to.
func (e *endings) add(x ending, at uint64) (by string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if k := e.known[x.mark]; k.by != "" {
		return k.by
	}
	e.known[x.mark] = knownEnding{x.by, at}
	if len(e.ring) < e.max {
		e.ring = append(e.ring, x)
		return x.by
	}
	old := e.ring[e.next]
	delete(e.known, old.mark)
	e.forgotten = max(e.forgotten, old.seq)
	e.ring[e.next] = x
	e.next = (e.next + 1) % e.max
	return x.by
}

// by names who ended the write with a mark; "" if that was not known at the time.
func (e *endings) by(m mark, at uint64) string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if k := e.known[m]; k.at <= at {
		return k.by
	}
	return ""
}

// byKind returns all that is remembered.
func (e *endings) byKind() map[session.Kind][]ending {
	e.mu.RLock()
	defer e.mu.RUnlock()
	out := map[session.Kind][]ending{}
	for _, x := range e.ring {
		out[x.kind] = append(out[x.kind], x)
	}
	return out
}

// covers reports whether every ending after the first n is remembered.
func (e *endings) covers(n int64) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return n >= e.forgotten
}
