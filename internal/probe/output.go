package probe

import "sync"

// outputLimit is how much of a program's output is kept, in bytes. The end is
// kept, because that is where a program says why it stopped.
const outputLimit = 64 << 10

// A tail is an io.Writer that keeps the last outputLimit bytes.
type tail struct {
	mu  sync.Mutex
	buf []byte
	cut bool
}

// Write keeps p. It never fails, so that a talkative program is not blocked.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - outputLimit; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
		t.cut = true
	}
	return len(p), nil
}

// String returns what was kept, marked when the beginning is missing.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cut {
		return "…" + string(t.buf)
	}
	return string(t.buf)
}
