package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
)

// Policy files are compared with what is registered, as literals are, and findings
// stand in the file. What is not known is said, and nothing is concluded from it.
func TestPolicyFiles(t *testing.T) {
	const (
		unnamed = `MCP003 warning the policy does not name the tool "forgotten"`
		unknown = `MCP003 note it is not known what the policy says`
	)
	want := map[string][]string{
		"embedfs":     {"embedfs/etc/policy.yaml:3:3 MCP003 warning the policy names the tool \"absent\", which is not registered on any server that it guards", "embedfs/main.go:28:12 " + unnamed},
		"embedbytes":  {"embedbytes/main.go:28:12 " + unnamed},
		"embedtext":   nil,
		"written":     {"written/main.go:26:12 " + unnamed},
		"relative":    nil,
		"helper":      {"helper/main.go:19:17 " + unknown},
		"folder":      nil,
		"literal":     nil,
		"changed":     nil, // what it says in the end is not known
		"two":         {"two/main.go:14:17 " + unknown},
		"computed":    {"computed/main.go:15:17 " + unknown},
		"absolute":    {"absolute/main.go:14:17 " + unknown},
		"missing":     {"missing/main.go:14:17 " + unknown},
		"notembedded": {"notembedded/main.go:18:17 " + unknown},
		"outside":     {"outside/main.go:14:17 " + unknown},
		"given":       {"given/main.go:17:17 " + unknown},
		"faulty": {
			"faulty/policy.yaml:2:11 MCP003 error the program refuses its policy file",
			"faulty/policy.yaml:3:13 MCP003 error the program refuses its policy file",
		},
	}
	got := map[string][]string{}
	for _, d := range lint.Check(analysed(t, "policyfiles.txtar", analyze.Options{})) {
		msg, _, _ := strings.Cut(d.Message, ":")
		program, _, _ := strings.Cut(d.File, "/")
		got[program] = append(got[program], fmt.Sprintf("%s:%d:%d %s %s %s", d.File, d.Line, d.Column, d.Rule, d.Severity, msg))
		if d.Cure == "" {
			t.Errorf("no cure: %+v", d)
		}
	}
	for program := range got {
		if _, ok := want[program]; !ok {
			t.Errorf("%s: %q", program, got[program])
		}
	}
	for program, lines := range want {
		if strings.Join(got[program], "\n") != strings.Join(lines, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", program, strings.Join(got[program], "\n"), strings.Join(lines, "\n"))
		}
	}
}
