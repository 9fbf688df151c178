package broker

import (
	"errors"
	"net/url"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/authlib/provider"
)

const maxRedirect = 2048

// parseRedirect checks a redirect URI: https, http on a loopback host, or an
// app's private-use scheme (RFC 8252 §7); no fragment (RFC 6749 §3.1.2), no user.
func parseRedirect(s string) (*url.URL, error) {
	if s == "" || len(s) > maxRedirect {
		return nil, errors.New("it must have 1 to 2048 bytes")
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			return nil, errors.New("it contains a character that a URI cannot have")
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" {
		return nil, errors.New("it is not an absolute URI")
	}
	if strings.Contains(s, "#") || u.User != nil {
		return nil, errors.New("it has a fragment or a user")
	}
	switch {
	case strings.Contains(u.Host, "*"):
		return nil, errors.New("it has a wildcard; each address is registered by itself, and compared letter by letter")
	case u.Scheme == "https" && u.Hostname() != "":
	case u.Scheme == "http" && provider.IsLoopbackHost(u.Hostname()):
	case privateScheme(u.Scheme) && (u.Host != "" || u.Path != "" || u.Opaque != ""):
	default:
		return nil, errors.New("it must be https, http on a loopback host, or an app's own scheme")
	}
	return u, nil
}

// privateScheme reports whether s can be an app's own scheme: none that a browser
// or system gives a meaning.
func privateScheme(s string) bool {
	switch s {
	case "http", "https", "javascript", "vbscript", "livescript", "mocha", "microsoft-edge", "itms-services", "rdp", "data", "file", "filesystem", "blob", "about", "view-source",
		"ws", "wss", "ftp", "ftps", "sftp", "ssh", "smb", "mailto", "tel", "sms", "intent", "content", "resource",
		"jar", "chrome", "edge", "opera", "brave", "search-ms", "search", "urn", "cid", "mid", "news", "nntp", "ldap", "ldaps",
		"telnet", "gopher", "feed", "webcal", "callto", "facetime", "market", "android-app", "shell", "ms", "wyciwyg", "mhtml", "its", "mk", "res":
		return false
	}
	return !strings.HasPrefix(s, "ms-") && !strings.HasPrefix(s, "chrome-") && !strings.HasPrefix(s, "moz-")
}

// isLoopbackRedirect reports whether a native app listens at u.
func isLoopbackRedirect(u *url.URL) bool {
	return u.Scheme == "http" && provider.IsLoopbackHost(u.Hostname())
}

// matchRedirect reports whether requested is registered. It must be the same
// string, except that a native app may listen on any port of the same loopback
// host (RFC 8252 §7.3): localhost, 127.0.0.1 and [::1] are three hosts.
func matchRedirect(registered []string, requested string) bool {
	want, err := parseRedirect(requested)
	if err != nil {
		return false
	}
	for _, s := range registered {
		if s == requested {
			return true
		}
		have, err := parseRedirect(s)
		if err == nil && isLoopbackRedirect(want) && isLoopbackRedirect(have) && samePortless(have, want) {
			return true
		}
	}
	return false
}

func samePortless(a, b *url.URL) bool {
	return a.Hostname() == b.Hostname() && a.EscapedPath() == b.EscapedPath() &&
		a.RawQuery == b.RawQuery && a.ForceQuery == b.ForceQuery
}

// answerURL adds parameters to a redirect URI and keeps its own query.
func answerURL(redirect string, params url.Values) string {
	sep := "?"
	if strings.Contains(redirect, "?") {
		sep = "&"
	}
	return redirect + sep + params.Encode()
}
