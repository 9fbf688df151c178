package probe

import (
	"context"
	"fmt"
	"slices"
)

// exposed deals with the tools that a server with public ones lists to strangers:
// those that are meant to be public must be served, any other is a fault, and when
// nobody said what is meant, that is not proven either way. It returns them.
func (v *verifier) exposed(ctx context.Context) []Tool {
	if !v.o.Optional {
		return nil
	}
	c := v.as("", Protocol20251125)
	if a, err := c.Initialize(ctx); err != nil || a.Result == nil {
		return nil // recorded already
	}
	defer v.end(ctx, c)
	tools, err := c.Tools(ctx)
	if err != nil {
		return nil
	}
	for _, t := range tools[:min(len(tools), maxCalls)] {
		v.expose(ctx, c, t)
	}
	for _, name := range v.o.Public {
		if !named(tools, name) {
			v.report.add(Check{Name: "stranger: tools/list " + quote(name), Request: "POST tools/list, no token", Expected: "the public tool in the list",
				Got: fmt.Sprintf("%d other tools", len(tools)), Outcome: Failed, Reason: "the tool is meant to be public, and strangers don't see it"})
		}
	}
	return tools
}

// expose records what is proven of one tool that strangers see. It is called only
// when it is meant to be public, and reads only or was named to be called.
func (v *verifier) expose(ctx context.Context, c *Client, t Tool) {
	check := Check{Name: "stranger: tools/call " + quote(t.Name), Request: "POST tools/call " + quote(t.Name) + ", no token"}
	public := slices.Contains(v.o.Public, t.Name)
	switch {
	case !public && len(v.o.Public) > 0:
		check.Expected, check.Outcome, check.Reason = expectChallenge, Failed, "strangers see the tool, and it is not named public; it was not called"
	case !public:
		check.Expected, check.Outcome, check.Reason = expectChallenge, NotTried, "strangers see the tool: it is public, or open by mistake; say which tools are public to have it judged"
	case !t.Annotations.ReadOnly && !slices.Contains(v.o.Call, t.Name):
		check.Expected, check.Outcome, check.Reason = "a result", NotTried, "it is public and not marked read-only: the call would run it"
	default:
		v.callPublic(ctx, c, t.Name, check)
		return
	}
	v.report.add(check)
}

func (v *verifier) callPublic(ctx context.Context, c *Client, name string, check Check) {
	check.Expected = "200 with a JSON-RPC result"
	a, err := c.CallTool(ctx, name, nil)
	switch {
	case err != nil:
		check.Outcome, check.Reason = Failed, err.Error()
	case a.Result == nil:
		check.Got, check.Outcome, check.Reason = seen(a), Failed, "the tool is meant to be public, and strangers are not served"
	default:
		check.Got, check.Outcome, check.Reason = seen(a), Allowed, "the tool is public: anybody may call it"
	}
	v.report.add(check)
}

func named(tools []Tool, name string) bool {
	return slices.ContainsFunc(tools, func(t Tool) bool { return t.Name == name })
}
