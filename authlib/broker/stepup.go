package broker

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
	"github.com/mcp-migrate/mcp-migrate/authlib/session"
)

// A client that needs a further scope sends its user to the authorization endpoint
// again, and asks for all that it needs. The page then shows what is new apart from
// what the user of this browser allowed that client before. What was allowed is in
// a sealed cookie. It decides nothing: whatever it says, the user is asked, sees
// every scope and signs in.

// kindAllowed names those cookies' seals; they are never stored.
const kindAllowed session.Kind = "allowed"

// maxAllowed bounds such a cookie, in bytes. What does not fit is not remembered.
const maxAllowed = 1000

// allowed is what a user allowed a client.
type allowed struct {
	Scopes   []string
	Provider string
	Upstream []string // what the provider granted us
	Ends     time.Time
}

func (b *Broker) allowedCookie(clientID string) string {
	return b.cookieName("allowed") + "-" + base64.RawURLEncoding.EncodeToString(hash(clientID)[:9])
}

// rememberAllowed sets the cookie when somebody has signed in, for as long as a
// refresh token lives unused.
func (b *Broker) rememberAllowed(w http.ResponseWriter, clientID string, si *signIn) {
	a := allowed{si.Scopes, si.Provider, si.Identity.Scopes, b.now().Add(b.cfg.RefreshTTL)}
	plain, err := json.Marshal(a)
	if err != nil {
		return // it holds only text
	}
	value := base64.RawURLEncoding.EncodeToString(b.ring.Seal(kindAllowed, clientID, plain))
	if len(value) > maxAllowed {
		b.setCookie(w, b.allowedCookie(clientID), "", 0)
		return
	}
	b.setCookie(w, b.allowedCookie(clientID), value, b.cfg.RefreshTTL)
}

// allowedBefore reads the cookie; nothing where there is none of ours.
func (b *Broker) allowedBefore(r *http.Request, clientID string) allowed {
	a := allowed{}
	c, err := r.Cookie(b.allowedCookie(clientID))
	if err != nil || len(c.Value) > maxAllowed {
		return allowed{}
	}
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return allowed{}
	}
	plain, err := b.ring.Open(kindAllowed, clientID, sealed)
	if err != nil || json.Unmarshal(plain, &a) != nil || !b.now().Before(a.Ends) {
		return allowed{}
	}
	return a
}

// showScopes puts on the page what the client asks for and what each provider will
// be asked for, the new apart from what was allowed before. A provider that cannot
// say it now is not offered; if none is left that is the error.
func (b *Broker) showScopes(r *http.Request, page *consentData, req *authRequest) error {
	before := b.allowedBefore(r, req.ClientID)
	page.Scopes, page.Before = split(req.Scopes, before.Scopes)
	var lastErr error
	for _, p := range b.cfg.Providers {
		asks, err := asksFor(r, p, req.Scopes)
		if err != nil {
			b.cfg.Logger.ErrorContext(r.Context(), auditProviderDown, "provider", p.Name(), "error", err)
			lastErr = err
			continue
		}
		page.Providers = append(page.Providers, p.Name())
		if asks == nil {
			continue
		}
		had := []string(nil)
		if before.Provider == p.Name() {
			had = before.Upstream
		}
		if m, ok := p.(provider.ScopeMapper); ok {
			had = m.ExpandScopes(had)
		}
		line := asked{Provider: p.Name()}
		line.Scopes, line.Before = split(asks, had)
		page.Asked = append(page.Asked, line)
	}
	if len(page.Providers) == 0 {
		return lastErr
	}
	return nil
}

// asksFor returns what p will be asked for; nil if it knows no scopes.
func asksFor(r *http.Request, p provider.Provider, wanted []string) ([]string, error) {
	wanted = upstreamScopes(p, wanted)
	if a, ok := p.(provider.ScopeAsker); ok {
		return a.AskedScopes(r.Context(), wanted)
	}
	return wanted, nil
}

// split returns which of the scopes are new, and which were there before.
func split(scopes, had []string) (fresh, before []string) {
	for _, s := range scopes {
		if slices.Contains(had, s) {
			before = append(before, s)
		} else {
			fresh = append(fresh, s)
		}
	}
	return fresh, before
}
