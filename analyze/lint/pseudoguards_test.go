package lint_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/docs/rules"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fast"
	"github.com/mcp-migrate/mcp-migrate/internal/load/fixture"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk/all"
)

// pseudo are the findings about code that looks like a check; what is next to it in the
// fixture and is none of that is not here.
var pseudo = []string{
	`factory/main.go:15 MCP014 warning the function that picks a request's server reads a credential`,
	`tasks/main.go:25 MCP010 warning the tool "reindex" runs as a task, which passes the server's tool middleware that looks at who is calling by`,
	`tasks/main.go:28 MCP010 note the tool "copy" runs as a task, which passes the server's tool middleware by`,
	`unchecked/main.go:20 MCP011 warning "there" looks like a check and lets callers in whose credential nobody verified`,
	`unchecked/main.go:30 MCP011 warning "read" looks like a check and lets callers in whose credential nobody verified`,
	`unchecked/main.go:39 MCP013 note a credential is compared with == or !=`,
	`unchecked/main.go:48 MCP012 error what "equal" gives back is thrown away`,
	`unchecked/main.go:49 MCP012 error what "there" gives back is thrown away`,
}

func TestPseudoGuards(t *testing.T) {
	wantPseudo(t, analysed(t, "pseudo.txtar", analyze.Options{}))
}

func TestPseudoGuardsAsSkimmed(t *testing.T) {
	testdata := filepath.Join("..", "testdata")
	dir := fixture.Unpack(t, filepath.Join(testdata, "pseudo.txtar"), map[string]string{
		"go.mod": filepath.Join(testdata, "sdks.mod"),
		"go.sum": filepath.Join("..", "..", "go.sum"),
	})
	p, err := fast.Load(t.Context(), fast.Options{Dir: dir, SDKs: all.Modules()})
	if err != nil {
		t.Fatal(err)
	}
	r, err := analyze.Analyze(t.Context(), p, all.Specs(), analyze.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantPseudo(t, r)
}

func wantPseudo(t *testing.T, r *analyze.Result) {
	t.Helper()
	var got []string
	for _, d := range lint.Check(r) {
		if d.Rule >= "MCP010" && d.Rule <= "MCP014" {
			got = append(got, short(d))
			if d.Column == 0 || d.Cure == "" {
				t.Errorf("incomplete finding: %+v", d)
			}
		}
	}
	if !slices.Equal(got, pseudo) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(pseudo, "\n"))
	}
}

// Every rule that a finding may have has a page.
func TestRulesHavePages(t *testing.T) {
	for _, id := range []string{
		lint.RuleUnprotected, lint.RuleUnknown, lint.RulePolicy, lint.RuleNotAGuard, lint.RuleBeside,
		lint.RuleTasks, lint.RuleUnchecked, lint.RuleDiscarded, lint.RuleEqual, lint.RuleFactory, lint.RuleTrust, lint.RuleArguments,
	} {
		if _, found := rules.Page(id); !found {
			t.Errorf("%s has no page", id)
		}
	}
}
