package analyze_test

import (
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// TestChecksOfTools: what checks around handlers and in them demand is what they do to
// every caller, however it is written. What can't be read says why. With the fast loader
// it is the same (TestLoadersAgree).
func TestChecksOfTools(t *testing.T) {
	want := map[string]string{
		"one":             "wrapper requireScope: all scope repo:read",
		"constant":        "wrapper requireScope: all scope admin:all",
		"any":             "wrapper requireAny: any scope a,b",
		"any_of_one":      "wrapper requireAny: all scope a",
		"any_of_variable": "wrapper requireAny: any scope repo:admin,repo:write",
		"all":             "wrapper requireAll: all scope a,b",
		"each":            "wrapper requireEach: all scope a,b",
		"method":          "wrapper roles: any role admin,editor",
		"method_value":    "wrapper admins: all role admin",
		"chain":           "wrapper requireScope: all scope a; wrapper roles: all role admin",
		"local":           "wrapper requireScope: all scope a",
		"pair":            "wrapper requireScope: all scope a",
		"plain_pair":      "",
		"logged":          "",

		"dynamic":   "wrapper requireScope: it goes by what os.Getenv gives (wrappers/main.go:31)",
		"through_1": "wrapper requireScope: it goes by scope, which is not a constant (wrappers/main.go:31)",
		"through_2": "wrapper requireScope: it goes by scope, which is not a constant (wrappers/main.go:31)",
		"audited":   "wrapper auditedScope: it calls log.Printf, which would be missed (wrappers/main.go:133)",
		"present":   "wrapper requireScopes: it compares nothing that a caller holds with what it demands: whoever is there passes",
		"header":    "wrapper requireScopeHeader: it goes by a header of the request, which whoever calls can set (wrappers/main.go:152)",
		"off":       "wrapper requireScopeOff: it compares nothing that a caller holds with what it demands: whoever is there passes",
		"mixed":     "wrapper mixedScopes: whom it lets through is neither all of its names nor any one of them",
		"banned":    "wrapper bannedScope: whom it lets through is neither all of its names nor any one of them",
		"prefix":    "wrapper prefixScope: it goes by what strings.HasPrefix gives (wrappers/main.go:189)",
		"first":     "wrapper firstScope: whom it lets through is neither all of its names nor any one of them",
		"counted":   "wrapper countedScopes: it goes by how many there are of something (wrappers/main.go:217)",
		"more":      "wrapper scopeAndMore: it calls context.WithValue, which would be missed (wrappers/main.go:229)",
		"soft":      "wrapper softScope: it calls mcp.NewToolResultText, which would be missed (wrappers/main.go:236)",

		"boolean":         "body hasScope: all scope admin",
		"by_error":        "body requireScope: all scope repo:write",
		"twice":           "body requireScope: all scope a,b",
		"either":          "body hasScope: any scope a,b",
		"one_and_either":  "body the check: all scope a any scope b,c",
		"both":            "body the check: all role admin all scope repo",
		"one_role":        "body the check: any role admin,owner",
		"permission":      "body the check: all permission notes:delete",
		"from_request":    "body the check: all scope repo",
		"after_arguments": "body hasScope: all scope repo",
		"by_argument":     "body hasScope: it goes by what the request says (Scope), which its sender chooses (bodies/main.go:26)",
		"for_some":        "body hasScope: it goes by what the request says (Repo), which its sender chooses (bodies/main.go:152)",
		"after_answer":    "body hasScope: it goes by what the request says (Repo), which its sender chooses (bodies/main.go:159)",
		"audited_too":     "body hasScope: it calls log.Print, which would be missed (bodies/main.go:170)",
		"unread":          "",
	}
	got := map[string]string{}
	for _, s := range read(t, "decorators.txtar").Servers {
		for _, tool := range s.Tools {
			got[tool.Name] = checksText(tool)
		}
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %s; want %s", name, got[name], text)
		}
		delete(got, name)
	}
	for name, text := range got {
		t.Errorf("%s: %s", name, text)
	}
}

func checksText(r *analyze.Registration) string {
	var out []string
	for _, c := range r.Checks {
		text := string(c.Form) + " " + c.Name + ": " + c.Why
		for _, d := range c.Demands {
			if len(d.All) > 0 {
				text += "all " + string(d.Of) + " " + strings.Join(d.All, ",") + " "
			}
			if len(d.Any) > 0 {
				text += "any " + string(d.Of) + " " + strings.Join(d.Any, ",") + " "
			}
		}
		if c.Bound != "" {
			text += "bound: " + c.Bound
		}
		out = append(out, strings.TrimSpace(text))
	}
	return strings.Join(out, "; ")
}
