package lint

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// arguments points at tools that have a credential among their arguments: a model fills
// those in, so that it, its maker and each log on the way have seen the credential. It is
// one over stdio as well.
func (c *checker) arguments(s *analyze.Server) {
	for _, t := range s.Tools {
		if len(t.Credentials) == 0 {
			continue
		}
		name := quote(t.Name)
		if t.Dynamic {
			name = "with a name that is computed"
		}
		c.add(RuleArguments, Warning, t.Defined,
			fmt.Sprintf("the tool %s takes what looks like a credential as an argument (%s): the model that calls it, and every log on the way, gets to see it", name, fewOf(t.Credentials)),
			"take it from where no model writes: the caller's from the Authorization header (authlib.FromContext says who it is), one of another service from the environment or a store, by its name")
	}
}
