package authlib

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

// deny answers a request that the policy forbids (RFC 6750 §3.1; MCP
// authorization, Error Handling and Scope Challenge Handling). A role that is
// missing gets no challenge: no scope would help.
func (x *exchange) deny(err error) {
	var d *DeniedError
	if !errors.As(err, &d) {
		x.refuse(http.StatusForbidden, codeForbidden, "forbidden")
		return
	}
	_, message := d.Public()
	switch d.Err {
	case ErrUnauthenticated:
		x.challenge(http.StatusUnauthorized, "", message, d.Scopes)
	case ErrInsufficientScope:
		x.audit(auditScopeChallenge, append(opAttrs(x.p, d.Operation), slog.Any("missing", d.Missing))...)
		x.refused = "insufficient_scope"
		x.challenge(http.StatusForbidden, "insufficient_scope", message, d.Scopes)
	default:
		x.audit(auditAccessDenied, append(opAttrs(x.p, d.Operation), slog.String("reason", d.Err.Error()))...)
		x.refused = "forbidden"
		x.refuse(http.StatusForbidden, codeForbidden, message)
	}
}

// challenge answers with a Bearer challenge. First contact has no error code
// (RFC 6750 §3.1), or clients take their missing token for a bad one.
func (x *exchange) challenge(status int, code, description string, scopes []string) {
	var b strings.Builder
	b.WriteString("Bearer ")
	if code != "" {
		b.WriteString(`error="` + code + `", error_description="` + description + `", `)
	}
	b.WriteString(`resource_metadata="` + x.g.MetadataURL() + `"`)
	if len(scopes) > 0 {
		b.WriteString(`, scope="` + strings.Join(scopes, " ") + `"`)
	}
	x.w.Header().Set("WWW-Authenticate", b.String())
	rpc := codeForbidden
	switch status {
	case http.StatusUnauthorized:
		rpc = codeUnauthenticated
	case http.StatusBadRequest:
		rpc = codeInvalidRequest
	}
	x.refuse(status, rpc, description)
}

// refuse answers with a JSON-RPC error. message is ours, and holds nothing of the
// request.
func (x *exchange) refuse(status, code int, message string) {
	if x.refused == "" {
		x.refused = refusedBy(status)
	}
	h := x.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	x.w.WriteHeader(status)
	id := string(x.id)
	if id == "" {
		id = "null"
	}
	_, _ = x.w.Write([]byte(`{"jsonrpc":"2.0","id":` + id + `,"error":{"code":` + strconv.Itoa(code) +
		`,"message":` + strconv.Quote(message) + "}}\n")) // the client is gone if this fails
}
