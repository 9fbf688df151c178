package authlib

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

const (
	// readyWait is how long a check may take.
	readyWait = 3 * time.Second
	// readyFor is how long its answer is repeated.
	readyFor = time.Second
)

// Readiness answers whether the program can do its work: 200 and "ok" where every
// check returns nil, else 503 and "unavailable". It tells no more, so that strangers
// may ask; why not goes to log, if it is not nil, as "not_ready". All checks run at
// once, each once a second at most however often somebody asks, and one that takes
// more than 3 seconds has failed. Serve it at a path of its own, outside of
// [Guard.Protect].
//
// Give it what this program alone can mend by being replaced or left out, such as
// broker.Broker.Health. What fails for all replicas at once, an identity provider,
// belongs in an alert: where no replica is ready nobody is served at all.
func Readiness(log *slog.Logger, checks ...func(context.Context) error) http.Handler {
	if log == nil {
		log = slog.New(discard{})
	}
	h := &readiness{log: slog.New(limit.NewLog(log.Handler(), "", time.Now))}
	for _, check := range checks {
		h.probes = append(h.probes, limit.NewProbe(check, readyWait, readyFor, time.Now))
	}
	return h
}

type readiness struct {
	log    *slog.Logger
	probes []*limit.Probe
}

func (h *readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	status, text := http.StatusOK, "ok\n"
	if err := h.ask(r.Context()); err != nil {
		status, text = http.StatusServiceUnavailable, "unavailable\n"
		h.log.WarnContext(r.Context(), auditNotReady, "reason", quote(err.Error()))
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked is gone if this fails
}

func (h *readiness) ask(ctx context.Context) error {
	answers := make(chan error, len(h.probes))
	for _, p := range h.probes {
		go func() { answers <- p.Ask(ctx) }()
	}
	var all []error
	for range h.probes {
		all = append(all, <-answers)
	}
	return errors.Join(all...)
}
