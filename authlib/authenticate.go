package authlib

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/internal/limit"
)

const maxToken = 8192

// authenticate finds out who is calling. A request without a credential goes on
// only where strangers may do something; a bad credential never does.
func (x *exchange) authenticate() bool {
	values := x.r.Header["Authorization"]
	if len(values) == 0 {
		if x.g.cfg.AllowAnonymous {
			x.authenticated("anonymous", "", 0)
			return true
		}
		x.authenticated("missing", "", 0)
		x.challenge(http.StatusUnauthorized, "", "authentication required", x.g.baseScopes)
		return false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		// RFC 6750 §3.1: an unsupported scheme is as good as none, and gets no error code.
		x.authenticated("missing", "", 0)
		x.challenge(http.StatusUnauthorized, "", "authentication required", x.g.baseScopes)
		return false
	}
	if token = strings.TrimLeft(token, " "); !validToken(token) {
		x.authenticated("malformed", "", 0)
		x.challenge(http.StatusBadRequest, "invalid_request", "malformed Authorization header", nil)
		return false
	}
	if wait, ok := x.g.failures.admit(x.r, token); !ok {
		x.tooMany(wait)
		return false
	}
	return x.verify(token)
}

// tooMany answers whoever sent too many bad tokens, whatever this one is: nobody
// looked at it.
func (x *exchange) tooMany(wait time.Duration) {
	x.audit(auditLimited, slog.String("peer", clip(x.g.failures.peer(x.r))))
	x.authenticated("limited", "", 0)
	Event{Kind: EventLimit, Operation: "authentication", Outcome: "refused"}.Tell(x.r.Context(), x.g.cfg.Observer, x.g.log)
	x.w.Header().Set("Retry-After", limit.RetryAfter(wait))
	x.refuse(http.StatusTooManyRequests, codeUnauthenticated, "too many tokens from there were not valid")
}

func (x *exchange) verify(token string) bool {
	p, err := x.askVerifier(token)
	x.g.failures.note(x.r, token, err)
	switch {
	case err == nil:
		x.p, x.token = x.g.admit(p), token
		return true
	case !errors.Is(err, ErrInvalidToken):
		x.audit(auditVerifierFailed, slog.String("reason", quote(err.Error())))
		x.w.Header().Set("Retry-After", "5")
		x.refuse(http.StatusServiceUnavailable, codeUnauthenticated, "authentication is unavailable")
	default:
		x.audit(auditTokenRejected, slog.String("reason", quote(err.Error())))
		x.refused = "invalid_token"
		x.challenge(http.StatusUnauthorized, "invalid_token", "the access token is not valid", x.g.baseScopes)
	}
	return false
}

// askVerifier returns the caller, or why there is none.
func (x *exchange) askVerifier(token string) (*Principal, error) {
	if x.g.cfg.Observer == nil {
		return x.g.identify(x.r.Context(), token)
	}
	begun := x.g.now()
	p, err := x.g.identify(x.r.Context(), token)
	outcome, reason := verified(err)
	x.authenticated(outcome, reason, x.g.now().Sub(begun))
	return p, err
}

func (g *Guard) identify(ctx context.Context, token string) (*Principal, error) {
	p, err := g.cfg.Verifier.Verify(ctx, token)
	switch {
	case err != nil:
		return nil, err
	case p == nil || p.Subject == "":
		return nil, errors.New("authlib: the verifier returned no caller")
	case !p.Expiry.IsZero() && !g.now().Before(p.Expiry):
		return nil, ErrTokenExpired
	}
	return p, nil
}

// admit returns p as handlers get it: with what the policy's words mean, and the
// way to the authorization server. The verifier's own stays as it is, since others may use it.
func (g *Guard) admit(p *Principal) *Principal {
	if p.words == g.words && p.server == nil && g.cfg.AuthServer == nil {
		return p
	}
	own := *p
	own.words, own.server = g.words, g.cfg.AuthServer
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
		x.audit(auditSessionMismatch, slog.String("caller", callerID(x.p)))
		x.refuse(http.StatusNotFound, codeInvalidRequest, "session not found")
	}
	return ok
}
