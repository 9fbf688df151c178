package authtest

import (
	"errors"
	"net/http"
)

// Expect401 makes sure that the server refuses whoever has not signed in as the MCP
// specification wants it: a request without a token gets 401 with a challenge that
// leads to metadata of this very server, one with a token that is none gets 401
// invalid_token. tool is one that is not public; "" tries a ping, which a server that
// lets strangers in may answer. The token of c is not used.
func (c *Client) Expect401(tool string) {
	c.t.Helper()
	ctx, cancel := timeout()
	defer cancel()
	message := request(1, "ping", nil)
	if tool != "" {
		message = request(1, "tools/call", map[string]any{"name": tool, "arguments": map[string]any{}})
	}
	for token, want := range map[string]string{"": "", "not-a-token": "invalid_token"} {
		status, header, body, err := c.exchange(ctx, token, "", message)
		if err != nil {
			c.t.Fatalf("authtest: %v", err)
		}
		challenge, err := bearer(header)
		if status != http.StatusUnauthorized || err != nil || challenge["error"] != want {
			c.t.Errorf("authtest: token %q is answered %d %v with the challenge %v, want 401 with error=%q: %s", token, status, err, challenge, want, excerpt(body))
			continue
		}
		if _, err := c.about(ctx, challenge["resource_metadata"]); err != nil {
			c.t.Errorf("authtest: %v", err)
		}
	}
}

// Expect403 makes sure that this caller may not call a tool, whatever its name may
// be to the server, and returns the refusal; nil where the test has failed.
func (c *Client) Expect403(tool string, args map[string]any) *Refusal {
	c.t.Helper()
	ctx, cancel := timeout()
	defer cancel()
	text, err := c.Call(ctx, tool, args)
	var no *Refusal
	if !errors.As(err, &no) || no.Status != http.StatusForbidden {
		c.t.Errorf("authtest: the call of %s is answered %q, %v; want 403", tool, text, err)
		return nil
	}
	return no
}

// MustCall is Call for what has to work: anything else ends the test.
func (c *Client) MustCall(tool string, args map[string]any) string {
	c.t.Helper()
	ctx, cancel := timeout()
	defer cancel()
	text, err := c.Call(ctx, tool, args)
	if err != nil {
		c.t.Fatalf("authtest: call %s: %v", tool, err)
	}
	return text
}

// MustListTools is Tools for what has to work: anything else ends the test.
func (c *Client) MustListTools() []string {
	c.t.Helper()
	ctx, cancel := timeout()
	defer cancel()
	names, err := c.Tools(ctx)
	if err != nil {
		c.t.Fatalf("authtest: list tools: %v", err)
	}
	return names
}
