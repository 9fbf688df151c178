package wizard

import (
	"slices"
	"strings"
)

// existingQuestion is asked only where a check of somebody else's stands already.
func existingQuestion(facts Facts) Question {
	q := ask("existing", facts)
	q.Title = "What becomes of the checks that are already there?"
	var found []string
	for _, c := range facts.checks(Answers{}) {
		found = append(found, Printable(c.Name)+" ("+c.Place+")")
	}
	q.Help = "Found: " + strings.Join(found, ", ")
	q.Condition = func(a Answers, f Facts) bool { return len(f.checks(a)) > 0 }
	return q
}

// stdioQuestion is asked only where a server is served over stdio and callers bring
// a credential that can be put into an environment.
func stdioQuestion(facts Facts) Question {
	q := ask("stdio", facts)
	q.Title = "What becomes of stdio?"
	q.Condition = func(a Answers, f Facts) bool { return f.stdio(a) && bringsCredential(a) }
	return q
}

// bringsCredential reports whether callers have what others issued, and need no
// browser for it.
func bringsCredential(a Answers) bool {
	return slices.ContainsFunc(a.Provider, func(p string) bool { return !brokered(p) })
}

// checkStdio refuses --stdio token where nobody could have a credential: over stdio
// there is no browser, and no page of ours to sign in on.
func checkStdio(a Answers) []error {
	if a.Stdio != "token" || len(a.Provider) == 0 || bringsCredential(a) {
		return nil
	}
	return []error{flagError("stdio", "token", "with --provider "+strings.Join(a.Provider, ",")+" callers sign in with a browser at the program's own pages, which it does not have over stdio",
		"use --provider jwt or apikey, or --stdio keep")}
}

// orStdio is what else cures --server of one that is not served over HTTP.
func orStdio(s ServerFact) string {
	if s.Stdio() {
		return ", or add --stdio token"
	}
	return ""
}
