package authlib

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"unicode/utf8"
)

// Messages of audit records, besides those of package broker. The vocabulary is
// fixed, so that alerts can be built on it; docs/operating.md says what each means.
const (
	auditAccessAllowed   = "access_allowed"
	auditTokenRejected   = "token_rejected"
	auditAccessDenied    = "access_denied"
	auditScopeChallenge  = "scope_challenge"
	auditSessionMismatch = "session_mismatch"
	auditVerifierFailed  = "verifier_failed"
	auditRequestRefused  = "request_refused"
	auditLimited         = "authentication_limited"
	auditObserverFailed  = "observer_failed"
	auditEndFailed       = "session_end_failed"
	auditNotReady        = "not_ready"
	auditSlashAtTheEnd   = "resource_ends_with_slash"
)

const maxLogged = 128

// audit writes one record. Strings that came from a request must have been
// through quote: a name may hold line breaks and terminal escapes.
func (g *Guard) audit(ctx context.Context, msg string, attrs ...slog.Attr) {
	g.log.LogAttrs(ctx, slog.LevelWarn, msg, attrs...)
}

// audit writes a record about the request.
func (x *exchange) audit(msg string, attrs ...slog.Attr) {
	x.g.audit(x.r.Context(), msg, append(attrs, slog.String("request", x.number.String()))...)
}

// auditAllowed writes down what is more than everybody may do who has signed in (MCP
// Security Best Practices, Scope Minimization: log elevation events).
func (x *exchange) auditAllowed() {
	ctx := x.r.Context()
	if x.p == nil || !x.g.allowed.Enabled(ctx, slog.LevelInfo) {
		return
	}
	for _, op := range x.ops {
		if rule, st := x.g.rule(op); st == standListed && rule.elevates() {
			x.g.allowed.LogAttrs(ctx, slog.LevelInfo, auditAccessAllowed,
				append(opAttrs(x.p, op), slog.String("client", clip(x.p.ClientID)), slog.String("request", x.number.String()))...)
		}
	}
}

// elevates reports whether the rule demands more of a caller than to be one.
func (r Rule) elevates() bool {
	return !r.Public && len(r.AllScopes)+len(r.AnyScope)+len(r.AnyRole)+len(r.AnyPermission)+len(r.AnyIssuer) > 0
}

// AuditRefusal writes down that an SDK's request was refused behind the HTTP guard: it
// came another way, or asks for what only the SDK could decide on. d may be nil. It
// is for adapters, which call it for each request that they refuse.
func (g *Guard) AuditRefusal(ctx context.Context, d *Decision, err error) {
	var denied *DeniedError
	if g == nil || !errors.As(err, &denied) {
		return
	}
	p, _ := StdioPrincipal(ctx)
	request := ""
	if d != nil {
		p, request = d.principal, d.request.String()
	}
	g.audit(ctx, auditAccessDenied, append(opAttrs(p, denied.Operation),
		slog.String("reason", denied.Err.Error()), slog.String("by", "sdk"), slog.String("request", request))...)
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
