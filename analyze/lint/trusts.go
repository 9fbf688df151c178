package lint

import (
	"fmt"
	"go/token"

	"github.com/mcp-migrate/mcp-migrate/analyze"
)

// trusts lists what a person says is a check: what counts, so that nobody overlooks it,
// and what does not, so that nobody believes it.
func (c *checker) trusts() {
	for _, t := range c.r.Trusts {
		at := token.Position{Filename: t.File, Line: t.Line, Column: t.Column}
		what := "this comment"
		if t.Func != "" {
			what = quote(t.Func)
		}
		switch {
		case t.Fault != "":
			c.addAt(RuleTrust, Error, at, what+" is not trusted: "+t.Fault, faultCure(t))
		case t.Overruled != "":
			c.addAt(RuleTrust, Error, at, "what "+what+" says does not count, since the code shows otherwise: "+t.Overruled,
				"mend the check, or put authlib's Guard.Protect in front; a trust decides where the code is not understood, and nowhere else")
		case t.Used:
			c.addAt(RuleTrust, Warning, at, fmt.Sprintf("a server counts as protected because %s says so (%s), and not because it was proved", what, quote(t.Reason)),
				"check it by running it: mcp-migrate verify --url URL")
		default:
			c.addAt(RuleTrust, Warning, at, what+" is trusted, and nothing is protected because of it", "take it out")
		}
	}
}

func faultCure(t analyze.Trust) string {
	if t.SHA256 != "" {
		return "read the function and what it calls again, and then write that sha256"
	}
	return "put it right, or take it out"
}
