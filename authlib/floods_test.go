package authlib

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
)

// Bad tokens and bad bodies fill no disk, and hide nobody's refusals.
func TestStrangersDoNotFillTheLog(t *testing.T) {
	var out bytes.Buffer
	g := newGuard(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&out, nil)) })
	h := g.Protect(record(&seen{}))
	for range 1000 {
		h.ServeHTTP(httptest.NewRecorder(), post(call("ping", "{}"), "Authorization", "Bearer junk"))
	}
	if n := strings.Count(out.String(), auditTokenRejected); n == 0 || n > 200 {
		t.Errorf("%d lines for 1000 bad tokens", n)
	}
	h.ServeHTTP(httptest.NewRecorder(), post("{", as("alice")...))
	if !strings.Contains(out.String(), auditRequestRefused) {
		t.Error("another refusal is not in the log")
	}
}
