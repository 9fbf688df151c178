package lint

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

const cureProtect = "refuse the request in front of the handler: authlib's Guard.Protect"

// pseudoGuards points at code that looks like a check of callers, and is none or less.
func (c *checker) pseudoGuards() {
	for _, p := range c.r.PseudoGuards {
		switch p.Kind {
		case analyze.PseudoTasks:
			c.tasks(p)
		case analyze.PseudoUnchecked:
			c.add(RuleUnchecked, Warning, p.Site,
				fmt.Sprintf("%s looks like a check and lets callers in whose credential nobody verified: %s", quote(p.Name), p.Why),
				"verify it: compare it with a secret in constant time, or run a verifier that looks at signature, issuer and audience; or put authlib's Guard.Protect in front")
		case analyze.PseudoDiscarded:
			c.add(RuleDiscarded, Error, p.Site,
				fmt.Sprintf("what %s gives back is thrown away: it wraps a handler, and the handler itself stays as open as it was", quote(p.Name)),
				"serve what the guard returns, and nothing else")
		case analyze.PseudoEqual:
			c.add(RuleEqual, Note, p.Site,
				"a credential is compared with == or !=: how long that takes tells how much of it is right",
				"compare the SHA-256 of both with crypto/subtle's ConstantTimeCompare")
		case analyze.PseudoFactory:
			c.add(RuleFactory, Warning, p.Site,
				"the function that picks a request's server reads a credential: it can't answer 401, and is not asked again for a session that is there",
				cureProtect)
		}
	}
}

// tasks points at a tool that runs past the middleware of its server.
func (c *checker) tasks(p analyze.PseudoGuard) {
	sev, what := Note, "tool middleware"
	if p.Asks {
		sev, what = Warning, "tool middleware that looks at who is calling"
	}
	c.add(RuleTasks, sev, p.Site,
		fmt.Sprintf("the tool %s runs as a task, which passes the server's %s by", quote(p.Name), what),
		"decide in front of the handler, by authlib's Guard.Protect and its policy, or in a tool filter as well", c.related(p.Other, "the middleware is installed here"))
}
