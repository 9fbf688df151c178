package limit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// maxLogKeys bounds the kinds of lines that are counted apart.
const maxLogKeys = 1000

// logRate is how many lines of one kind are written.
var logRate = Rate{Every: 100 * time.Millisecond, Burst: 100}

// A Log is a [slog.Handler] that writes the lines of one kind no more often than
// ten times a second, after a hundred at once, so that a stranger can neither
// fill a disk nor drown what others did. The kind is the message, with the value of
// the attribute that says who did it, if there is one. The next line that is
// written has the attribute "suppressed": how many of its kind were not. Errors
// are lines as others are.
type Log struct {
	next slog.Handler
	*counts
}

type counts struct {
	by   string
	keys *Keys

	mu      sync.Mutex
	dropped map[string]int
}

// NewLog puts a Log before next. by names the attribute that says who it was.
func NewLog(next slog.Handler, by string, now func() time.Time) *Log {
	return &Log{next, &counts{by: by, keys: NewKeys(logRate, maxLogKeys, now), dropped: map[string]int{}}}
}

// Enabled is slog.Handler's.
func (l *Log) Enabled(ctx context.Context, level slog.Level) bool { return l.next.Enabled(ctx, level) }

// Handle is slog.Handler's.
func (l *Log) Handle(ctx context.Context, r slog.Record) error {
	n, ok := l.count(kindOf(r, l.by))
	if !ok {
		return nil
	}
	if n > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("suppressed", n))
	}
	return l.next.Handle(ctx, r)
}

// count says whether a line of a kind is written, and how many were not since the
// last one.
func (c *counts) count(kind string) (suppressed int, ok bool) {
	_, ok = c.keys.Take(kind)
	c.mu.Lock()
	defer c.mu.Unlock()
	if ok {
		suppressed = c.dropped[kind]
		delete(c.dropped, kind)
		return suppressed, true
	}
	if _, known := c.dropped[kind]; known || len(c.dropped) < maxLogKeys {
		c.dropped[kind]++
	}
	return 0, false
}

// WithAttrs is slog.Handler's.
func (l *Log) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Log{l.next.WithAttrs(attrs), l.counts}
}

// WithGroup is slog.Handler's.
func (l *Log) WithGroup(name string) slog.Handler { return &Log{l.next.WithGroup(name), l.counts} }

func kindOf(r slog.Record, by string) string {
	kind := r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != by {
			return true
		}
		kind += "\x00" + a.Value.String()
		return false
	})
	return kind
}
