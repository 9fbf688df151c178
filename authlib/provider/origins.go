package provider

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// An APIOwner is a Provider whose users' tokens open an API. Without it their tokens
// are sent nowhere on the users' behalf.
type APIOwner interface {
	// APIOrigins are where such a token may be sent: origins like
	// "https://api.github.com", with a port where it is not the default one. In
	// "https://*.googleapis.com" the asterisk stands for one or more labels of
	// letters, digits and hyphens. See [SendsTo].
	APIOrigins() []string
}

// CheckOrigin returns s as [SendsTo] compares it, or what is wrong with it: it is
// https, or http on a loopback host, and has nothing behind the port.
func CheckOrigin(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return "", fmt.Errorf("%.100q is not an origin like https://api.example.com", s)
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && IsLoopbackHost(u.Hostname())) {
		return "", fmt.Errorf("%.100q must be https", s)
	}
	if strings.ContainsFunc(u.Hostname(), func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '*' || c == '%' }) {
		return "", fmt.Errorf("%.100q: the host must be spelt out, in ASCII", s)
	}
	return originOf(u), nil
}

// SendsTo reports whether u is at one of origins: same scheme, same host and same
// port. Nothing is looked up, and nothing that only looks alike is taken: no final
// dot, no letters beyond ASCII, no user name in front of the host.
func SendsTo(origins []string, u *url.URL) bool {
	if u == nil || u.User != nil || u.Opaque != "" {
		return false
	}
	target := originOf(u)
	for _, origin := range origins {
		if suffix, ok := strings.CutPrefix(origin, "https://*."); ok {
			if below(target, suffix) {
				return true
			}
			continue
		}
		if o, err := CheckOrigin(origin); err == nil && o == target {
			return true
		}
	}
	return false
}

// originOf always has a port, and no letters from A to Z.
func originOf(u *url.URL) string {
	name, port := splitHost(u.Host, strings.ToLower(u.Scheme))
	return lowerASCII(u.Scheme + "://" + net.JoinHostPort(name, port))
}

// below reports whether target is https on port 443 of a name below suffix.
func below(target, suffix string) bool {
	host, ok1 := strings.CutPrefix(target, "https://")
	host, ok2 := strings.CutSuffix(host, "."+suffix+":443")
	if !ok1 || !ok2 {
		return false
	}
	for _, label := range strings.Split(host, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// lowerASCII leaves other letters alone: Unicode makes a k of the Kelvin sign.
func lowerASCII(s string) string {
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, s)
}
