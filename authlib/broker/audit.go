package broker

import (
	"context"
	"log/slog"

	"github.com/mcp-migrate/mcp-migrate/authlib"
)

// Messages of audit records. The vocabulary is fixed, so that alerts can be built on
// it; docs/operating.md says what each means, and package authlib has those of the
// guard. None has a token, a code or a secret.
const (
	auditRegistered       = "client_registered"
	auditDocumentRefused  = "client_document_refused"
	auditClientRefused    = "client_refused"
	auditConsent          = "consent"
	auditLogin            = "login"
	auditLoginFailed      = "login_failed"
	auditNotConfirmed     = "not_confirmed"
	auditRecheck          = "recheck"
	auditDenied           = "access_denied"
	auditMachineToken     = "machine_token"
	auditAssertionRefused = "assertion_refused"
	auditCodeReplayed     = "code_replayed"
	auditRefresh          = "refresh"
	auditRefreshReplay    = "refresh_replay"
	auditRefreshShadowed  = "refresh_shadowed"
	auditRefreshReuse     = "refresh_reuse"
	auditRevoked          = "revoked"
	auditNotAnnounced     = "revocation_not_announced"
	auditIndexDamaged     = "user_index_damaged"
	auditUnavailable      = "auth_unavailable"
	auditProviderDown     = "provider_unavailable"
	auditMemoryOnly       = "sign_ins_in_memory"
)

// A requestLog is a [slog.Handler] that says which request a record belongs to.
type requestLog struct{ slog.Handler }

func (l requestLog) Handle(ctx context.Context, r slog.Record) error {
	if id := authlib.RequestID(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request", id))
	}
	return l.Handler.Handle(ctx, r)
}

// WithAttrs is slog.Handler's.
func (l requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{l.Handler.WithAttrs(attrs)}
}

// WithGroup is slog.Handler's.
func (l requestLog) WithGroup(name string) slog.Handler { return requestLog{l.Handler.WithGroup(name)} }
