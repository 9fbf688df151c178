package wizard

import (
	"fmt"
	"slices"
	"strings"
)

// Questions returns what can't be known from the source, in the order in which
// it is asked. Every call returns fresh values.
func Questions(facts Facts) []Question {
	return []Question{
		providerQuestion(facts),
		issuerQuestion(facts),
		allowQuestion(facts),
		storeQuestion(facts),
		requirementQuestion(facts),
		publicQuestion(facts),
		scopesQuestion(facts),
		existingQuestion(facts),
		stdioQuestion(facts),
	}
}

// ask makes a question of a field.
func ask(flag string, facts Facts) Question {
	f := field(flag)
	q := Question{ID: f.Key, Flag: f.Flag, Kind: f.Kind, Default: f.Default, Required: f.Default == nil, Get: f.Get, Set: f.Set, facts: facts}
	for _, c := range f.Choices {
		if !c.Later {
			q.Choices = append(q.Choices, c)
		}
	}
	q.Check = func(v []string) error { return checkChoices(f, v) }
	return q
}

func providerQuestion(facts Facts) Question {
	q := ask("provider", facts)
	q.Title = "How do callers sign in?"
	q.Fits = func(_ Answers, v []string) error { return checkTogether(v) }
	return q
}

func issuerQuestion(facts Facts) Question {
	q := ask("issuer", facts)
	q.Title = "Which issuer?"
	q.Help = "its URL, exactly as its metadata spell it, such as https://login.example.com"
	q.Condition = func(a Answers, _ Facts) bool { return hasIssuer(a) }
	q.Check = func(v []string) error { return checkIssuerURL("issuer", strings.Join(v, ",")) }
	return q
}

// hasIssuer reports whether a provider is one that has to be named.
func hasIssuer(a Answers) bool {
	return slices.Contains(a.Provider, "oidc") || slices.Contains(a.Provider, "jwt")
}

// allowQuestion applies as long as the provider may turn out to be a shared one:
// anybody can have an account there, so who may sign in must be said (threat T1).
func allowQuestion(facts Facts) Question {
	q := ask("allow", facts)
	q.Title = "Who may sign in?"
	q.Help = "GitHub: user:NAME, org:NAME; Google, OIDC: user:ADDRESS, domain:NAME; several with commas, or anyone. Several providers: github:user:NAME"
	q.Condition = func(a Answers, _ Facts) bool { return len(a.Provider) == 0 || sharedProvider(a) }
	q.Check = checkAllowSyntax
	q.Fits = func(a Answers, v []string) error {
		a.Allow = v
		return firstError(checkAllow(a))
	}
	return q
}

// sharedProvider reports whether strangers can have an account at a provider
// whose users sign in here.
func sharedProvider(a Answers) bool {
	return slices.ContainsFunc(a.Provider, func(p string) bool { return p != "dev" && brokered(p) })
}

// Brokered reports whether users sign in at the migrated program itself, which
// then keeps sessions. Where it does not, it checks what others issued.
func Brokered(a Answers) bool { return len(Users(a)) > 0 }

// Users returns the providers at which users sign in, in the order of the answer.
func Users(a Answers) []string {
	var out []string
	for _, p := range a.Provider {
		if brokered(p) {
			out = append(out, p)
		}
	}
	return out
}

func brokered(provider string) bool { return provider != "jwt" && provider != "apikey" }

func storeQuestion(facts Facts) Question {
	q := ask("store", facts)
	q.Title = "Where do sessions live?"
	q.Condition = func(a Answers, _ Facts) bool { return len(a.Provider) == 0 || Brokered(a) }
	return q
}

func requirementQuestion(facts Facts) Question {
	q := ask("requirement", facts)
	q.Title = "Does every request need a caller?"
	return q
}

// publicQuestion is asked only where public tools are possible, and then an
// empty answer would contradict the one before.
func publicQuestion(facts Facts) Question {
	q := ask("public", facts)
	q.Title = "Which tools are public?"
	q.Help = "tool names, several with commas; * and ? match. " + listTools(facts)
	q.Required, q.Default = true, nil
	q.Condition = func(a Answers, _ Facts) bool { return a.Requirement == "optional" }
	q.Check = func(v []string) error { return firstError(checkGlobs("public", v, Answers{}, facts)) }
	return q
}

func listTools(facts Facts) string {
	names := facts.ToolNames(Answers{})
	const shown = 8
	if len(names) > shown {
		return fmt.Sprintf("Found: %s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
	}
	return "Found: " + strings.Join(names, ", ")
}

func scopesQuestion(facts Facts) Question {
	q := ask("scopes", facts)
	q.Title = "Which scopes does every non-public operation demand?"
	q.Help = "several with commas; empty: any user who may sign in"
	q.Check = func(v []string) error { return firstError(checkScopes("scopes", v)) }
	return q
}

func firstError(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	return errs[0]
}
