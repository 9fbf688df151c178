package lint

import (
	"fmt"
	"go/token"
	"path"
	"strings"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

const cureUpgrade = "run mcp-migrate upgrade"

// copies points at copies of authlib that are not what this version would copy. Whether
// a server is protected by one is another question: see [RuleUnknown].
func (c *checker) copies() {
	for _, own := range c.r.Copies {
		at := token.Position{Filename: path.Join(own.Dir, "manifest.json"), Line: 1, Column: 1}
		if len(own.Changed) > 0 {
			c.addAt(RuleCopy, Warning, at, "the copy of authlib was changed, so that nobody but you vouches for it: "+fewOf(own.Changed),
				"take the change back (mcp-migrate explain MCP006 says how), or make it outside of the copy")
		}
		if own.Old {
			c.addAt(RuleCopy, Warning, at, fmt.Sprintf("the copy of authlib is of version %s, and this is %s, which copies something else", quote(own.Version), quote(own.Latest)),
				cureOf(own))
		}
		if len(own.Hooks) > 0 {
			c.addAt(RuleCopy, Warning, at, "the adapter is older than the SDK in go.mod: it leaves out checks that the SDK has hooks for by now: "+fewOf(own.Hooks), cureUpgrade)
		}
		if len(own.Missing) > 0 {
			c.addAt(RuleCopy, Warning, at, "the adapter is newer than the SDK in go.mod: it uses hooks that the SDK does not have: "+fewOf(own.Missing), cureUpgrade)
		}
	}
}

// cureOf says what brings the two versions together.
func cureOf(own analyze.Copy) string {
	if own.NewerThanTool() {
		return "use the version of mcp-migrate that copied it, or a later one"
	}
	return cureUpgrade
}

// fewOf lists some of names, quoted.
func fewOf(names []string) string {
	const most = 5
	var list []string
	for i, name := range names {
		if i == most {
			list = append(list, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		list = append(list, quote(name))
	}
	return strings.Join(list, ", ")
}
