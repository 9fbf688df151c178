package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// rolesVariable says who has which role, where users sign in. It is read at
// start and not written into the source: who is an admin changes more often than
// what an admin may do.
const rolesVariable = "MCP_ROLES"

// allRoles returns every role that an answer names, sorted, once each.
func allRoles(ans wizard.Answers) []string {
	var out []string
	for _, roles := range ans.ToolRoles {
		out = append(out, roles...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// rolesEnv returns the variables that say who has the roles.
func rolesEnv(ans wizard.Answers) []EnvVar {
	roles := allRoles(ans)
	if len(roles) == 0 {
		return nil
	}
	var vars []EnvVar
	switch {
	case uses(ans, "dev"):
		vars = append(vars, EnvVar{rolesVariable, false, fmt.Sprintf("Who has the roles %s: user names on the local sign-in page. Default: %s",
			strings.Join(roles, ", "), devRoles(ans))})
	case wizard.Brokered(ans):
		vars = append(vars, EnvVar{rolesVariable, true, fmt.Sprintf("Who has the roles %s, in the words of --allow, such as %s (nobody: no one has it).%s",
			strings.Join(roles, ", "), exampleRoles(ans), semicolons(roles))})
	}
	if uses(ans, "oidc") || uses(ans, "jwt") {
		vars = append(vars, EnvVar{"OIDC_ROLES_CLAIM", false, "Where the issuer says a user's roles: a claim, or a JSON pointer such as /realm_access/roles. Default: roles"})
	}
	return vars
}

// semicolons warns of what a shell makes of more than one role.
func semicolons(roles []string) string {
	if len(roles) < 2 {
		return ""
	}
	return " Where a shell reads it, put it in single quotes."
}

// devRoles gives each role to the user of its name, which is all that can be
// known of a user who types a name into a local page.
func devRoles(ans wizard.Answers) string {
	var rules []string
	for _, r := range allRoles(ans) {
		rules = append(rules, r+"=user:"+r)
	}
	return strings.Join(rules, ";")
}

// RolesFor returns a value of MCP_ROLES that gives every role of the answers to
// whom rule names, such as "user:ada".
func RolesFor(ans wizard.Answers, rule string) string {
	var rules []string
	for _, r := range allRoles(ans) {
		rules = append(rules, r+"="+rule)
	}
	return strings.Join(rules, ";")
}

// exampleRoles is a value of MCP_ROLES that gives the first role to somebody and
// the others to nobody.
func exampleRoles(ans wizard.Answers) string {
	var rules []string
	for _, p := range wizard.Users(ans) {
		rule := "user:ada@example.com"
		if p == "github" {
			rule = "user:octocat"
		}
		if len(wizard.Users(ans)) > 1 {
			rule = p + ":" + rule
		}
		rules = append(rules, rule)
	}
	all := []string{}
	for i, r := range allRoles(ans) {
		if i > 0 {
			rules = []string{"nobody"}
		}
		all = append(all, r+"="+strings.Join(rules, ","))
	}
	return strings.Join(all, ";")
}

// keysHelp shows where the roles of an API key are.
func keysHelp(help string, ans wizard.Answers) string {
	if roles := allRoles(ans); len(roles) > 0 {
		return strings.Replace(help, `"scopes": []`, fmt.Sprintf(`"scopes": [], "roles": [%s]`, quoteAll(roles)), 1)
	}
	return help
}
