package lint

import (
	"fmt"
	"go/token"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// policies compares each policy with what is registered on the servers that it
// guards.
func (c *checker) policies() {
	var order []*analyze.Policy
	servers := map[*analyze.Policy][]*analyze.Server{}
	for _, s := range c.r.Servers {
		if s.Policy == nil {
			continue
		}
		if servers[s.Policy] == nil {
			order = append(order, s.Policy)
		}
		servers[s.Policy] = append(servers[s.Policy], s)
	}
	for _, p := range order {
		c.unread(p)
		if !p.Names() {
			continue // a policy that names nothing holds for everything
		}
		c.kind(p, servers[p], "tool", p.Tools, func(s *analyze.Server) []*analyze.Registration { return s.Tools })
		c.kind(p, servers[p], "prompt", p.Prompts, func(s *analyze.Server) []*analyze.Registration { return s.Prompts })
		c.kind(p, servers[p], "resource", p.Resources, func(s *analyze.Server) []*analyze.Registration { return s.Resources })
	}
}

// kind compares the names of tools, prompts or resources.
func (c *checker) kind(p *analyze.Policy, servers []*analyze.Server, kind string, rules map[string]analyze.PolicyRule, of func(*analyze.Server) []*analyze.Registration) {
	have, dynamic := map[string]bool{}, false
	for _, s := range servers {
		for _, reg := range of(s) {
			have[reg.Name] = true
			dynamic = dynamic || reg.Dynamic
			if _, ok := rules[reg.Name]; !ok && !reg.Dynamic && !p.Partial {
				c.unnamed(p, kind, reg)
			}
		}
	}
	for name, rule := range rules {
		if !have[name] && !dynamic {
			c.addAt(RulePolicy, Warning, c.placeOf(rule),
				fmt.Sprintf("the policy names the %s %s, which is not registered on any server that it guards", kind, quote(name)),
				"correct the name, or take the line out")
		}
	}
}

// placeOf returns where a rule stands, in Go or in a policy file.
func (c *checker) placeOf(rule analyze.PolicyRule) token.Position {
	if at := rule.At; at.File != "" {
		return token.Position{Filename: at.File, Line: at.Line, Column: at.Column}
	}
	return rule.Site.Position(c.r.Program.Fset)
}

// unread says why it is not known what a policy file says: with faults the program
// does not start, and otherwise nobody has compared it with what is registered.
func (c *checker) unread(p *analyze.Policy) {
	for _, f := range p.Faults {
		c.addAt(RulePolicy, Error, token.Position{Filename: f.File, Line: f.Line, Column: f.Column},
			"the program refuses its policy file: "+f.Problem, f.Cure, c.related(p.Site, "the program reads it here"))
	}
	if p.Unknown != "" && len(p.Faults) == 0 {
		c.add(RulePolicy, Note, p.Site, "it is not known what the policy says: "+p.Unknown,
			"let it be one that can be read: Go in the package of the server, or a file that is embedded and named by a constant")
	}
}

func (c *checker) unnamed(p *analyze.Policy, kind string, reg *analyze.Registration) {
	what := "nobody may use it"
	if p.UnlistedBase {
		what = "the base rule holds for it"
	}
	c.add(RulePolicy, Warning, reg.Defined,
		fmt.Sprintf("the policy does not name the %s %s: %s", kind, quote(reg.Name), what),
		fmt.Sprintf("add a rule for %s to the policy", quote(reg.Name)),
		c.related(p.Site, "the policy is here"))
}
