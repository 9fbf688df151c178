package lint

import (
	"fmt"

	"github.com/mcp-migrate/mcp-migrate/analyze"
	"github.com/mcp-migrate/mcp-migrate/internal/sdk"
)

// byHandCode ends a cure that is left to a person.
const byHandCode = " (mcp-migrate explain MCP001 shows the code of such a check)"

const cureMigrate = "run mcp-migrate in the module, or wrap the handler with authlib's Guard.Protect"

// transport checks each place where a transport is served. stdio by itself is no
// finding: who can start a local process has its credentials already.
func (c *checker) transport(s *analyze.Server, t *analyze.Transport) {
	if len(t.Routes) == 0 {
		if t.Verdict == analyze.Unknown {
			c.unknown(s, t, t.New, t.Reason)
		}
		return
	}
	for _, r := range t.Routes {
		switch r.Verdict {
		case analyze.Unprotected:
			c.unprotected(s, t, r)
		case analyze.Unknown:
			c.unknown(s, t, r.Site, r.Reason)
		}
	}
}

func (c *checker) unprotected(s *analyze.Server, t *analyze.Transport, r *analyze.Route) {
	msg := fmt.Sprintf("anybody can call the MCP server %s over %s%s: %s%s",
		quote(s.ID), t.Kind, at(t, r), r.Reason, reach(s))
	c.add(RuleUnprotected, Error, r.Site, msg, cure(s), c.related(s.New, "the server is made here"))
}

// cure says what to do about an open server: where no adapter guards its SDK, by hand.
func cure(s *analyze.Server) string {
	if s.Spec != nil && s.Spec.ByHand != "" {
		return s.Spec.ByHand + byHandCode
	}
	return cureMigrate
}

func (c *checker) unknown(s *analyze.Server, t *analyze.Transport, site sdk.Site, reason string) {
	msg := fmt.Sprintf("it can't be told whether the MCP server %s asks its callers over %s who they are: %s", quote(s.ID), t.Kind, reason)
	cure := "put authlib's guard there, or check by running it: mcp-migrate verify --url URL; who knows that it refuses strangers may say so (mcp-migrate explain MCP015)"
	if s.Spec != nil && s.Spec.ByHand != "" {
		cure = s.Spec.ByHand + byHandCode + ", or check by running it: mcp-migrate verify --url URL"
	}
	c.add(RuleUnknown, Error, site, msg, cure,
		c.related(s.New, "the server is made here"))
}

// at names the path and address, where they are constants.
func at(t *analyze.Transport, r *analyze.Route) string {
	path := r.Pattern
	if r.Kind == analyze.RouteStart {
		path = t.Path
	}
	switch {
	case path != "" && r.Addr != "":
		return " at " + quote(r.Addr) + " " + quote(path)
	case path != "":
		return " at " + quote(path)
	case r.Addr != "":
		return " at " + quote(r.Addr)
	}
	return ""
}

// reach says how much is open.
func reach(s *analyze.Server) string {
	n, bad := len(s.Tools), 0
	for _, t := range s.Tools {
		if t.Destructive {
			bad++
		}
	}
	switch {
	case n == 0:
		return ""
	case bad > 0:
		return fmt.Sprintf(" (%d tools, %d of them marked destructive)", n, bad)
	case n == 1:
		return " (1 tool)"
	}
	return fmt.Sprintf(" (%d tools)", n)
}

// notGuards points at what looks like a check and is none, on servers that
// strangers may reach.
func (c *checker) notGuards(s *analyze.Server) {
	open := false
	for _, t := range s.Transports {
		if t.Kind != sdk.KindStreamable && t.Kind != sdk.KindSSE || t.Verdict == analyze.Protected {
			continue
		}
		open = true
		for _, site := range t.ContextFuncs {
			c.add(RuleNotAGuard, Warning, site,
				"a context function puts things into the request's context but can't refuse the request: it protects nothing by itself",
				"refuse the request in front of the handler: authlib's Guard.Protect")
		}
	}
	if !open {
		return
	}
	for _, site := range s.Hooks {
		c.add(RuleNotAGuard, Note, site,
			"middleware, filters and hooks of the server see only some requests (not lists, completions, subscriptions and tasks): they are no check of who is calling by themselves",
			"refuse the request in front of the handler: authlib's Guard.Protect")
	}
}
