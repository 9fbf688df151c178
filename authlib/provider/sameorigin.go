package provider

import (
	"net/http"
	"net/url"
	"strings"
)

// SameOrigin reports whether a browser says that r was sent by a page of base's
// origin: by Sec-Fetch-Site or Origin, and by both where it sends both. A request
// with neither is not.
func SameOrigin(r *http.Request, base *url.URL) bool {
	site, origin := r.Header.Values("Sec-Fetch-Site"), r.Header.Values("Origin")
	if len(site) > 1 || len(origin) > 1 || len(site)+len(origin) == 0 {
		return false
	}
	if len(site) == 1 && site[0] != "same-origin" {
		return false
	}
	if len(origin) == 0 {
		return true
	}
	// "null" is what a browser sends where a referrer policy hides the origin;
	// it says nothing, so Sec-Fetch-Site must have said it.
	if origin[0] == "null" {
		return len(site) == 1
	}
	return strings.EqualFold(origin[0], base.Scheme+"://"+base.Host)
}
