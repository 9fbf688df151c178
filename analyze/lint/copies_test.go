package lint_test

import (
	"go/token"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/analyze/lint"
	"github.com/mcp-migrate/mcp-migrate/internal/load"
)

// A copy of authlib that is not what this version copies is a warning at its manifest,
// for each thing that is to be said; one that is, is none.
func TestCopies(t *testing.T) {
	current := analyze.Copy{Dir: "a/authlib", Version: "v1.0.0", Latest: "v1.0.0"}
	for name, test := range map[string]struct {
		change func(*analyze.Copy)
		want   []string // in messages and cures
	}{
		"current":                 {func(*analyze.Copy) {}, nil},
		"old":                     {func(c *analyze.Copy) { c.Old, c.Latest = true, "v1.1.0" }, []string{`of version "v1.0.0", and this is "v1.1.0"`, "run mcp-migrate upgrade"}},
		"newer than the tool":     {func(c *analyze.Copy) { c.Old, c.Latest = true, "v0.9.0" }, []string{`and this is "v0.9.0"`, "use the version of mcp-migrate that copied it"}},
		"changed":                 {func(c *analyze.Copy) { c.Changed = strings.Fields("a b c d e f g") }, []string{`was changed`, `"a", "b", "c", "d", "e", and 2 more`, "take the change back"}},
		"older than its SDK":      {func(c *analyze.Copy) { c.Hooks = []string{"prompts"} }, []string{`older than the SDK in go.mod`, `"prompts"`, "run mcp-migrate upgrade"}},
		"newer than its SDK":      {func(c *analyze.Copy) { c.Missing = []string{"init"} }, []string{`newer than the SDK in go.mod`, `"init"`, "run mcp-migrate upgrade"}},
		"a name that is no name":  {func(c *analyze.Copy) { c.Changed = []string{"a\n::error::"} }, []string{`"a\n::error::"`}},
		"a version that is a lie": {func(c *analyze.Copy) { c.Old, c.Version = true, "v1\x1b[31m" }, []string{`"v1\x1b[31m"`}},
	} {
		t.Run(name, func(t *testing.T) {
			c := current
			test.change(&c)
			found := lint.Check(&analyze.Result{Program: &load.Program{Fset: token.NewFileSet()}, Copies: []analyze.Copy{c}})
			if c.Current() != (len(found) == 0) || (len(test.want) == 0) != c.Current() {
				t.Fatalf("%d findings, want %q", len(found), test.want)
			}
			for _, d := range found {
				if d.Rule != lint.RuleCopy || d.Severity != lint.Warning || d.File != "a/authlib/manifest.json" || d.Line != 1 {
					t.Errorf("%+v", d)
				}
				for _, want := range test.want {
					if !strings.Contains(d.Message+"\n"+d.Cure, want) {
						t.Errorf("%s\n%s\nwant %s", d.Message, d.Cure, want)
					}
				}
			}
		})
	}
}
