package broker

import (
	"encoding/base64"
	"net/http"
	"time"
)

// cookieName contains a hash of the resource, so that two servers on one host do
// not take each other's cookies. "__Host-" makes the browser refuse it from
// subdomains and without TLS (RFC 6265bis §4.1.3.2); over http on a loopback host
// it would refuse the cookie itself, so there the name lacks it.
func (b *Broker) cookieName(purpose string) string {
	name := "mcp-" + purpose + "-" + base64.RawURLEncoding.EncodeToString(hash(b.resource.String())[:9])
	if b.base.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

// stateCookie is one for each login under way, so that two tabs do not end each
// other's.
func (b *Broker) stateCookie(state string) string {
	return b.cookieName("state") + "-" + base64.RawURLEncoding.EncodeToString(hash(state)[:9])
}

// setCookie sets a cookie for ttl; 0 deletes it.
func (b *Broker) setCookie(w http.ResponseWriter, name, value string, ttl time.Duration) {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, Secure: b.base.Scheme == "https",
		// Lax, since the browser comes back from the provider's site.
		SameSite: http.SameSiteLaxMode, MaxAge: int(ttl / time.Second),
	}
	if ttl == 0 {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// readCookie returns the cookie if there is exactly one of a shape that we made.
func readCookie(r *http.Request, name string) string {
	value, n := "", 0
	for _, c := range r.Cookies() {
		if c.Name == name {
			value, n = c.Value, n+1
		}
	}
	if raw, err := base64.RawURLEncoding.DecodeString(value); n != 1 || err != nil || len(raw) != 32 {
		return ""
	}
	return value
}
