package e2e

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// prove calls the migrated server as a user, as strangers of several kinds, and
// again as the user: what strangers tried must have had no effect.
func (b *bed) prove(t *testing.T, p *probe.Process) {
	t.Helper()
	s, err := signin.Connect(t.Context(), signin.Options{
		URL:     b.url(),
		Browser: signin.Robot(map[string]string{"user": "ada", "code": devCode}),
	})
	if err != nil {
		t.Fatalf("%v\noutput of the server:\n%s", err, p.Output())
	}
	defer s.Close()
	token, err := s.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.served(t, s)
	b.verified(t, token)
	b.otherWays(t, token)
	b.spelled(t)
	b.openRoutes(t)
	if b.Prompts {
		b.promptsAndResources(t, token)
	}
	if b.Further != nil {
		b.further(t, token)
	}
	if b.SSE != nil && b.SSE.Args == nil {
		b.sse(t, token)
	}
	b.served(t, s)
	if strings.Contains(p.Output(), token) {
		t.Error("the server's output holds the user's token")
	}
}

// served makes sure that the signed-in user lists and calls tools.
func (b *bed) served(t *testing.T, s *signin.Session) {
	t.Helper()
	names, err := s.Tools(t.Context())
	if err != nil || !slices.Contains(names, b.ReadOnly) || !slices.Contains(names, "delete_note") {
		t.Fatalf("the user lists %q: %v", names, err)
	}
	text, err := s.CallTool(t.Context(), b.ReadOnly, nil)
	if err != nil || text == "" || !strings.Contains(text, b.Want) {
		t.Fatalf("the user calls %s: %q, %v; want %q", b.ReadOnly, text, err, b.Want)
	}
}

// verified holds the server against everything that verify knows, destructive
// tool included.
func (b *bed) verified(t *testing.T, token string) {
	t.Helper()
	r, err := probe.VerifyURL(t.Context(), probe.VerifyOptions{URL: b.url(), Token: token, Call: []string{"delete_note"}})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.Text(&text); err != nil {
		t.Fatal(err)
	}
	if !r.OK {
		t.Errorf("verify:\n%s", text.String())
	}
	if called := strings.Count(text.String(), "stranger: tools/call"); called < 2 {
		t.Errorf("verify tried %d tools, want at least 2:\n%s", called, text.String())
	}
}

// otherWays tries what verify does not: other paths, a task, the session of the
// user without the user's token.
func (b *bed) otherWays(t *testing.T, token string) {
	t.Helper()
	for _, path := range b.Also {
		c := &probe.Client{URL: "http://" + b.Addr(b.port) + path}
		a, err := c.CallTool(t.Context(), "delete_note", b.Delete)
		b.mustRefuse(t, "delete_note at "+path, a, err)
	}
	if b.Task != "" {
		c := &probe.Client{URL: b.url()}
		a, err := c.Call(t.Context(), "tools/call", map[string]any{"name": b.Task, "arguments": map[string]any{}, "task": map[string]any{}})
		b.mustRefuse(t, "task "+b.Task, a, err)
	}
	user := &probe.Client{URL: b.url(), Token: token}
	if a, err := user.Initialize(t.Context()); err != nil || a.Result == nil {
		t.Fatalf("initialize with a valid token: %+v, %v", a, err)
	}
	thief := &probe.Client{URL: b.url(), Session: user.Session}
	a, err := thief.CallTool(t.Context(), "delete_note", b.Delete)
	b.mustRefuse(t, "delete_note in the user's session without a token", a, err)
	thief.Token = token + "x"
	a, err = thief.CallTool(t.Context(), "delete_note", b.Delete)
	b.mustRefuse(t, "delete_note in the user's session with a wrong token", a, err)
}

// mustRefuse fails the test unless a is a refusal for want of a valid token.
func (b *bed) mustRefuse(t *testing.T, what string, a *probe.Answer, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if a.Status != http.StatusUnauthorized || a.Result != nil || len(probe.Bearer(a.Header)) != 1 {
		t.Errorf("%s: status %d, result %s; want 401 with a Bearer challenge", what, a.Status, a.Result)
	}
}

// openRoutes makes sure that the program's own routes answer as before.
func (b *bed) openRoutes(t *testing.T) {
	t.Helper()
	for _, path := range b.Open {
		a, err := (&probe.Client{URL: "http://" + b.Addr(b.port) + path}).Do(t.Context(), http.MethodGet)
		if err != nil || a.Status != http.StatusOK {
			t.Errorf("GET %s: %+v, %v; it was open before", path, a, err)
		}
	}
}

// promptsAndResources reads one of each, as the user and as a stranger.
func (b *bed) promptsAndResources(t *testing.T, token string) {
	t.Helper()
	user := &probe.Client{URL: b.url(), Token: token}
	if _, err := user.Initialize(t.Context()); err != nil {
		t.Fatal(err)
	}
	for method, params := range map[string]map[string]any{
		"prompts/get":    {"name": "summarize_notes"},
		"resources/read": {"uri": "notes://count"},
	} {
		a, err := user.Call(t.Context(), method, params)
		if err != nil || a.Result == nil {
			t.Errorf("%s of the user: %+v, %v", method, a, err)
		}
		a, err = (&probe.Client{URL: b.url()}).Call(t.Context(), method, params)
		b.mustRefuse(t, method, a, err)
	}
}
