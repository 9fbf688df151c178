package wizard

import (
	"regexp"
	"slices"
	"strings"
)

// githubName matches user and organization names: letters, digits and single
// hyphens, and an underscore for managed users of an enterprise.
var githubName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$`)

// githubTeam matches a team's slug below its organization.
var githubTeam = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)

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
	for _, v := range values {
		at, rest := atProvider(v)
		others := slices.ContainsFunc(values, func(other string) bool {
			p, _ := atProvider(other)
			return other != v && (at == "" || p == at)
		})
		if rest == "anyone" && others {
			return flagError("allow", strings.Join(values, ","), Printable(v)+" makes the other entries meaningless", "name either "+Printable(v)+" or the others")
		}
	}
	return nil
}

// atProvider splits the provider off an entry that begins with one.
func atProvider(v string) (provider, entry string) {
	p, rest, ok := strings.Cut(v, ":")
	if ok && slices.Contains(providerNames(), p) {
		return p, rest
	}
	return "", v
}

func providerNames() []string {
	var names []string
	for _, c := range providers() {
		names = append(names, c.Value)
	}
	return names
}

func checkAllowEntry(v string) error {
	_, entry := atProvider(v)
	if entry == "anyone" {
		return nil
	}
	kind, name, ok := strings.Cut(entry, ":")
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
		} else if s := Suggest(kind, providerNames()); s != "" && strings.Contains(name, ":") {
			cure = "did you mean " + s + ":" + Printable(name) + "?"
		}
		return flagError("allow", v, "unknown kind", cure)
	case kind == "domain":
		return checkDomain(v, name)
	case githubName.MatchString(name), kind == "org" && githubTeam.MatchString(name), kind == "user" && address.MatchString(name), kind == "org" && domainName.MatchString(name):
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

// checkAllow checks the entries against what the providers can tell of a user.
func checkAllow(a Answers) []error {
	if a.Allow == nil || len(a.Allow) == 0 && len(a.Provider) > 0 && !sharedProvider(a) {
		return nil
	}
	if err := checkAllowSyntax(a.Allow); err != nil {
		return []error{err}
	}
	var errs []error
	for _, v := range a.Allow {
		if err := checkAllowAt(a, v); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return checkEveryProvider(a)
}

// checkAllowAt checks one entry against the providers that it may speak of.
func checkAllowAt(a Answers, v string) error {
	at, entry := atProvider(v)
	users := Users(a)
	switch {
	case len(a.Provider) == 0:
		return nil
	case len(users) == 0:
		p := strings.Join(a.Provider, ",")
		return flagError("allow", v, "nobody signs in here with --provider "+p, "leave it out; who issues the tokens or keys decides")
	case at != "" && !slices.Contains(users, at):
		return flagError("allow", v, "users don't sign in at "+at, "add --provider "+at+", or write one of "+strings.Join(users, ", "))
	case at == "" && entry != "anyone" && len(users) > 1:
		return flagError("allow", v, "does not say at which provider, and somebody else can have the name at another one", "write "+whereItFits(users, entry))
	case at == "":
		at = users[0]
	}
	return checkAllowFor(at, v)
}

// whereItFits returns the entry with the first provider whose users it can name.
func whereItFits(users []string, entry string) string {
	for _, p := range users {
		if checkAllowFor(p, entry) == nil {
			return p + ":" + Printable(entry)
		}
	}
	return users[0] + ":" + Printable(entry)
}

// checkEveryProvider refuses a provider at which nobody may sign in.
func checkEveryProvider(a Answers) []error {
	users := Users(a)
	if len(users) < 2 || slices.Contains(a.Allow, "anyone") {
		return nil
	}
	var errs []error
	for _, p := range users {
		if !slices.ContainsFunc(a.Allow, func(v string) bool { return strings.HasPrefix(v, p+":") }) {
			errs = append(errs, flagError("allow", strings.Join(a.Allow, ","), "nobody could sign in at "+p, "add, say, "+p+":anyone, or leave --provider "+p+" out"))
		}
	}
	return errs
}

// checkAllowFor checks one entry against what a provider tells of its users.
func checkAllowFor(provider, v string) error {
	_, entry := atProvider(v)
	kind, name, _ := strings.Cut(entry, ":")
	at := strings.Contains(name, "@")
	switch {
	case provider == "github" && kind == "domain":
		return flagError("allow", v, "GitHub accounts belong to no domain", "use user:NAME or org:NAME")
	case provider == "github" && at, provider == "github" && kind == "org" && !githubName.MatchString(name) && !githubTeam.MatchString(name):
		return flagError("allow", v, "is not a name at GitHub", "use the login name, letters, digits, - and _ only, without @")
	case provider == "dev" && (kind == "domain" || kind == "org"):
		return flagError("allow", v, "the dev provider knows user names only", "use user:NAME, or leave --allow out")
	case (provider == "google" || provider == "oidc") && kind == "user" && !at:
		return flagError("allow", v, "users of "+provider+" are known by their address", "write user:"+Printable(name)+"@example.com")
	case provider == "oidc" && kind == "org":
		return flagError("allow", v, "an OpenID Connect issuer tells no organizations", "use domain:NAME or user:ADDRESS")
	case provider == "google" && kind == "org" && !domainName.MatchString(name):
		return flagError("allow", v, "a Google organization is known by its domain", "write org:"+Printable(name)+".com")
	}
	return nil
}
