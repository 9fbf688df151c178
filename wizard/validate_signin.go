package wizard

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

func checkProviders(a Answers) []error {
	var errs []error
	if len(a.Provider) > 1 {
		errs = append(errs, flagError("provider", strings.Join(a.Provider, ","), "several providers at once are not supported yet by this version", "name one"))
	}
	for _, f := range Fields() {
		if f.Flag != "issuer" && f.Flag != "audience" && f.Flag != "introspection-url" {
			continue
		}
		if v := f.Get(a); v != nil {
			errs = append(errs, flagError(f.Flag, v[0], "has a meaning only for the providers oidc and jwt, which are not supported yet by this version", "leave it out"))
		}
	}
	return errs
}

// githubName matches user and organization names: letters, digits and single
// hyphens, and an underscore for managed users of an enterprise.
var githubName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$`)

// checkAllowSyntax checks the form of each entry, whatever the provider.
func checkAllowSyntax(values []string) error {
	if len(values) == 0 {
		return flagError("allow", "", "nobody could sign in", "name user:NAME, org:NAME or anyone")
	}
	for _, v := range values {
		if err := checkAllowEntry(v); err != nil {
			return err
		}
	}
	if len(values) > 1 && slices.Contains(values, "anyone") {
		return flagError("allow", strings.Join(values, ","), "anyone makes the other entries meaningless", "name either anyone or the others")
	}
	return nil
}

func checkAllowEntry(v string) error {
	if v == "anyone" {
		return nil
	}
	kind, name, ok := strings.Cut(v, ":")
	kinds := []string{"user", "org", "domain"}
	switch {
	case !ok:
		cure := "write user:" + Printable(v) + ", org:" + Printable(v) + " or anyone"
		if Suggest(v, []string{"anyone"}) != "" {
			cure = "did you mean anyone?"
		}
		return flagError("allow", v, "does not say what it names", cure)
	case !slices.Contains(kinds, kind):
		cure := "use user:NAME, org:NAME, domain:NAME or anyone"
		if s := Suggest(kind, kinds); s != "" {
			cure = "did you mean " + s + ":" + Printable(name) + "?"
		}
		return flagError("allow", v, "unknown kind", cure)
	case kind == "domain":
		return checkDomain(v, name)
	case !githubName.MatchString(name):
		return flagError("allow", v, "is not a name", "use the login name, letters, digits, - and _ only, without @")
	}
	return nil
}

var domainName = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

func checkDomain(v, name string) error {
	if !domainName.MatchString(name) {
		return flagError("allow", v, "is not a domain name", "write, say, domain:example.com")
	}
	return nil
}

// checkAllow checks the entries against what the provider can tell of a user.
func checkAllow(a Answers) []error {
	if a.Allow == nil || len(a.Allow) == 0 && !sharedProvider(a) {
		return nil
	}
	if err := checkAllowSyntax(a.Allow); err != nil {
		return []error{err}
	}
	var errs []error
	for _, v := range a.Allow {
		kind, _, _ := strings.Cut(v, ":")
		switch {
		case kind == "domain" && slices.Contains(a.Provider, "github"):
			errs = append(errs, flagError("allow", v, "GitHub accounts belong to no domain", "use user:NAME or org:NAME"))
		case (kind == "domain" || kind == "org") && slices.Contains(a.Provider, "dev"):
			errs = append(errs, flagError("allow", v, "the dev provider knows user names only", "use user:NAME, or leave --allow out"))
		}
	}
	return errs
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
