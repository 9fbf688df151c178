package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// Some tools for everybody, one for those who were granted more: what a stranger
// may, what a user may, and how the SDK's client gets what it lacks.
func TestPerTool(t *testing.T) {
	for _, name := range []string{"mcpgo-full", "gosdk-full"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			h := newHouse(t, name, "--requirement", "optional", "--public", "list_notes",
				"--scopes", "notes:read", "--tool-scopes", "delete_note=notes:write")
			h.gh.SetUser(ada)
			p := h.startWith(t, h.vars...)
			defer p.Stop()
			h.strangers(t)
			h.stepUp(t)
		})
	}
}

// strangers may list and call what is public, and nothing else.
func (h *house) strangers(t *testing.T) {
	t.Helper()
	c := &probe.Client{URL: h.url()}
	if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize of a stranger: %+v, %v", a, err)
	}
	tools, err := c.Tools(t.Context())
	if err != nil || len(tools) != 1 || tools[0].Name != "list_notes" {
		t.Errorf("a stranger lists %+v, %v; want the public tool only", tools, err)
	}
	if a, err := c.CallTool(t.Context(), "list_notes", nil); err != nil || !strings.Contains(string(a.Result), h.Want) {
		t.Errorf("list_notes of a stranger: %+v, %v", a, err)
	}
	a, err := c.CallTool(t.Context(), "delete_note", h.Delete)
	h.mustRefuse(t, "delete_note of a stranger", a, err)
	a, err = c.Call(t.Context(), "prompts/get", map[string]any{"name": "summarize_notes"})
	h.mustRefuse(t, "a prompt of a stranger", a, err)
	a, err = c.Call(t.Context(), "resources/read", map[string]any{"uri": "notes://by-id/2"})
	h.mustRefuse(t, "a resource of a stranger", a, err)
}

// reads makes sure that the policy names the resource and the template that the
// server has, and opens nothing that it has not.
func (h *house) reads(t *testing.T, c *probe.Client) {
	t.Helper()
	for uri, want := range map[string]string{"notes://count": "notes://count", "notes://by-id/2": "call Ada"} {
		a, err := c.Call(t.Context(), "resources/read", map[string]any{"uri": uri})
		if err != nil || !strings.Contains(string(a.Result), want) {
			t.Errorf("a user reads %s: %+v, %v", uri, a, err)
		}
	}
	a, err := c.Call(t.Context(), "resources/read", map[string]any{"uri": "notes://by-id/2/x"})
	if err != nil || a.Status != http.StatusForbidden {
		t.Errorf("a user reads what nothing names: %+v, %v", a, err)
	}
	for method, want := range map[string]string{"resources/list": "notes://count", "resources/templates/list": "notes://by-id/{id}"} {
		if a, err := c.Call(t.Context(), method, nil); err != nil || !strings.Contains(string(a.Result), want) {
			t.Errorf("%s: %+v, %v", method, a, err)
		}
	}
}

// stepUp has the SDK's client sign in for the base scope, and come back for more
// when a tool demands it.
func (h *house) stepUp(t *testing.T) {
	t.Helper()
	v, err := h.visit(t)
	if err != nil {
		t.Fatal(err)
	}
	if v.sent != 0 {
		t.Errorf("the client was sent to sign in before it asked for anything")
	}
	_, err = v.Prompt(t.Context(), "summarize_notes")
	token, noToken := v.Token(t.Context())
	if noToken != nil {
		t.Fatalf("a prompt does not make the client sign in: %v, %v", err, noToken)
	}
	h.asUser(t, v, err)
	h.lacksScope(t, token)
	if _, err := v.CallTool(t.Context(), "delete_note", h.Delete); err != nil {
		t.Fatalf("delete_note after stepping up: %v", err)
	}
	if v.sent != 2 {
		t.Errorf("the browser was sent to sign in %d times, want 2", v.sent)
	}
	names, err := v.Tools(t.Context())
	if err != nil || !slices.Contains(names, "delete_note") {
		t.Errorf("the user lists %q, %v", names, err)
	}
}

// asUser gives v a session as the user who has just signed in. The server ends
// the one that a stranger began, where it keeps sessions: it must not become the
// user's. err is what became of the request that the user signed in for.
func (h *house) asUser(t *testing.T, v *visit, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if !strings.Contains(err.Error(), "session not found") {
		t.Fatalf("the request that the user signed in for: %v", err)
	}
	if v.Session, err = v.Again(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	if _, err := v.Prompt(t.Context(), "summarize_notes"); err != nil {
		t.Fatalf("a prompt of the user: %v", err)
	}
}

// lacksScope makes sure that token is refused the tool with a challenge that
// names all scopes of it (RFC 6750 §3.1).
func (h *house) lacksScope(t *testing.T, token string) {
	t.Helper()
	c := &probe.Client{URL: h.url(), Token: token}
	if a, err := c.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize: %+v, %v", a, err)
	}
	h.reads(t, c)
	a, err := c.CallTool(t.Context(), "delete_note", h.Delete)
	if err != nil {
		t.Fatal(err)
	}
	ch := a.Header.Get("WWW-Authenticate")
	if a.Status != http.StatusForbidden || !strings.Contains(ch, `error="insufficient_scope"`) || !strings.Contains(ch, `scope="notes:read notes:write"`) {
		t.Errorf("delete_note without its scope: %d, challenge %s", a.Status, ch)
	}
}
