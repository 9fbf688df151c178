package authlib

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A stranger learns whether the program works, and nothing of why not; the log does.
func TestReadinessTellsStrangersNothing(t *testing.T) {
	good := func(context.Context) error { return nil }
	bad := func(context.Context) error { return errors.New("dial tcp 10.0.0.3:6379: refused") }
	for name, tt := range map[string]struct {
		checks []func(context.Context) error
		status int
		body   string
	}{
		"none":   {nil, 200, "ok\n"},
		"good":   {[]func(context.Context) error{good, good}, 200, "ok\n"},
		"bad":    {[]func(context.Context) error{good, bad}, 503, "unavailable\n"},
		"panics": {[]func(context.Context) error{func(context.Context) error { panic("x") }}, 503, "unavailable\n"},
	} {
		var log bytes.Buffer
		h := Readiness(slog.New(slog.NewTextHandler(&log, nil)), tt.checks...)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ready", nil))
		if w.Code != tt.status || w.Body.String() != tt.body || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %q %v", name, w.Code, w.Body, w.Header())
		}
		if logged := strings.Contains(log.String(), auditNotReady); logged != (tt.status != 200) || name == "bad" && !strings.Contains(log.String(), "6379") {
			t.Errorf("%s: logged %q", name, log.String())
		}
	}
	w := httptest.NewRecorder()
	Readiness(nil).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/ready", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

// However often strangers ask, a check runs once a second.
func TestReadinessIsNoAmplifier(t *testing.T) {
	var asked atomic.Int64
	h := Readiness(nil, func(context.Context) error { asked.Add(1); return errors.New("down") })
	begun := time.Now()
	for range 500 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/ready", nil))
	}
	if most := 1 + int64(time.Since(begun)/readyFor); asked.Load() > most {
		t.Errorf("asked %d times, want %d at most", asked.Load(), most)
	}
}
