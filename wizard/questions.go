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
		allowQuestion(facts),
		storeQuestion(facts),
		requirementQuestion(facts),
		publicQuestion(facts),
		scopesQuestion(facts),
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
	return q
}

// allowQuestion applies as long as the provider may turn out to be a shared one:
// anybody can have an account there, so who may sign in must be said (threat T1).
func allowQuestion(facts Facts) Question {
	q := ask("allow", facts)
	q.Title = "Who may sign in?"
	q.Help = "user:NAME, org:NAME (a GitHub organization), several with commas, or anyone; dev needs none"
	q.Condition = func(a Answers, _ Facts) bool { return len(a.Provider) == 0 || sharedProvider(a) }
	q.Check = checkAllowSyntax
	return q
}

// sharedProvider reports whether strangers can have an account at a provider.
func sharedProvider(a Answers) bool {
	return slices.ContainsFunc(a.Provider, func(p string) bool { return p != "dev" })
}

func storeQuestion(facts Facts) Question {
	q := ask("store", facts)
	q.Title = "Where do sessions live?"
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
