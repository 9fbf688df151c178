package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mcp-migrate/mcp-migrate/internal/demo/servers"
	"github.com/mcp-migrate/mcp-migrate/internal/probe"
	"github.com/mcp-migrate/mcp-migrate/internal/probe/signin"
)

// A tool that somebody adds after the migration, and that nobody decided about: once
// the policy names tools it is refused and hidden, unless the answer was that what
// holds for all others holds for it.
func TestToolAddedLater(t *testing.T) {
	for answer, status := range map[string]int{"deny": http.StatusForbidden, "base": http.StatusOK} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			two <- struct{}{}
			defer func() { <-two }()
			s, err := servers.Find("mcpgo-flag")
			if err != nil {
				t.Fatal(err)
			}
			b := lay(t, s)
			b.migrate(t, 0, "--tool-scopes", "delete_*=notes:write", "--unlisted", answer, "--no-verify")
			b.addTool(t, "late")
			defer b.start(t).Stop()
			token, err := signin.Token(t.Context(), signin.Options{URL: b.url(), Browser: signin.Robot(map[string]string{"user": "ada", "code": devCode})})
			if err != nil {
				t.Fatal(err)
			}
			c := &probe.Client{URL: b.url(), Token: token}
			if a, err := c.Initialize(t.Context()); err != nil || a.Status != http.StatusOK {
				t.Fatalf("initialize: %+v, %v", a, err)
			}
			a, err := c.CallTool(t.Context(), "late", nil)
			if err != nil || a.Status != status {
				t.Errorf("the new tool: %+v, %v; want status %d", a, err, status)
			}
			list, err := c.Call(t.Context(), "tools/list", map[string]any{})
			if err != nil || strings.Contains(string(list.Result), `"late"`) != (status == http.StatusOK) {
				t.Errorf("the list: %s, %v", list.Result, err)
			}
		})
	}
}

// addTool adds a tool to the migrated server's source.
func (b *bed) addTool(t *testing.T, name string) {
	t.Helper()
	main := filepath.Join(b.dir, "main.go")
	src, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	tool := "\ts.AddTool(mcp.NewTool(\"" + name + "\"), func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {\n" +
		"\t\treturn mcp.NewToolResultText(\"here\"), nil\n\t})\n"
	out := bytes.Replace(src, []byte("\treturn s\n"), []byte(tool+"\treturn s\n"), 1)
	if bytes.Equal(out, src) {
		t.Fatal("no place for a tool")
	}
	if err := os.WriteFile(main, out, 0o644); err != nil {
		t.Fatal(err)
	}
}
