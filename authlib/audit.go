package authlib

import (
	"context"
	"log/slog"
	"strconv"
	"unicode/utf8"
)

// Messages of audit records. The vocabulary is fixed, so that alerts can be
// built on it.
const (
	auditTokenRejected   = "token_rejected"
	auditAccessDenied    = "access_denied"
	auditScopeChallenge  = "scope_challenge"
	auditSessionMismatch = "session_mismatch"
	auditVerifierFailed  = "verifier_failed"
	auditRequestRefused  = "request_refused"
)

const maxLogged = 128

// audit writes one record. Strings that came from a request must have been
// through quote: a name may hold line breaks and terminal escapes.
func (g *Guard) audit(ctx context.Context, msg string, attrs ...slog.Attr) {
	g.log.LogAttrs(ctx, slog.LevelWarn, msg, attrs...)
}

func opAttrs(p *Principal, op Operation) []slog.Attr {
	return []slog.Attr{slog.String("caller", callerID(p)), slog.String("method", quote(op.Method)), slog.String("name", quote(op.Name))}
}

func callerID(p *Principal) string {
	if p == nil {
		return "anonymous"
	}
	return clip(p.ID())
}

// clip cuts s to a length that is fit to be shown.
func clip(s string) string {
	if len(s) <= maxLogged {
		return s
	}
	n := maxLogged
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// quote makes a string of a stranger fit for a log or a terminal: printable
// ASCII on one line, and short.
func quote(s string) string { return strconv.QuoteToASCII(clip(s)) }

// discard is slog.DiscardHandler, which the oldest supported Go does not have.
type discard struct{}

func (discard) Enabled(context.Context, slog.Level) bool  { return false }
func (discard) Handle(context.Context, slog.Record) error { return nil }
func (d discard) WithAttrs([]slog.Attr) slog.Handler      { return d }
func (d discard) WithGroup(string) slog.Handler           { return d }
