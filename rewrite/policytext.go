package rewrite

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/authlib/provider/github"
	"github.com/mcp-migrate/mcp-migrate/wizard"
)

// policyText returns the authlib.Policy literal for servers. It names tools,
// prompts and resources only when an answer speaks of single tools: from then on
// what it does not name is refused, so everything found is named.
func policyText(servers []*analyze.Server, ans wizard.Answers) string {
	var out strings.Builder
	out.WriteString("authlib.Policy{\n")
	if len(ans.Scopes) > 0 {
		fmt.Fprintf(&out, "Base: authlib.Rule{AllScopes: []string{%s}},\n", quoteAll(ans.Scopes))
	}
	if perTool(ans) {
		writeRules(&out, "Tools", toolRules(servers, ans))
		writeRules(&out, "Prompts", plainRules(servers, func(s *analyze.Server) []*analyze.Registration { return s.Prompts }))
		writeRules(&out, "Resources", plainRules(servers, func(s *analyze.Server) []*analyze.Registration { return s.Resources }))
	}
	if impliedAtGitHub(ans) {
		out.WriteString("Implies: github.Implies(), // a token with repo has public_repo\n")
	}
	if ans.Unlisted == "base" { // which holds for methods of the program's own, too
		out.WriteString("Unlisted: authlib.UnlistedBase,\n")
	}
	out.WriteString("}")
	return out.String()
}

// impliedAtGitHub reports whether GitHub's hierarchy of scopes matters: one of those
// that are demanded includes another, and GitHub is the only one who grants any. The
// names of another issuer's scopes may mean something else.
func impliedAtGitHub(ans wizard.Answers) bool {
	if !uses(ans, "github") || len(ans.Provider) > 1 {
		return false
	}
	scopes := allScopes(ans)
	return slices.ContainsFunc(scopes, func(broad string) bool {
		included := github.ExpandScopes([]string{broad})[1:]
		return slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(included, s) })
	})
}

func perTool(ans wizard.Answers) bool {
	return len(ans.Public)+len(ans.ToolScopes)+len(ans.ToolAnyScopes)+len(ans.ToolRoles) > 0
}

// writeRules writes one map of the policy, sorted by name.
func writeRules(out *strings.Builder, field string, rules map[string]string) {
	if len(rules) == 0 {
		return
	}
	fmt.Fprintf(out, "%s: map[string]authlib.Rule{\n", field)
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		fmt.Fprintf(out, "%q: {%s},\n", name, rules[name])
	}
	out.WriteString("},\n")
}

func toolRules(servers []*analyze.Server, ans wizard.Answers) map[string]string {
	rules := map[string]string{}
	for _, s := range servers {
		for _, t := range s.Tools {
			if !t.Dynamic {
				rules[t.Name] = toolRule(t.Name, ans)
			}
		}
	}
	return rules
}

// toolRule returns the fields of one tool's rule.
func toolRule(name string, ans wizard.Answers) string {
	if matchesAny(ans.Public, name) {
		return "Public: true"
	}
	var fields []string
	if scopes := union(ans.ToolScopes, name); len(scopes) > 0 {
		fields = append(fields, "AllScopes: []string{"+quoteAll(scopes)+"}")
	}
	if scopes := union(ans.ToolAnyScopes, name); len(scopes) > 0 {
		fields = append(fields, "AnyScope: []string{"+quoteAll(scopes)+"}")
	}
	if roles := union(ans.ToolRoles, name); len(roles) > 0 {
		fields = append(fields, "AnyRole: []string{"+quoteAll(roles)+"}")
	}
	return strings.Join(fields, ", ")
}

func plainRules(servers []*analyze.Server, of func(*analyze.Server) []*analyze.Registration) map[string]string {
	rules := map[string]string{}
	for _, s := range servers {
		for _, r := range of(s) {
			if !r.Dynamic {
				rules[r.Name] = ""
			}
		}
	}
	return rules
}

// union returns the values of every pattern that matches name, sorted, once each.
func union(byPattern map[string][]string, name string) []string {
	var out []string
	for _, pattern := range slices.Sorted(maps.Keys(byPattern)) {
		if matchesAny([]string{pattern}, name) {
			out = append(out, byPattern[pattern]...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func matchesAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if wizard.MatchTool(p, name) {
			return true
		}
	}
	return false
}

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(quoted, ", ")
}

// allScopes returns every scope that an answer names, sorted, once each.
func allScopes(ans wizard.Answers) []string {
	out := slices.Clone(ans.Scopes)
	for _, byTool := range []map[string][]string{ans.ToolScopes, ans.ToolAnyScopes} {
		for _, scopes := range byTool {
			out = append(out, scopes...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
