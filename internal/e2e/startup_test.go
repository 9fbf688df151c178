package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mcp-migrate/mcp-migrate/internal/probe"
)

// startup makes sure that a server which was migrated for production does not
// start half configured: what is missing, a placeholder or malformed stops it with
// the name of the variable.
func (h *house) startup(t *testing.T) {
	t.Helper()
	for _, c := range []struct{ variable, value string }{
		{"MCP_RESOURCE_URL", ""},
		{"MCP_RESOURCE_URL", "mcp.acme.test/mcp"},
		{"MCP_RESOURCE_URL", "http://mcp.acme.test/mcp"}, // not https
		{"MCP_RESOURCE_URL", "https://<your host>/mcp"},
		{"MCP_RESOURCE_URL", "https://mcp.example.com/mcp"}, // as our own texts write it
		{"GITHUB_CLIENT_ID", ""},
		{"GITHUB_CLIENT_ID", "your-client-id"},
		{"GITHUB_CLIENT_SECRET", ""},
		{"GITHUB_CLIENT_SECRET", "<client secret>"},
		{"GITHUB_CLIENT_SECRET", "changeme"},
		{"GITHUB_BASE_URL", "http://github.acme.test"},
		{"MCP_SESSION_KEY", ""},
		{"MCP_SESSION_KEY", "changeme"},
		{"MCP_SESSION_KEY", strings.Repeat("A", 43) + "="}, // 32 zero bytes
	} {
		h.mustNotStart(t, c.variable, c.value)
	}
}

// mustNotStart starts the server with one variable set to value, and everything
// else as it should be.
func (h *house) mustNotStart(t *testing.T, variable, value string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	args, env := h.Run(h.port)
	env = slices.Concat(env, []string{"MCP_RESOURCE_URL=" + h.url()}, h.vars, []string{variable + "=" + value})
	r, err := probe.Run(ctx, h.dir, env, h.bin, args...)
	switch {
	case err != nil:
		t.Errorf("%s=%q: it started: %v", variable, value, err)
	case r.Code == 0:
		t.Errorf("%s=%q: it ended with 0", variable, value)
	case !strings.Contains(string(r.Stderr), variable):
		t.Errorf("%s=%q: stderr does not name the variable:\n%s", variable, value, r.Stderr)
	case value != "" && strings.Contains(variable, "SECRET") && strings.Contains(string(r.Stderr), value):
		t.Errorf("%s=%q: stderr holds the value:\n%s", variable, value, r.Stderr)
	}
}
