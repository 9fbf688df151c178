package redistest

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// A Wire is an address that leads to a Redis. It can lose what is sent without
// anybody being told, and lead elsewhere.
type Wire struct {
	Addr string // where it listens, host:port

	dead  atomic.Bool
	mu    sync.Mutex
	to    string
	conns map[net.Conn]bool
	most  int // connections at once, so far
}

// NewWire leads to an address until the test ends.
func NewWire(t testing.TB, to string) *Wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{Addr: l.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { l.Close(); w.Break() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go w.join(conn)
		}
	}()
	return w
}

// URL is what REDIS_URL may be.
func (w *Wire) URL() string { return "redis://" + w.Addr }

func (w *Wire) join(conn net.Conn) {
	w.mu.Lock()
	to := w.to
	w.conns[conn] = true
	w.most = max(w.most, len(w.conns))
	w.mu.Unlock()
	defer func() {
		conn.Close()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.conns, conn)
	}()
	far, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer far.Close()
	go func() { _, _ = io.Copy(gate{conn, w}, far); conn.Close() }()
	_, _ = io.Copy(gate{far, w}, conn)
}

// Cut loses whatever is sent from now on, also over new connections; Mend ends that.
func (w *Wire) Cut() { w.dead.Store(true) }

// Mend ends what Cut began.
func (w *Wire) Mend() { w.dead.Store(false) }

// To leads elsewhere from now on, and breaks the connections there are.
func (w *Wire) To(addr string) {
	w.mu.Lock()
	w.to = addr
	w.mu.Unlock()
	w.Break()
}

// Break closes the connections there are.
func (w *Wire) Break() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.conns {
		conn.Close()
	}
}

// Most is how many connections there have been at once.
func (w *Wire) Most() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.most
}

type gate struct {
	io.Writer
	w *Wire
}

func (g gate) Write(b []byte) (int, error) {
	if g.w.dead.Load() {
		return len(b), nil
	}
	return g.Writer.Write(b)
}
