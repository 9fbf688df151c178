package doctor

import (
	"context"
	"log/slog"
	"sync"

	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"github.com/mcp-migrate/mcp-migrate/authlib/session/redisstore"
)

// openRedis connects as the program does, with the same trial.
func openRedis(r *Report, o SessionOptions) (session.Store, func(), bool) {
	said := &warnings{}
	s, err := redisstore.Open(redisstore.Config{URL: o.RedisURL, Resource: orNone(o.Resource), Logger: slog.New(said), Now: o.Now})
	if err != nil {
		r.Stop(stepReach, err.Error(), "the program does not start with this; set "+o.RedisURLEnv+" as the program has it, and see that Redis runs and takes the password")
		return nil, nil, false
	}
	r.Good(stepReach, "Redis answers, and a record can be written, read and taken")
	for _, w := range said.all() {
		r.Warn("set-up of Redis", w, "change it in the configuration of Redis")
	}
	return s, func() { _ = s.Close() }, true
}

// orNone names a resource of nobody where none is given, so that Redis can be tried.
func orNone(resource string) string {
	if resource == "" {
		return "none"
	}
	return resource
}

// warnings keeps what the store warns of. It is safe for concurrent use.
type warnings struct {
	mu   sync.Mutex
	list []string
}

func (w *warnings) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.list
}

// Enabled is slog.Handler's.
func (w *warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

// Handle is slog.Handler's: it keeps what the warning means.
func (w *warnings) Handle(_ context.Context, rec slog.Record) error {
	text := rec.Message
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == "meaning" {
			text = a.Value.String()
		}
		return true
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, text)
	return nil
}

// WithAttrs is slog.Handler's.
func (w *warnings) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup is slog.Handler's.
func (w *warnings) WithGroup(string) slog.Handler { return w }
