package broker

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// authenticateClient finds the client that sent a form and checks its secret
// (RFC 6749 §2.3.1): in the Authorization header, in the form, or none for a
// public client. A machine with keys sends an assertion.
func (b *Broker) authenticateClient(ctx context.Context, r *http.Request, form url.Values) (*client, error) {
	if m := b.assertingMachine(form); m != nil {
		return b.authenticateAsserted(ctx, m, r, form)
	}
	id, secret, basic, err := credentials(r, form)
	if err != nil {
		return nil, err
	}
	refused := &oauthError{Status: http.StatusUnauthorized, Code: "invalid_client", Description: "unknown client, or wrong client secret", basic: basic}
	if isDocumentID(id) && secret == "" {
		// Always public, and what it was allowed is written in the code and
		// grant, so its document is not needed, which may be gone by now.
		return &client{ID: id, Method: "none", Document: true}, nil
	}
	if isDocumentID(id) {
		return nil, refused // a document's client has no secret
	}
	if m := b.machine(id); m != nil {
		if !m.hasSecret(secret) {
			return nil, refused
		}
		return &client{ID: id, Method: "client_secret_basic", machine: m}, nil
	}
	c, err := b.findClient(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case c == nil:
		return nil, refused
	case c.Method == "none" && secret == "":
		return c, nil
	case c.Method != "none" && equal(hash(secret), c.SecretHash):
		return c, nil
	}
	return nil, refused
}

func credentials(r *http.Request, form url.Values) (id, secret string, basic bool, err error) {
	id, secret = form.Get("client_id"), form.Get("client_secret")
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		if id == "" {
			return "", "", false, missing("client_id")
		}
		return id, secret, false, nil
	}
	user, pass, ok := r.BasicAuth()
	if len(header) > 1 || !ok {
		return "", "", true, &oauthError{Status: http.StatusUnauthorized, Code: "invalid_client", Description: "the Authorization header must be Basic", basic: true}
	}
	// Both parts are form-encoded first (RFC 6749 §2.3.1).
	headerID, err1 := url.QueryUnescape(user)
	headerSecret, err2 := url.QueryUnescape(pass)
	if err1 != nil || err2 != nil || form.Has("client_secret") || (id != "" && id != headerID) {
		return "", "", true, badRequest("invalid_request", "the client must authenticate in one way")
	}
	return headerID, headerSecret, true, nil
}

// isVerifier reports whether s is a code verifier of RFC 7636 §4.1.
func isVerifier(s string) bool {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	return len(s) >= 43 && len(s) <= 128 && strings.Trim(s, unreserved) == ""
}
