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
	for _, flag := range []string{"issuer", "audience", "introspection-url"} {
		if v := field(flag).Get(a); v != nil {
			errs = append(errs, checkIssuerFlag(a, flag, v[0])...)
		}
	}
	return errs
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
	case githubName.MatchString(name), kind == "user" && address.MatchString(name), kind == "org" && domainName.MatchString(name):
		return nil
	case kind == "user":
		return flagError("allow", v, "is not a name", "GitHub: the login name, letters, digits, - and _ only, without @; Google and OIDC: the address")
	}
	return flagError("allow", v, "is not a name", "use letters, digits, - and _ only, without @")
}

// address matches what users of Google and of OpenID Connect issuers are called.
var address = regexp.MustCompile(`^[^@\s,*?]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

var domainName = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

func checkDomain(v, name string) error {
	if !domainName.MatchString(name) {
		return flagError("allow", v, "is not a domain name", "write, say, domain:example.com")
	}
	return nil
}

// checkAllow checks the entries against what the provider can tell of a user.
func checkAllow(a Answers) []error {
	if a.Allow == nil || len(a.Allow) == 0 && len(a.Provider) > 0 && !sharedProvider(a) {
		return nil
	}
	if err := checkAllowSyntax(a.Allow); err != nil {
		return []error{err}
	}
	var errs []error
	for _, v := range a.Allow {
		for _, p := range a.Provider {
			if err := checkAllowFor(p, v); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errs
}

// checkAllowFor checks one entry against what a provider tells of its users.
func checkAllowFor(provider, v string) error {
	kind, name, _ := strings.Cut(v, ":")
	at := strings.Contains(name, "@")
	switch {
	case provider == "github" && kind == "domain":
		return flagError("allow", v, "GitHub accounts belong to no domain", "use user:NAME or org:NAME")
	case provider == "github" && at, provider == "github" && !githubName.MatchString(name) && kind == "org":
		return flagError("allow", v, "is not a name at GitHub", "use the login name, letters, digits, - and _ only, without @")
	case provider == "dev" && (kind == "domain" || kind == "org"):
		return flagError("allow", v, "the dev provider knows user names only", "use user:NAME, or leave --allow out")
	case (provider == "google" || provider == "oidc") && kind == "user" && !at:
		return flagError("allow", v, "users of "+provider+" are known by their address", "write user:"+Printable(name)+"@example.com")
	case provider == "oidc" && kind == "org":
		return flagError("allow", v, "an OpenID Connect issuer tells no organizations", "use domain:NAME or user:ADDRESS")
	case provider == "google" && kind == "org" && !domainName.MatchString(name):
		return flagError("allow", v, "a Google organization is known by its domain", "write org:"+Printable(name)+".com")
	case !brokered(provider):
		return flagError("allow", v, "nobody signs in here with --provider "+provider, "leave it out; who issues the tokens or keys decides")
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
