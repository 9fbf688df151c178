package broker

import (
	"errors"
	"net/url"
	"strings"
)

// canonicalURL parses a resource identifier (RFC 8707 §2): absolute, without
// fragment or user, scheme and host in lower case, without the default port.
func canonicalURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("it is not a URL")
	}
	if u.Host == "" || u.Hostname() == "" || u.Opaque != "" || u.User != nil || u.Fragment != "" || strings.Contains(s, "#") {
		return nil, errors.New("it is not an absolute URL without user and fragment")
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if u.Scheme == "https" {
		u.Host = strings.TrimSuffix(u.Host, ":443")
	}
	if u.Scheme == "http" {
		u.Host = strings.TrimSuffix(u.Host, ":80")
	}
	return u, nil
}

// sameResource compares two resource identifiers. Clients differ in the case of
// the host and in one trailing slash; nothing else is forgiven.
func sameResource(a, b string) bool {
	ua, errA := canonicalURL(a)
	ub, errB := canonicalURL(b)
	return errA == nil && errB == nil &&
		strings.TrimSuffix(ua.String(), "/") == strings.TrimSuffix(ub.String(), "/")
}
