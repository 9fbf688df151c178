package broker

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"golang.org/x/oauth2"
)

// codeTTL is how long an authorization code can be redeemed.
const codeTTL = time.Minute

// maxUpstreamCode is more than any provider's code needs.
const maxUpstreamCode = 4 << 10

// serveCallback is where one provider sends the browser back to.
func (b *Broker) serveCallback(w http.ResponseWriter, r *http.Request, p provider.Provider) {
	v, l, err := b.takeLogin(w, r, p)
	if err != nil {
		b.showError(w, r, err)
		return
	}
	params := url.Values{"iss": {b.Issuer()}} // on success and on errors (RFC 9207 §2)
	if l.Request.State != "" {
		params.Set("state", l.Request.State)
	}
	authCode, si, err := b.finishLogin(r.Context(), v, l, p)
	if err != nil {
		e := b.clientError(r.Context(), err)
		params.Set("error", e.Code)
		params.Set("error_description", e.Description)
	} else {
		params.Set("code", authCode)
		b.rememberAllowed(w, l.Request.ClientID, si)
		b.rememberSignIn(w, si)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", answerURL(l.Request.Redirect, params))
	w.WriteHeader(http.StatusSeeOther)
}

// takeLogin finds the login that this browser started at this provider, once.
func (b *Broker) takeLogin(w http.ResponseWriter, r *http.Request, p provider.Provider) (url.Values, *login, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, nil, badPage("It is too long.")
	}
	v, err := strictValues(r.URL.RawQuery)
	if err != nil {
		return nil, nil, badPage("A parameter is malformed or repeated.")
	}
	state := v.Get("state")
	if state == "" || len(state) > 256 {
		return nil, nil, badPage("It has no state.")
	}
	rec, err := b.store.Take(r.Context(), kindState, hashKey(state))
	if errors.Is(err, session.ErrNotFound) {
		return nil, nil, badPage("It was used before, or more than ten minutes ago. Start again from your MCP client.")
	}
	if err != nil {
		return nil, nil, err
	}
	l, err := decode[login](rec)
	if err != nil {
		return nil, nil, err
	}
	cookie := readCookie(r, b.stateCookie(state))
	b.setCookie(w, b.stateCookie(state), "", 0)
	if cookie == "" || !equal(hash(cookie), l.Cookie) {
		return nil, nil, &pageError{http.StatusForbidden, "This sign-in was started in another browser", "Start again from your MCP client, and finish in the browser that opens."}
	}
	if l.Provider != p.Name() {
		return nil, nil, badPage("It came from another provider than the sign-in was sent to.")
	}
	return v, l, nil
}

// finishLogin learns who signed in, asks whether they may, and makes a code.
func (b *Broker) finishLogin(ctx context.Context, v url.Values, l *login, p provider.Provider) (string, *signIn, error) {
	if v.Has("error") {
		if v.Get("error") == "access_denied" {
			return "", nil, provider.ErrDenied
		}
		return "", nil, errors.New("the provider answered " + printable(v.Get("error"), 60))
	}
	if v.Get("code") == "" || len(v.Get("code")) > maxUpstreamCode {
		return "", nil, errors.New("the provider sent no code")
	}
	tok, err := p.Exchange(ctx, provider.ExchangeRequest{
		Code: v.Get("code"), Verifier: l.Verifier, RedirectURL: b.callbackURL(p), Nonce: l.Nonce, Issuer: v.Get("iss"),
	})
	if err != nil {
		return "", nil, err
	}
	si, err := b.admit(ctx, p, tok, l.Request.Scopes)
	if err != nil {
		return "", nil, err
	}
	b.cfg.Logger.InfoContext(ctx, "login", "client", l.Request.ClientID, "issuer", si.Identity.Issuer, "subject", si.Identity.Subject, "scopes", si.Scopes)
	authCode, err := b.newCode()
	if err != nil {
		return "", nil, err
	}
	c := code{Request: l.Request, SignIn: *si, Upstream: fromOAuth(tok)}
	return authCode, si, save(ctx, b.store, kindCode, hashKey(authCode), c, b.now().Add(codeTTL), 0)
}

// errNotAllowed says that Config.Allow refused.
var errNotAllowed = errors.New("this account may not sign in here")

// admit identifies the user and runs Allow and Roles.
func (b *Broker) admit(ctx context.Context, p provider.Provider, tok *oauth2.Token, want []string) (*signIn, error) {
	id, err := p.Identify(ctx, tok)
	if err != nil {
		return nil, err
	}
	if id == nil || id.Issuer == "" || id.Subject == "" {
		return nil, errors.New("the provider did not say who signed in")
	}
	return b.welcome(ctx, id, p.Name(), granted(p, id, want))
}

// welcome runs Allow and Roles for somebody whom the provider or issuer of that name
// identified.
func (b *Broker) welcome(ctx context.Context, id *provider.Identity, name string, scopes []string) (*signIn, error) {
	// Whatever the provider says of itself: rules go by where the user was sent.
	id.Provider, id.Sole = name, len(b.cfg.Providers)+len(b.cfg.Enterprise) == 1
	if b.cfg.Allow != nil {
		if err := b.cfg.Allow(ctx, id); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err() // cut short, which is no answer
			}
			b.cfg.Logger.WarnContext(ctx, "access_denied", "issuer", id.Issuer, "subject", id.Subject, "reason", err)
			return nil, errNotAllowed
		}
	}
	si := &signIn{Provider: name, Identity: *id, Scopes: scopes}
	if b.cfg.Roles != nil {
		var err error
		if si.Roles, err = b.cfg.Roles(ctx, id); err != nil {
			return nil, err
		}
	}
	return si, nil
}

// clientError is what the client may learn of err (RFC 6749 §4.1.2.1).
func (b *Broker) clientError(ctx context.Context, err error) *oauthError {
	switch {
	case errors.Is(err, errNotAllowed):
		return badRequest("access_denied", "this account may not sign in here")
	case errors.Is(err, provider.ErrDenied):
		return badRequest("access_denied", "the sign-in was declined")
	case errors.Is(err, provider.ErrInvalidToken):
		return badRequest("access_denied", "the sign-in was not valid")
	}
	b.cfg.Logger.ErrorContext(ctx, "login failed", "error", err)
	return badRequest("temporarily_unavailable", "the sign-in could not be completed")
}
