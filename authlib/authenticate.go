package authlib

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
)

const maxToken = 8192

// authenticate finds out who is calling. A request without a credential goes on
// only where strangers may do something; a bad credential never does.
func (x *exchange) authenticate() bool {
	values := x.r.Header["Authorization"]
	if len(values) == 0 {
		if x.g.cfg.AllowAnonymous {
			return true
		}
		x.challenge(http.StatusUnauthorized, "", "authentication required", x.g.baseScopes)
		return false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		// RFC 6750 §3.1: an unsupported scheme is as good as none, and gets no error code.
		x.challenge(http.StatusUnauthorized, "", "authentication required", x.g.baseScopes)
		return false
	}
	if token = strings.TrimLeft(token, " "); !validToken(token) {
		x.challenge(http.StatusBadRequest, "invalid_request", "malformed Authorization header", nil)
		return false
	}
	return x.verify(token)
}

func (x *exchange) verify(token string) bool {
	p, err := x.g.cfg.Verifier.Verify(x.r.Context(), token)
	switch {
	case err == nil && (p == nil || p.Subject == ""):
		err = errors.New("authlib: the verifier returned no caller")
		fallthrough
	case err != nil && !errors.Is(err, ErrInvalidToken):
		x.g.audit(x.r.Context(), auditVerifierFailed, slog.String("reason", quote(err.Error())))
		x.w.Header().Set("Retry-After", "5")
		x.refuse(http.StatusServiceUnavailable, codeUnauthenticated, "authentication is unavailable")
		return false
	case err == nil && x.expired(p):
		err = ErrTokenExpired
		fallthrough
	case err != nil:
		x.g.audit(x.r.Context(), auditTokenRejected, slog.String("reason", quote(err.Error())))
		x.challenge(http.StatusUnauthorized, "invalid_token", "the access token is not valid", x.g.baseScopes)
		return false
	}
	x.p, x.token = x.g.admit(p), token
	return true
}

func (x *exchange) expired(p *Principal) bool {
	return !p.Expiry.IsZero() && !x.g.now().Before(p.Expiry)
}

// admit returns p as handlers get it: with what the policy's words mean. The
// verifier's own stays as it is, since others may use it.
func (g *Guard) admit(p *Principal) *Principal {
	if p.words == g.words {
		return p
	}
	own := *p
	own.words = g.words
	return &own
}

// validToken reports whether s is a b64token (RFC 6750 §2.1).
func validToken(s string) bool {
	t := strings.TrimRight(s, "=")
	for i := range len(t) {
		if !tokenBytes[t[i]] {
			return false
		}
	}
	return t != "" && len(s) <= maxToken
}

// tokenBytes are those of a b64token but "=". Read only.
var tokenBytes = func() (in [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/") {
		in[c] = true
	}
	return in
}()

// openSession finds the session that the request claims, and answers 404 when it
// is somebody else's: to the caller it does not exist.
func (x *exchange) openSession() bool {
	x.url = x.r.URL
	ok := true
	if sealed := header(x.r, sessionHeader); sealed != "" {
		x.session, ok = x.g.openSession(sealed, x.p)
		x.bound = ok
	}
	if ok && x.query != nil {
		var bound bool
		x.url, bound, ok = x.g.openQuery(x.r.URL, x.query, x.p)
		x.bound = x.bound || bound
	}
	if !ok {
		x.g.audit(x.r.Context(), auditSessionMismatch, slog.String("caller", callerID(x.p)))
		x.refuse(http.StatusNotFound, codeInvalidRequest, "session not found")
	}
	return ok
}
