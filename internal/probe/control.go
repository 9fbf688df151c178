package probe

import (
	"context"
	"fmt"
	"net/http"
)

// user is the positive control: a server that refuses everybody would pass
// every other check. It returns the tools that the user sees.
func (v *verifier) user(ctx context.Context) []Tool {
	const expected = "200 with a JSON-RPC result"
	if v.o.Token == "" {
		v.skip("user: initialize and tools/list", expected, "no token was given: that a signed-in user is served was not shown")
		return nil
	}
	for _, p := range []string{Protocol20250618, Protocol20251125} {
		c := v.as(v.o.Token, p)
		a, err := c.Initialize(ctx)
		if !v.served("user: initialize ("+p+")", "POST initialize, valid token", a, err) {
			return nil
		}
		if p == Protocol20251125 {
			return v.list(ctx, c)
		}
		v.end(ctx, c)
	}
	return nil
}

// served records a request that must be answered with a result.
func (v *verifier) served(name, request string, a *Answer, err error) bool {
	c := Check{Name: name, Request: request, Expected: "200 with a JSON-RPC result"}
	switch {
	case err != nil:
		c.Outcome, c.Reason = Failed, err.Error()
	case a.Status != http.StatusOK || a.Result == nil:
		c.Got, c.Outcome, c.Reason = seen(a), Failed, "a caller with a valid token is not served"
	default:
		c.Got, c.Outcome, c.Reason = seen(a), Allowed, "a caller with a valid token is served"
	}
	return v.report.add(c)
}

func (v *verifier) list(ctx context.Context, c *Client) []Tool {
	defer v.end(ctx, c)
	tools, err := c.Tools(ctx)
	check := Check{Name: "user: tools/list", Request: "POST tools/list, valid token", Expected: "a list of tools", Outcome: Allowed}
	check.Got = fmt.Sprintf("%d tools", len(tools))
	check.Reason = "a caller with a valid token sees the tools"
	if err != nil {
		check.Got, check.Outcome, check.Reason = "", Failed, err.Error()
	}
	v.report.add(check)
	return tools
}

// end closes the session that c opened, so that the server need not keep it.
// Servers without sessions refuse that; it doesn't matter here.
func (v *verifier) end(ctx context.Context, c *Client) {
	if c.Session != "" {
		_, _ = c.Do(ctx, http.MethodDelete)
	}
}
