package wizard

import (
	"fmt"
	"slices"
	"strings"
)

// Validate returns everything that keeps the answers from being acted on; nil
// means they are complete and make sense for these facts. Every error names the
// flag, the value and the cure.
func Validate(a Answers, f Facts) []error {
	errs := ValidateValues(a)
	for _, q := range Missing(a, f) {
		errs = append(errs, flagError(q.Flag, "", "is missing", q.hint()))
	}
	errs = append(errs, checkServers(a, f)...)
	errs = append(errs, checkPublic(a)...)
	return append(errs, checkToolNames(a, f)...)
}

// ValidateValues returns what is wrong with the answers whatever the program is
// like. Answers that are still missing are no fault here, so that a wrong flag is
// reported before anything is analysed.
func ValidateValues(a Answers) []error {
	var errs []error
	for _, f := range Fields() {
		if err := checkChoices(f, f.Get(a)); err != nil {
			errs = append(errs, err)
		}
	}
	errs = append(errs, checkProviders(a)...)
	errs = append(errs, checkAllow(a)...)
	errs = append(errs, checkScopes("scopes", a.Scopes)...)
	for _, name := range sortedKeys(a.ToolScopes) {
		errs = append(errs, checkScopes("tool-scopes", a.ToolScopes[name])...)
	}
	for _, name := range sortedKeys(a.ToolAnyScopes) {
		errs = append(errs, checkScopes("tool-any-scopes", a.ToolAnyScopes[name])...)
	}
	for _, name := range sortedKeys(a.ToolRoles) {
		errs = append(errs, checkRoles(a.ToolRoles[name])...)
	}
	if a.Requirement == "required" && len(a.Public) > 0 {
		errs = append(errs, publicNeedsOptional(a))
	}
	errs = append(errs, checkResourceURL(a)...)
	errs = append(errs, checkStdio(a)...)
	return append(errs, checkAuthlibDir(a)...)
}

// checkChoices refuses values that a field doesn't know, or can't act on yet.
func checkChoices(f Field, values []string) error {
	if len(f.Choices) == 0 {
		return nil
	}
	for _, v := range values {
		i := slices.IndexFunc(f.Choices, func(c Choice) bool { return c.Value == v })
		if i < 0 {
			return unknownValue(f, v)
		}
		if f.Choices[i].Later {
			return flagError(f.Flag, v, "not supported yet by this version", "use "+or(f.Known()))
		}
	}
	return nil
}

func unknownValue(f Field, v string) error {
	var all []string
	for _, c := range f.Choices {
		all = append(all, c.Value)
	}
	cure := "use " + or(f.Known())
	if s := Suggest(strings.ToLower(v), all); s != "" {
		cure = fmt.Sprintf("did you mean %s? known: %s", s, strings.Join(all, ", "))
	}
	return flagError(f.Flag, v, "unknown value", cure)
}

// or lists words as "a", "a or b", "a, b or c".
func or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func checkPublic(a Answers) []error {
	switch {
	case a.Requirement == "optional" && len(a.Public) == 0:
		return []error{flagError("requirement", "optional", "nothing is public, so nobody could use what it opens",
			"name public tools with --public, or use --requirement required")}
	case a.Requirement == "" && len(a.Public) > 0:
		return []error{publicNeedsOptional(a)}
	}
	return nil
}

func publicNeedsOptional(a Answers) error {
	return flagError("public", strings.Join(a.Public, ","), "with --requirement required every request needs a caller, so no tool can be public",
		"add --requirement optional, or leave --public out")
}

func checkServers(a Answers, f Facts) []error {
	var errs []error
	var ids []string
	for _, s := range f.Servers {
		ids = append(ids, s.ID)
	}
	for _, id := range a.Servers {
		i := slices.Index(ids, id)
		switch {
		case i < 0:
			cure := "servers found: " + orNone(ids)
			if s := Suggest(id, ids); s != "" {
				cure = "did you mean " + Printable(s) + "? " + cure
			}
			errs = append(errs, flagError("server", id, "no such server", cure))
		case !f.Servers[i].changes(a):
			errs = append(errs, flagError("server", id, "it is not served over HTTP, so there is nothing to protect", "leave it out"+orStdio(f.Servers[i])))
		}
	}
	return errs
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
