package broker

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
	"golang.org/x/oauth2"
)

// kindConsent names sealed consent forms; they are never stored.
const kindConsent session.Kind = "consent"

// maxLogins bounds the logins under way at providers.
const maxLogins = 10_000

// showConsent shows the consent page. The request travels in the form, sealed
// under the browser's cookie, so that another browser's form is of no use.
func (b *Broker) showConsent(w http.ResponseWriter, r *http.Request, browser string, req *authRequest, c *client) {
	plain, err := json.Marshal(req)
	if err != nil {
		b.showError(w, r, err)
		return
	}
	txn := base64.RawURLEncoding.EncodeToString(b.ring.Seal(kindConsent, hashKey(browser), plain))
	page, err := b.consentPage(req, c)
	if err == nil {
		err = b.showScopes(r, page, req)
	}
	if err != nil {
		b.showError(w, r, err)
		return
	}
	page.Txn, page.CSRF = txn, b.csrf(browser, txn)
	b.render(w, http.StatusOK, "consent", page)
}

// csrf is the same whenever the same form is shown.
func (b *Broker) csrf(browser, txn string) string {
	return base64.RawURLEncoding.EncodeToString(b.ring.MAC("csrf", []byte(browser+"."+txn)))
}

// serveConsent takes the user's answer.
func (b *Broker) serveConsent(w http.ResponseWriter, r *http.Request) {
	form, req, err := b.checkConsent(w, r)
	if err != nil {
		b.showError(w, r, err)
		return
	}
	if form.Get("answer") != "approve" {
		b.cfg.Logger.InfoContext(r.Context(), auditConsent, "client", req.ClientID, "approved", false, "sign_in", req.SignIn)
		b.render(w, http.StatusOK, "error", &pageError{Title: "Nothing was shared", Message: "You did not allow access. You can close this page."})
		return
	}
	p := b.provider(form.Get("provider"))
	if p == nil {
		b.showError(w, r, badPage("Choose where to sign in."))
		return
	}
	if err := b.limits.pass(doorConsent, r); err != nil {
		b.showError(w, r, err)
		return
	}
	b.cfg.Logger.InfoContext(r.Context(), auditConsent, "client", req.ClientID, "approved", true, "provider", p.Name(), "scopes", req.Scopes, "sign_in", req.SignIn)
	target, err := b.startLogin(w, r.Context(), p, req)
	if err != nil {
		b.showError(w, r, err)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// checkConsent makes sure that this browser's user sent the form that was made
// for them, and that what it says still holds.
func (b *Broker) checkConsent(w http.ResponseWriter, r *http.Request) (url.Values, *authRequest, error) {
	if !b.isOwnHost(r.Host) || !provider.SameOrigin(r, b.base) {
		return nil, nil, &pageError{http.StatusForbidden, "This form was sent by another site", "Start again from your MCP client."}
	}
	form, err := readForm(w, r)
	if err != nil {
		return nil, nil, badPage("The form cannot be read.")
	}
	browser, txn := readCookie(r, b.cookieName("consent")), form.Get("txn")
	want, err := base64.RawURLEncoding.DecodeString(form.Get("csrf"))
	if browser == "" || err != nil || !b.ring.CheckMAC("csrf", []byte(browser+"."+txn), want) {
		return nil, nil, &pageError{http.StatusForbidden, "This form was made for another browser", "Cookies may be switched off. Start again from your MCP client."}
	}
	req, err := b.openConsent(browser, txn)
	if err != nil {
		return nil, nil, err
	}
	c, err := b.findClient(r.Context(), req.ClientID)
	if err != nil {
		return nil, nil, err
	}
	if c == nil || !matchRedirect(c.RedirectURIs, req.Redirect) {
		return nil, nil, badPage("The client is no longer registered. Connect again.")
	}
	return form, req, nil
}

func (b *Broker) openConsent(browser, txn string) (*authRequest, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(txn)
	if err != nil {
		return nil, badPage("The form was changed.")
	}
	plain, err := b.ring.Open(kindConsent, hashKey(browser), sealed)
	if err != nil {
		return nil, badPage("The form was changed.")
	}
	req := &authRequest{}
	if err := json.Unmarshal(plain, req); err != nil {
		return nil, badPage("The form was changed.")
	}
	if !b.now().Before(req.Ends) {
		return nil, badPage("It was open for more than ten minutes. Start again from your MCP client.")
	}
	return req, nil
}

// startLogin remembers the login and returns where to sign in. The state cookie
// is set here, after consent, and not before.
func (b *Broker) startLogin(w http.ResponseWriter, ctx context.Context, p provider.Provider, req *authRequest) (string, error) {
	n, err := b.store.Count(ctx, kindState)
	if err != nil {
		return "", err
	}
	if n >= maxLogins {
		return "", errors.New("too many logins are under way")
	}
	state, err1 := randomString()
	nonce, err2 := randomString()
	cookie, err3 := randomString()
	if err := errors.Join(err1, err2, err3); err != nil {
		return "", err
	}
	l := login{Request: *req, Provider: p.Name(), Verifier: oauth2.GenerateVerifier(), Nonce: nonce, Cookie: hash(cookie)}
	if err := save(ctx, b.store, kindState, hashKey(state), l, b.now().Add(requestTTL), 0); err != nil {
		return "", err
	}
	b.setCookie(w, b.stateCookie(state), cookie, requestTTL)
	return p.AuthCodeURL(ctx, provider.AuthRequest{
		State: state, Nonce: nonce, Challenge: s256(l.Verifier), RedirectURL: b.callbackURL(p),
		Scopes: upstreamScopes(p, req.Scopes),
	})
}

// s256 is the code challenge of a verifier (RFC 7636 §4.2).
func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// equal compares in constant time.
func equal(a, b []byte) bool { return hmac.Equal(a, b) }
