package wizard

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

func checkProviders(a Answers) []error {
	var errs []error
	if err := checkTogether(a.Provider); err != nil {
		errs = append(errs, err)
	}
	for _, flag := range []string{"issuer", "audience", "introspection-url"} {
		if v := field(flag).Get(a); v != nil {
			errs = append(errs, checkIssuerFlag(a, flag, v[0])...)
		}
	}
	return errs
}

// checkTogether refuses providers that one program can't have at once.
func checkTogether(providers []string) error {
	all := strings.Join(providers, ",")
	bad := func(what, cure string) error { return flagError("provider", all, what, cure) }
	has := func(p string) bool { return slices.Contains(providers, p) }
	users := len(Users(Answers{Provider: providers}))
	for i, p := range providers {
		if slices.Contains(providers[:i], p) {
			return bad("names "+Printable(p)+" twice", "name it once")
		}
	}
	switch {
	case has("dev") && users > 1:
		return bad("dev lets in whoever sits at this machine, and serves nobody else, so that the others would be of no use",
			"use dev by itself while you develop, and the others for what you deploy")
	case has("jwt") && users > 0:
		return bad("with jwt clients are sent to another authorization server, and with the others to this program; a client goes to one of them",
			"name jwt, or those where users sign in")
	}
	return nil
}

// checkIssuerFlag refuses a value where no provider reads it, and what is no URL.
func checkIssuerFlag(a Answers, flag, v string) []error {
	readers := []string{"jwt"}
	if flag == "issuer" {
		readers = []string{"oidc", "jwt"}
	}
	if len(a.Provider) > 0 && !slices.ContainsFunc(a.Provider, func(p string) bool { return slices.Contains(readers, p) }) {
		return []error{flagError(flag, v, "has a meaning only for --provider "+or(readers), "leave it out")}
	}
	if flag == "audience" {
		return nil // any string will do: some issuers name servers by a number
	}
	if err := checkIssuerURL(flag, v); err != nil {
		return []error{err}
	}
	return nil
}

// checkIssuerURL wants what the migrated program wants at start (RFC 8414 §2).
func checkIssuerURL(flag, v string) error {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return flagError(flag, v, "is not an absolute URL", "write, say, https://login.example.com")
	case u.User != nil || u.RawQuery != "" || strings.Contains(v, "#"):
		return flagError(flag, v, "holds a user name, query or fragment", "write scheme, host and path only")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return flagError(flag, v, "is not encrypted", "use https; http is for localhost only")
	}
	return nil
}

func checkResourceURL(a Answers) []error {
	if a.ResourceURL == "" {
		return nil
	}
	u, err := url.Parse(a.ResourceURL)
	bad := func(what, cure string) []error {
		return []error{flagError("resource-url", a.ResourceURL, what, cure)}
	}
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return bad("is not an absolute URL", "write, say, https://mcp.example.com/mcp")
	case u.User != nil || u.Fragment != "" || u.RawQuery != "":
		// RFC 8707 §2: a resource has no fragment, and should have no query.
		return bad("holds a user name, query or fragment", "write scheme, host and path only")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return bad("is not encrypted", "use https; http is for localhost only")
	case slices.Contains(a.Provider, "dev") && !loopback(u.Hostname()):
		return bad("the dev provider works on this machine only", "use a localhost URL, or another --provider")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
