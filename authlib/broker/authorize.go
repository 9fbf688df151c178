package broker

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

const (
	requestTTL = 10 * time.Minute // from the consent page to the provider's answer
	maxQuery   = 16 << 10
	maxState   = 4 << 10
)

// A pageError is shown to the user as a page. Nothing is sent to a client that
// the user has not approved: its redirect URI may be the attack.
type pageError struct {
	Status  int
	Title   string
	Message string
}

func (e *pageError) Error() string { return e.Title + ": " + e.Message }

func badPage(message string) *pageError {
	return &pageError{http.StatusBadRequest, "This sign-in link is not valid", message}
}

// serveAuthorize is the authorization endpoint (RFC 6749 §3.1). It stores
// nothing: the checked request goes into the consent form, sealed to the browser
// by a cookie.
func (b *Broker) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	if !b.isOwnHost(r.Host) {
		// Another loopback name: cookies must be set for the one that the
		// provider sends the browser back to.
		http.Redirect(w, r, b.Issuer()+pathAuthorize+"?"+r.URL.RawQuery, http.StatusFound)
		return
	}
	if err := b.limits.pass(doorAuthorize, r); err != nil {
		b.showError(w, r, err)
		return
	}
	req, c, err := b.checkAuthorize(r.Context(), r.URL.RawQuery)
	if err != nil {
		b.showError(w, r, err)
		return
	}
	req.SignIn = authlib.RequestID(r.Context())
	name := b.cookieName("consent")
	browser := readCookie(r, name)
	if browser == "" {
		if browser, err = randomString(); err != nil {
			b.showError(w, r, err)
			return
		}
		b.setCookie(w, name, browser, 24*time.Hour)
	}
	b.showConsent(w, r, browser, req, c)
}

// isOwnHost reports whether host is the issuer's very name, and not another name
// of this machine. ServeHTTP has compared the rest.
func (b *Broker) isOwnHost(host string) bool {
	return !provider.IsLoopbackHost(b.base.Hostname()) || strings.EqualFold(host, b.base.Host)
}

// checkAuthorize checks every parameter before anything is done.
func (b *Broker) checkAuthorize(ctx context.Context, query string) (*authRequest, *client, error) {
	if len(query) > maxQuery {
		return nil, nil, badPage("It is too long.")
	}
	v, err := strictValues(query)
	if err != nil {
		return nil, nil, badPage("A parameter is malformed or repeated.")
	}
	req, err := b.checkParams(v)
	if err != nil {
		return nil, nil, err
	}
	// Last, since a client's metadata may have to be fetched.
	c, err := b.findClient(ctx, v.Get("client_id"))
	if err != nil {
		return nil, nil, err
	}
	if c == nil {
		return nil, nil, badPage("The client (client_id) is not registered here, its registration has ended, or its metadata cannot be used. Remove the saved sign-in from your MCP client and connect again.")
	}
	if !matchRedirect(c.RedirectURIs, v.Get("redirect_uri")) {
		return nil, nil, badPage("The address to go back to (redirect_uri) is not one that the client registered.")
	}
	req.ClientID, req.Redirect, req.Refresh = c.ID, v.Get("redirect_uri"), c.Refresh
	return req, c, nil
}

func (b *Broker) checkParams(v url.Values) (*authRequest, error) {
	_, redirectErr := parseRedirect(v.Get("redirect_uri"))
	challenge, err := base64.RawURLEncoding.DecodeString(v.Get("code_challenge"))
	scopes, ok := parseScopes(v.Get("scope"))
	switch {
	case redirectErr != nil:
		return nil, badPage("The address to go back to (redirect_uri) is missing or not allowed.")
	case v.Get("response_type") != "code":
		return nil, badPage("response_type must be code.")
	case v.Has("response_mode") && v.Get("response_mode") != "query":
		return nil, badPage("response_mode must be query.")
	case v.Get("code_challenge_method") != "S256" || err != nil || len(challenge) != 32:
		return nil, badPage("The client must use PKCE with code_challenge_method S256.")
	case v.Has("resource") && !sameResource(v.Get("resource"), b.resource.String()):
		return nil, badPage("The link asks for access to another server (resource).")
	case len(v.Get("state")) > maxState:
		return nil, badPage("state is too long.")
	case v.Has("request") || v.Has("request_uri"):
		return nil, badPage("Request objects are not supported.")
	case !ok:
		return nil, badPage("scope is malformed.")
	}
	return &authRequest{
		Challenge: v.Get("code_challenge"), State: v.Get("state"),
		Scopes: b.wanted(scopes), Ends: b.now().Add(requestTTL),
	}, nil
}
