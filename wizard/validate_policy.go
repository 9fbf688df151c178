package wizard

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// checkScopes refuses what is no scope-token of RFC 6749 §3.3: a quote or space
// would break the challenge header that carries it.
func checkScopes(flag string, scopes []string) []error {
	var errs []error
	for _, s := range scopes {
		if strings.ContainsFunc(s, func(r rune) bool { return r < 0x21 || r > 0x7e || r == '"' || r == '\\' }) {
			errs = append(errs, flagError(flag, s, "is not a scope", "use printable ASCII without spaces, quotes and backslashes; separate scopes with commas"))
		}
	}
	return errs
}

// checkRoles refuses what can't be told from the signs of MCP_ROLES, such as
// "admin=user:ada;auditor=org:acme".
func checkRoles(roles []string) []error {
	var errs []error
	for _, r := range roles {
		if len(r) > 100 || strings.ContainsFunc(r, func(c rune) bool { return c < 0x21 || c > 0x7e || strings.ContainsRune(`,;="\*?`, c) }) {
			errs = append(errs, flagError("tool-roles", r, "is not a role", "use printable ASCII without spaces, quotes, and any of ; = \\ * ?"))
		}
	}
	return errs
}

// checkToolNames checks every glob of the policy against the tools that were found.
func checkToolNames(a Answers, f Facts) []error {
	errs := checkGlobs("public", a.Public, a, f)
	for _, of := range []struct {
		flag, what string
		rules      map[string][]string
	}{{"tool-scopes", "scopes", a.ToolScopes}, {"tool-any-scopes", "scopes", a.ToolAnyScopes}, {"tool-roles", "role", a.ToolRoles}} {
		errs = append(errs, checkGlobs(of.flag, sortedKeys(of.rules), a, f)...)
		for _, name := range ExpandTools(a.Public, f.ToolNames(a)) {
			for _, glob := range sortedKeys(of.rules) {
				if MatchTool(glob, name) {
					errs = append(errs, flagError(of.flag, formatRules(map[string][]string{glob: of.rules[glob]})[0],
						fmt.Sprintf("the tool %s is also public, which needs no %s", Printable(name), of.what), "leave it out of one of --public and --"+of.flag))
				}
			}
		}
	}
	return errs
}

// checkGlobs refuses a glob that matches no tool found: it would protect or open
// something else than its author thinks. That holds for names of dynamic tools
// too: the policy could not say what they need, so --unlisted decides on them.
func checkGlobs(flag string, globs []string, a Answers, f Facts) []error {
	names := f.ToolNames(a)
	var errs []error
	for _, g := range globs {
		if len(ExpandTools([]string{g}, names)) > 0 {
			continue
		}
		cure := "tools found: " + printableList(names)
		if f.hasDynamicTools(a) {
			cure += "; tools whose names are made at run time follow --unlisted"
		}
		if s := Suggest(g, names); s != "" {
			cure = "did you mean " + Printable(s) + "? " + cure
		}
		errs = append(errs, flagError(flag, g, "matches no tool", cure))
	}
	return errs
}

func printableList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = Printable(n)
	}
	return orNone(out)
}

func checkAuthlibDir(a Answers) []error {
	d := a.AuthlibDir
	bad := func(what string) []error {
		return []error{flagError("authlib-dir", d, what, "name a folder inside the module, such as internal/authlib")}
	}
	switch {
	case d == "":
		return nil
	case path.IsAbs(d) || strings.Contains(d, `\`) || path.Clean(d) != d || d == "." || d == ".." || strings.HasPrefix(d, "../"):
		return bad("is not a plain relative path with forward slashes")
	}
	for _, part := range strings.Split(d, "/") {
		// The go command leaves these folders out, so the copy would not be built.
		if part == "vendor" || part == "testdata" || part[0] == '.' || part[0] == '_' {
			return bad("holds a folder that the go command ignores")
		}
	}
	return nil
}

// Notes returns what a careful reader would want to hear about answers that are
// allowed: public tools that change things, and an answer without effect.
func Notes(a Answers, f Facts) []string {
	var notes []string
	for _, name := range ExpandTools(a.Public, f.ToolNames(a)) {
		if t, ok := f.tool(a, name); ok && !t.ReadOnly {
			notes = append(notes, fmt.Sprintf("%s: tool %s becomes public and is not annotated read-only", t.Place, Printable(name)))
		}
	}
	if len(a.Provider) > 0 && !Brokered(a) && a.Store != "" && !slices.Equal([]string{a.Store}, field("store").Default) {
		notes = append(notes, fmt.Sprintf("--store %s has no effect: with --provider %s the program keeps no sessions", Printable(a.Store), strings.Join(a.Provider, ",")))
	}
	if a.Stdio == "token" && !f.stdio(a) {
		notes = append(notes, "--stdio token has no effect: no server that was chosen is served over stdio")
	}
	if (a.Existing == "add" || a.Existing == "replace") && len(f.checks(a)) == 0 {
		notes = append(notes, "--existing "+a.Existing+" has no effect: no check of anybody else's was found")
	}
	return notes
}

func sortedKeys(m map[string][]string) []string { return slices.Sorted(maps.Keys(m)) }
